// runtime/lab/sequence_svg.cc
#include <algorithm>
#include <cstddef>

#include "runtime/lab/sequence.h"
#include "runtime/lab/svg.h"

namespace interleave::lab {
namespace {

// All in pixels.
constexpr long kMargin = 16;
constexpr long kTop = 64;  // title and names
constexpr long kRowHeight = 22;
constexpr long kTimeColumn = 90;
constexpr long kLabelColumn = 220;
constexpr long kLeastColumn = 70;
constexpr long kBarWidth = 8;  // of a lifeline in a gap

// The tip of an arrow that comes to (x, y) from the left (-1) or from the right (1).
std::string Tip(long x, long y, long from) {
  return SvgLine(x, y, x + 7 * from, y - 4, "black") + SvgLine(x, y, x + 7 * from, y + 4, "black");
}

}  // namespace

std::string SequenceSvg(const Sequence& sequence, const std::string& title) {
  long width = kLeastColumn;
  for (const Sequence::Column& column : sequence.columns) {
    width = std::max(width, static_cast<long>(column.name.size() + 2) * kSvgCharacter);
  }
  const auto columns = static_cast<long>(sequence.columns.size());
  const auto x_of = [&](std::size_t column) {
    return kMargin + kTimeColumn + static_cast<long>(column) * width;
  };
  const long labels = kMargin + kTimeColumn + columns * width;
  const long bottom = kTop + static_cast<long>(sequence.rows.size()) * kRowHeight;

  std::string svg = SvgBegin(labels + kLabelColumn, bottom + kMargin) + SvgText(kMargin, 24, title);
  for (std::size_t i = 0; i < sequence.columns.size(); ++i) {
    svg += SvgText(x_of(i), kTop - 10, sequence.columns[i].name);
  }
  long y = kTop;
  for (const Sequence::Row& row : sequence.rows) {
    const long middle = y + kRowHeight / 2;
    for (std::size_t i = 0; i < sequence.columns.size(); ++i) {
      if (!sequence.Lives(i, row)) continue;
      const long x = x_of(i);
      if (row.is_message || !sequence.columns[i].is_thread) {
        svg += SvgLine(x, y, x, y + kRowHeight, "black");
      } else {
        svg += SvgBox(x - kBarWidth / 2, y, kBarWidth, kRowHeight, SvgColour(row.activities[i]),
                      row.what);
      }
    }
    if (row.is_message) {
      const long asker = x_of(row.asker), other = x_of(row.other);
      svg += SvgText(kMargin, middle + 4, TimeText(row.from));
      svg += SvgLine(asker, middle, other, middle, "black");
      svg += row.is_answer ? Tip(asker, middle, 1) : Tip(other, middle, -1);
    }
    svg += SvgText(labels, middle + 4, row.what);
    y += kRowHeight;
  }
  return svg + "</svg>\n";
}

}  // namespace interleave::lab
