// runtime/lab/timeline_svg.cc
#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <utility>

#include "runtime/lab/page.h"
#include "runtime/lab/timeline.h"

namespace interleave::lab {
namespace {

// All in pixels.
constexpr int kMargin = 16;
constexpr int kCharacter = 8;  // of the 13-pixel monospaced font
constexpr int kLaneHeight = 28;
constexpr int kBarHeight = 18;
constexpr int kTop = 64;  // title and axis
constexpr int kPictureWidth = 960;

// Told apart with any colour vision (Okabe and Ito, 2008), and on paper by their lightness.
const char* Colour(Activity activity) {
  switch (activity) {
    case Activity::kRuns:
      return "#0072b2";
    case Activity::kWaits:
      return "#d9d9d9";
    case Activity::kReady:
      return "#e69f00";
  }
  return "";
}

std::string Escaped(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '&') {
      escaped += "&amp;";
    } else if (c == '<') {
      escaped += "&lt;";
    } else if (c == '>') {
      escaped += "&gt;";
    } else if (c == '"') {
      escaped += "&quot;";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

// x="1" y="2" for pairs of a name and a whole number.
std::string At(std::initializer_list<std::pair<const char*, long>> attributes) {
  std::string text;
  for (const auto& [name, value] : attributes) {
    text += std::string(" ") + name + "=\"" + std::to_string(value) + "\"";
  }
  return text;
}

std::string Text(long x, long y, const std::string& words) {
  return "<text" + At({{"x", x}, {"y", y}}) + ">" + Escaped(words) + "</text>\n";
}

std::string Box(long x, long y, long width, Activity activity, const std::string& hint) {
  return "<rect" + At({{"x", x}, {"y", y}, {"width", width}, {"height", kBarHeight}}) + " fill=\"" +
         Colour(activity) + "\"><title>" + Escaped(hint) + "</title></rect>\n";
}

std::string Line(long x, long top, long bottom, const char* colour) {
  return "<line" + At({{"x1", x}, {"y1", top}, {"x2", x}, {"y2", bottom}}) + " stroke=\"" + colour +
         "\"/>\n";
}

}  // namespace

std::string TimelineSvg(const Lanes& lanes, const std::string& title) {
  const Axis axis = MakeAxis(lanes.length, lanes.in_steps);
  std::size_t longest_name = 4;
  for (const Lane& lane : lanes.lanes)
    longest_name = std::max(longest_name, lane.name.size() + lane.is_task);
  const long left = kMargin + static_cast<long>(longest_name + 2) * kCharacter;
  const double scale = (kPictureWidth - left - 2 * kMargin) / (axis.ticks * axis.tick);
  const auto x_of = [&](double position) { return left + std::lround(position * scale); };
  const long bottom = kTop + static_cast<long>(lanes.lanes.size()) * kLaneHeight;

  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\"" +
                    At({{"width", kPictureWidth}, {"height", bottom + 40}}) +
                    " font-family=\"monospace\" font-size=\"13\">\n" +
                    "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
  svg += Text(kMargin, 24, title);
  for (int mark = 0; mark <= axis.ticks; ++mark) {
    const long x = x_of(mark * axis.tick);
    svg += Text(x, kTop - 14, axis.Label(mark, lanes.in_steps));
    svg += Line(x, kTop - 8, bottom, "#eeeeee");
  }
  long y = kTop;
  for (const Lane& lane : lanes.lanes) {
    svg += Text(kMargin + (lane.is_task ? kCharacter : 0), y + 14, lane.name);
    for (const Span& span : lane.spans) {
      const long x = x_of(span.from);
      svg += Box(x, y, std::max(1L, x_of(span.to) - x), span.activity, span.what);
    }
    if (lane.has_ended) svg += Line(x_of(lane.ended), y - 2, y + kBarHeight + 2, "black");
    y += kLaneHeight;
  }
  long x = left;
  for (const auto& [activity, words] :
       {std::pair(Activity::kRuns, "runs"), std::pair(Activity::kWaits, "waits"),
        std::pair(Activity::kReady, "ready, not running")}) {
    svg += Box(x, bottom + 10, 18, activity, words) + Text(x + 26, bottom + 24, words);
    x += 120;
  }
  return svg + "</svg>\n";
}

}  // namespace interleave::lab
