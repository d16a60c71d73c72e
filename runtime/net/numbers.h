// runtime/net/numbers.h
//
// A number that somebody else wrote: all of the text, or nothing.
//
//   ParseNumber<int>("42")      42
//   ParseNumber<int>("42x")     nothing; nor of "", " 42", "+42" or what does not fit
//
// Threads: a function.

#ifndef INTERLEAVE_RUNTIME_NET_NUMBERS_H_
#define INTERLEAVE_RUNTIME_NET_NUMBERS_H_

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace interleave {

template <typename Number>
std::optional<Number> ParseNumber(std::string_view text) {
  Number number{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_NET_NUMBERS_H_
