// runtime/net/scatter.h
//
// Numbers that look drawn by lot and are the same each time: Scatter(1), Scatter(2), Scatter(3) ...
// share nothing that meets the eye. For latencies, made-up data and content of files.
//
// The mixing steps are those of SplitMix64 (Steele, Lea and Flood, 2014). Not for secrets.
//
// Threads: functions.

#ifndef INTERLEAVE_RUNTIME_NET_SCATTER_H_
#define INTERLEAVE_RUNTIME_NET_SCATTER_H_

#include <cstdint>
#include <string_view>

namespace interleave {

constexpr std::uint64_t Scatter(std::uint64_t number) {
  number += 0x9e3779b97f4a7c15;
  number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9;
  number = (number ^ (number >> 27)) * 0x94d049bb133111eb;
  return number ^ (number >> 31);
}

constexpr std::uint64_t Scatter(std::string_view text) {
  std::uint64_t number = text.size();
  for (const char c : text) number = Scatter(number ^ static_cast<unsigned char>(c));
  return number;
}

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_NET_SCATTER_H_
