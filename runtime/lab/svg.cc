// runtime/lab/svg.cc
#include "runtime/lab/svg.h"

namespace interleave::lab {
namespace {

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

}  // namespace

const char* SvgColour(Activity activity) {
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

std::string SvgAttributes(std::initializer_list<std::pair<const char*, long>> attributes) {
  std::string text;
  for (const auto& [name, value] : attributes) {
    text += std::string(" ") + name + "=\"" + std::to_string(value) + "\"";
  }
  return text;
}

std::string SvgBegin(long width, long height) {
  return "<svg xmlns=\"http://www.w3.org/2000/svg\"" +
         SvgAttributes({{"width", width}, {"height", height}}) +
         " font-family=\"monospace\" font-size=\"13\">\n" +
         "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
}

std::string SvgText(long x, long y, const std::string& words) {
  return "<text" + SvgAttributes({{"x", x}, {"y", y}}) + ">" + Escaped(words) + "</text>\n";
}

std::string SvgLine(long x1, long y1, long x2, long y2, const char* colour) {
  return "<line" + SvgAttributes({{"x1", x1}, {"y1", y1}, {"x2", x2}, {"y2", y2}}) + " stroke=\"" +
         colour + "\"/>\n";
}

std::string SvgBox(long x, long y, long width, long height, const char* colour,
                   const std::string& hint) {
  return "<rect" + SvgAttributes({{"x", x}, {"y", y}, {"width", width}, {"height", height}}) +
         " fill=\"" + colour + "\"><title>" + Escaped(hint) + "</title></rect>\n";
}

}  // namespace interleave::lab
