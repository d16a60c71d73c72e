// runtime/lab/page.cc
#include "runtime/lab/page.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace interleave::lab {
namespace {

bool colour = false;

}  // namespace

std::string Wrap(std::string_view first, std::string_view text) {
  return interleave::Wrap(first, text, kPageWidth);
}

std::string OneLine(std::string_view text) {
  constexpr std::size_t kStart = 60, kEnd = 20;
  std::string line;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    std::string word(text.substr(0, end));
    text.remove_prefix(end);
    for (char& c : word) {
      if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = '?';
    }
    if (word.size() > kLongestWord) {
      word.replace(kStart, word.size() - kStart - kEnd, "...");
    }
    line += word;
    if (text.empty()) break;
    line += ' ';
    text.remove_prefix(1);
  }
  return line;
}

std::string Indent(std::string_view text) {
  std::string page;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) page += "  ";
    page += text.substr(0, end);
    page += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return page;
}

std::string Seconds(std::chrono::nanoseconds duration) {
  const std::int64_t micros =
      std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
  std::string text = std::to_string(micros / 1'000'000);
  std::string fraction = PadLeft(std::to_string(micros % 1'000'000), 6);
  std::replace(fraction.begin(), fraction.end(), ' ', '0');
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  if (!fraction.empty()) text += "." + fraction;
  return text + " s";
}

std::string Bar(double share) {
  const auto length = static_cast<std::size_t>(std::lround(share * kBarWidth));
  return std::string(std::clamp<std::size_t>(length, 1, kBarWidth), '#');
}

void UseColour(bool on) { colour = on; }

bool TerminalWantsColour(int fd) {
  const char* no_color = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  return isatty(fd) == 1 && (no_color == nullptr || *no_color == '\0') && terminal != nullptr &&
         std::string_view(terminal) != "dumb";
}

std::string Bold(const std::string& text) { return colour ? "\033[1m" + text + "\033[0m" : text; }

std::string Alarm(const std::string& text) {
  return colour && !text.empty() ? "\033[31m" + text + "\033[0m" : text;
}

}  // namespace interleave::lab
