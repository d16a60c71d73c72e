// runtime/lab/timeline.cc
#include "runtime/lab/timeline.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "runtime/lab/page.h"

namespace interleave::lab {
namespace {

constexpr int kCellsPerTick = 6;
constexpr int kMostTicks = 10;
constexpr const char* kLegend = "# runs   ~ waits   . ready, not running   | ends";

// Tasks are set in below their thread.
std::string NameOf(const Lane& lane) { return (lane.is_task ? " " : "") + lane.name; }

}  // namespace

char Letter(Activity activity) {
  switch (activity) {
    case Activity::kRuns:
      return '#';
    case Activity::kWaits:
      return '~';
    case Activity::kReady:
      return '.';
  }
  return '?';
}

Axis MakeAxis(double length, bool in_steps) {
  Axis axis;
  axis.tick = in_steps ? 5 : 1e6;      // no finer than a millisecond
  const double steps[] = {2, 2.5, 2};  // 1, 2, 5, 10: each from the one before
  for (int i = in_steps ? 2 : 0; length > axis.tick * kMostTicks; ++i) axis.tick *= steps[i % 3];
  axis.ticks = std::max(1, static_cast<int>(std::ceil(length / axis.tick)));
  return axis;
}

std::string Axis::Label(int mark, bool in_steps) const {
  if (in_steps) return std::to_string(static_cast<std::int64_t>(mark * tick));
  const auto time = std::chrono::nanoseconds(std::llround(mark * tick));
  if (tick < 1e7) return std::to_string(time.count() / 1'000'000) + "ms";  // 0.005s is too wide
  std::string label = Seconds(time);
  label.erase(label.find(' '), 1);
  return label;
}

std::string TimelineText(const Lanes& lanes) {
  const Axis axis = MakeAxis(lanes.length, lanes.in_steps);
  const double cell = axis.tick / (lanes.in_steps ? 5 : kCellsPerTick);
  const auto column = [&](double position) {
    return static_cast<std::size_t>(std::lround(position / cell));
  };

  std::size_t name_width = 10;
  for (const Lane& lane : lanes.lanes) {
    name_width = std::max(name_width, NameOf(lane).size() + 2);
  }
  const std::string margin = "  ";

  std::string head = margin + Pad(lanes.in_steps ? "step" : "", name_width);
  for (int mark = 0; mark <= axis.ticks; ++mark) {
    const std::size_t at = margin.size() + name_width + column(mark * axis.tick);
    if (head.size() >= at && mark > 0) continue;  // it would touch the label before
    head = Pad(head, at) + axis.Label(mark, lanes.in_steps);
  }
  std::string page = WithoutTrailingSpaces(head) + "\n";
  for (const Lane& lane : lanes.lanes) {
    std::string cells(column(lane.ended), ' ');
    for (const Span& span : lane.spans) {
      for (std::size_t at = column(span.from); at < column(span.to); ++at) {
        cells[at] = Letter(span.activity);
      }
    }
    if (lane.has_ended) cells += '|';
    page += WithoutTrailingSpaces(margin + Pad(NameOf(lane), name_width) + cells) + "\n";
  }
  return page + margin + Pad("", name_width) + kLegend + "\n";
}

}  // namespace interleave::lab
