// runtime/lab/timeline_svg.cc
#include <algorithm>
#include <cmath>
#include <utility>

#include "runtime/lab/svg.h"
#include "runtime/lab/timeline.h"

namespace interleave::lab {
namespace {

// All in pixels.
constexpr int kMargin = 16;
constexpr int kLaneHeight = 28;
constexpr int kBarHeight = 18;
constexpr int kTop = 64;  // title and axis
constexpr int kPictureWidth = 960;

std::string Box(long x, long y, long width, Activity activity, const std::string& hint) {
  return SvgBox(x, y, width, kBarHeight, SvgColour(activity), hint);
}

}  // namespace

std::string TimelineSvg(const Lanes& lanes, const std::string& title) {
  const Axis axis = MakeAxis(lanes.length, lanes.in_steps);
  std::size_t longest_name = 4;
  for (const Lane& lane : lanes.lanes) {
    longest_name = std::max(longest_name, lane.name.size() + lane.is_task);
  }
  const long left = kMargin + static_cast<long>(longest_name + 2) * kSvgCharacter;
  const double scale = (kPictureWidth - left - 2 * kMargin) / (axis.ticks * axis.tick);
  const auto x_of = [&](double position) { return left + std::lround(position * scale); };
  const long bottom = kTop + static_cast<long>(lanes.lanes.size()) * kLaneHeight;

  std::string svg = SvgBegin(kPictureWidth, bottom + 40);
  svg += SvgText(kMargin, 24, title);
  for (int mark = 0; mark <= axis.ticks; ++mark) {
    const long x = x_of(mark * axis.tick);
    svg += SvgText(x, kTop - 14, axis.Label(mark, lanes.in_steps));
    svg += SvgLine(x, kTop - 8, x, bottom, "#eeeeee");
  }
  long y = kTop;
  for (const Lane& lane : lanes.lanes) {
    svg += SvgText(kMargin + (lane.is_task ? kSvgCharacter : 0), y + 14, lane.name);
    for (const Span& span : lane.spans) {
      const long x = x_of(span.from);
      svg += Box(x, y, std::max(1L, x_of(span.to) - x), span.activity, span.what);
    }
    if (lane.has_ended) {
      const long x = x_of(lane.ended);
      svg += SvgLine(x, y - 2, x, y + kBarHeight + 2, "black");
    }
    y += kLaneHeight;
  }
  long x = left;
  for (const auto& [activity, words] :
       {std::pair(Activity::kRuns, "runs"), std::pair(Activity::kWaits, "waits"),
        std::pair(Activity::kReady, "ready, not running")}) {
    svg += Box(x, bottom + 10, 18, activity, words) + SvgText(x + 26, bottom + 24, words);
    x += 120;
  }
  return svg + "</svg>\n";
}

}  // namespace interleave::lab
