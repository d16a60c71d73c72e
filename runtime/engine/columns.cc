#include "runtime/engine/columns.h"

#include <algorithm>

namespace interleave {

std::string Pad(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::string PadLeft(std::string text, std::size_t width) {
  if (text.size() < width) text.insert(0, width - text.size(), ' ');
  return text;
}

std::string WithoutTrailingSpaces(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

std::string Cut(std::string text, std::size_t width) {
  if (text.size() <= width) return text;
  if (width < 4) return text.substr(0, width);
  return text.substr(0, width - 3) + "...";
}

std::string CutName(std::string name, std::size_t width) {
  constexpr std::size_t kEnd = 3;
  if (name.size() <= width) return name;
  if (width < kEnd + 3) return name.substr(name.size() - width);
  return name.substr(0, width - kEnd - 2) + ".." + name.substr(name.size() - kEnd);
}

std::string Wrap(std::string_view first, std::string_view text, std::size_t width) {
  const std::string margin(first.size(), ' ');
  std::string page(first);
  std::size_t column = first.size();
  bool line_is_empty = true;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line_is_empty && column + 1 + word.size() > width) {
      while (!page.empty() && page.back() == ' ') page.pop_back();
      page += "\n" + margin;
      column = margin.size();
      line_is_empty = true;
    }
    if (!line_is_empty) {
      page += ' ';
      ++column;
    }
    page += word;
    column += word.size();
    line_is_empty = false;
  }
  return page + "\n";
}

std::string Grouped(std::int64_t number) {
  const std::string digits = std::to_string(number < 0 ? -number : number);
  std::string text = number < 0 ? "-" : "";
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string Counted(std::int64_t number, const std::string& noun) {
  return Grouped(number) + " " + noun + (number == 1 ? "" : "s");
}

}  // namespace interleave
