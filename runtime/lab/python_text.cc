// runtime/lab/python_text.cc
#include "runtime/lab/python_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace interleave {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kDeepest = 1000;

// repr() turns to exponents below 0.0001 and from 1e16 on.
constexpr int kLeastPlain = -4, kMostPlain = 16;

std::string Escape(const char* format, std::uint32_t number) {
  char text[16];
  std::snprintf(text, sizeof text, format, static_cast<unsigned>(number));
  return text;
}

// What both bytes and text have for an ASCII character; `quote` is the one around them.
std::string AsciiText(char c, char quote) {
  switch (c) {
    case '\\':
      return "\\\\";
    case '\t':
      return "\\t";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
  }
  if (c == quote) return {'\\', c};
  if (c < ' ' || c == 0x7f) return Escape("\\x%02x", static_cast<unsigned char>(c));
  return {c};
}

char QuoteFor(std::string_view text) {
  const bool apostrophe = text.find('\'') != text.npos, quote = text.find('"') != text.npos;
  return apostrophe && !quote ? '"' : '\'';
}

// A code point at the start of `text` and how many bytes it has; length 0 if that is no UTF-8.
struct CodePoint {
  std::uint32_t value = 0;
  std::size_t length = 0;
};

CodePoint Decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  static constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};  // by length
  const std::size_t length = byte(0) < 0x80           ? 1
                             : (byte(0) >> 5) == 0x06 ? 2
                             : (byte(0) >> 4) == 0x0e ? 3
                             : (byte(0) >> 3) == 0x1e ? 4
                                                      : 0;
  if (length == 0 || length > text.size()) return {};
  if (length == 1) return {byte(0), 1};
  std::uint32_t value = byte(0) & (0x7f >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) >> 6) != 2) return {};
    value = (value << 6) | (byte(i) & 0x3f);
  }
  const bool surrogate = value >= 0xd800 && value <= 0xdfff;
  if (value < kLeast[length] || value > 0x10ffff || surrogate) return {};
  return {value, length};
}

// Control and format characters, spaces other than ' ', and private use: the general categories
// Cc, Cf, Zs, Zl, Zp and Co of Unicode 14, beyond ASCII.
bool IsPrintable(std::uint32_t code_point) {
  static constexpr struct {
    std::uint32_t first, last;
  } kNot[] = {{0x80, 0xa0},       {0xad, 0xad},       {0x600, 0x605},      {0x61c, 0x61c},
              {0x6dd, 0x6dd},     {0x70f, 0x70f},     {0x890, 0x891},      {0x8e2, 0x8e2},
              {0x1680, 0x1680},   {0x180e, 0x180e},   {0x2000, 0x200f},    {0x2028, 0x202f},
              {0x205f, 0x2064},   {0x2066, 0x206f},   {0x3000, 0x3000},    {0xe000, 0xf8ff},
              {0xfeff, 0xfeff},   {0xfff9, 0xfffb},   {0x110bd, 0x110bd},  {0x110cd, 0x110cd},
              {0x13430, 0x13438}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a},  {0xe0001, 0xe0001},
              {0xe0020, 0xe007f}, {0xf0000, 0xffffd}, {0x100000, 0x10fffd}};
  return std::none_of(std::begin(kNot), std::end(kNot), [&](const auto& range) {
    return range.first <= code_point && code_point <= range.last;
  });
}

std::string Escaped(std::uint32_t code_point) {
  return code_point <= 0xff     ? Escape("\\x%02x", code_point)
         : code_point <= 0xffff ? Escape("\\u%04x", code_point)
                                : Escape("\\U%08x", code_point);
}

void Append(std::string& text, const Json& value, int depth) {
  if (depth > kDeepest) {
    throw std::length_error("a value that is nested more than 1000 deep has no printed form");
  }
  const bool is_dict = value.is_object();
  if (!is_dict && !value.is_array()) {
    text += value.is_null()           ? "None"
            : value.is_boolean()      ? (value.get<bool>() ? "True" : "False")
            : value.is_string()       ? PythonString(value.get_ref<const std::string&>())
            : value.is_number_float() ? PythonFloat(value.get<double>())
                                      : value.dump();  // a whole number
    return;
  }
  text += is_dict ? '{' : '[';
  const char* separator = "";
  for (const auto& [key, element] : value.items()) {
    text += separator;
    if (is_dict) text += PythonString(key) + ": ";
    Append(text, element, depth + 1);
    separator = ", ";
  }
  text += is_dict ? '}' : ']';
}

}  // namespace

std::string PythonFloat(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number < 0 ? "-inf" : "inf";
  // The shortest digits in the form "d.ddde-05", and from these the layout that Python chooses.
  char buffer[32];
  const char* end =
      std::to_chars(buffer, std::end(buffer), number, std::chars_format::scientific).ptr;
  const std::string scientific(static_cast<const char*>(buffer), end);
  const std::size_t e = scientific.find('e');
  const int exponent = std::atoi(scientific.c_str() + e + 1);
  if (exponent < kLeastPlain || exponent >= kMostPlain) return scientific;

  const std::string sign = std::signbit(number) ? "-" : "";
  std::string digits = scientific.substr(sign.size(), e - sign.size());
  std::erase(digits, '.');
  if (exponent < 0) return sign + "0." + std::string(-exponent - 1, '0') + digits;
  const auto whole = static_cast<std::size_t>(exponent) + 1;
  if (digits.size() <= whole) digits.append(whole + 1 - digits.size(), '0');
  return sign + digits.insert(whole, ".");
}

std::string PythonBytes(std::string_view bytes) {
  const char quote = QuoteFor(bytes);
  std::string text = {'b', quote};
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += byte < 0x80 ? AsciiText(c, quote) : Escape("\\x%02x", byte);
  }
  return text + quote;
}

std::string PythonString(std::string_view text) {
  const char quote = QuoteFor(text);
  std::string form = {quote};
  while (!text.empty()) {
    const auto byte = static_cast<unsigned char>(text.front());
    const auto [code_point, length] = Decode(text);
    if (length == 0) {
      form += Escaped(0xdc00 + byte);
    } else if (length == 1) {
      form += AsciiText(text.front(), quote);
    } else if (IsPrintable(code_point)) {
      form += text.substr(0, length);
    } else {
      form += Escaped(code_point);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return form + quote;
}

std::string PythonValue(const Json& value) {
  std::string text;
  Append(text, value, 0);
  return text;
}

std::string PythonList(const std::vector<std::string>& elements) {
  std::string text = "[";
  for (const std::string& element : elements) text += (text.size() > 1 ? ", " : "") + element;
  return text + "]";
}

std::string PythonResponse(int status) { return "<Response [" + std::to_string(status) + "]>"; }

}  // namespace interleave
