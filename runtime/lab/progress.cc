// runtime/lab/progress.cc
#include "runtime/lab/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "runtime/engine/explore.h"
#include "runtime/lab/page.h"
#include "runtime/lab/standard_output.h"

namespace interleave {
namespace {

constexpr std::size_t kUsualColumns = 80;

bool TerminalMovesItsCursor() {
  const char* terminal = std::getenv("TERM");
  return isatty(lab::kStdout) != 0 && terminal != nullptr && std::string_view(terminal) != "dumb";
}

// Those of a window may change at any time.
std::size_t ColumnsOfTheTerminal() {
  winsize size{};
  const bool known = ioctl(lab::kStdout, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : kUsualColumns;
}

// The bytes of `total` that are there when `part` of `parts` are. The product may not fit into 64
// bits.
std::uint64_t Share(std::uint64_t total, std::uint64_t part, std::uint64_t parts) {
  return total / parts * part + total % parts * part / parts;
}

std::string Percent(std::uint64_t percent) {
  return lab::PadLeft(std::to_string(percent), 3) + " %";
}

int AtLeastOne(int lines) {
  if (lines < 1) throw std::invalid_argument("ProgressBars: at least one line for each");
  return lines;
}

}  // namespace

ProgressBars::ProgressBars(ProgressOptions options)
    : options_(options),
      redraws_(options.redraws.value_or(!InSimulation() && TerminalMovesItsCursor())) {
  AtLeastOne(options_.lines);
}

std::size_t ProgressBars::Add(std::string name, std::optional<int> lines) {
  std::lock_guard lock(mutex_);
  bars_.push_back({.name = std::move(name),
                   .total = {},
                   .lines = AtLeastOne(lines.value_or(options_.lines)),
                   .words = {}});
  if (redraws_) Draw();
  return bars_.size() - 1;
}

void ProgressBars::Update(std::size_t bar, std::uint64_t received,
                          std::optional<std::uint64_t> total) {
  std::lock_guard lock(mutex_);
  Bar& updated = bars_.at(bar);
  updated.received = received;
  updated.total = total;
  if (redraws_) {
    Draw();
    return;
  }
  const auto lines = static_cast<std::uint64_t>(updated.lines);
  while (total && updated.printed < updated.lines) {
    const auto next = static_cast<std::uint64_t>(updated.printed) + 1;
    if (received < Share(*total, next, lines)) break;
    ++updated.printed;
    PrintLine(updated, Percent(100 * next / lines));
  }
}

void ProgressBars::End(std::size_t bar, std::string words) {
  std::lock_guard lock(mutex_);
  Bar& ended = bars_.at(bar);
  ended.words = std::move(words);
  if (redraws_) {
    Draw();
  } else {
    PrintLine(ended, ended.words);
  }
}

std::size_t ProgressBars::NameWidth() const {
  std::size_t width = 0;
  for (const Bar& bar : bars_) width = std::max(width, bar.name.size());
  return width + 2;
}

void ProgressBars::PrintLine(const Bar& bar, const std::string& words) const {
  lab::WriteLine(lab::kStdout, bar.name + "  " + words);
}

std::string ProgressBars::Text(const Bar& bar) const {
  std::string text = lab::Pad(bar.name, NameWidth());
  char amounts[64];
  const double received = static_cast<double>(bar.received) / 1e6;
  if (bar.total) {
    const double share =
        *bar.total == 0 ? 1 : static_cast<double>(bar.received) / static_cast<double>(*bar.total);
    const double shown = std::clamp(share, 0.0, 1.0);  // a server may send more than it announced
    const auto cells = static_cast<std::size_t>(shown * lab::kBarWidth);
    text += "[" + std::string(cells, '#') + std::string(lab::kBarWidth - cells, '-') + "] " +
            Percent(static_cast<std::uint64_t>(100 * shown));
    std::snprintf(amounts, sizeof amounts, " %5.1f of %5.1f MB", received,
                  static_cast<double>(*bar.total) / 1e6);
  } else {
    std::snprintf(amounts, sizeof amounts, "%5.1f MB", received);
  }
  text += amounts;
  return bar.words.empty() ? text : text + "  " + bar.words;
}

// Goes up to the first bar and writes all of them anew, if one has changed.
void ProgressBars::Draw() {
  const std::size_t columns = options_.columns > 0 ? options_.columns : ColumnsOfTheTerminal();
  std::string picture;
  for (const Bar& bar : bars_) {
    // A line that the terminal broke in two would spoil the count.
    picture += "\033[K" + Text(bar).substr(0, columns - 1) + "\n";
  }
  if (picture == picture_) return;
  const std::string up = drawn_ > 0 ? "\033[" + std::to_string(drawn_) + "A\r" : "";
  lab::Write(lab::kStdout, up + picture);
  picture_ = std::move(picture);
  drawn_ = bars_.size();
}

}  // namespace interleave
