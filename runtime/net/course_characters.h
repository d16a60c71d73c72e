// runtime/net/course_characters.h
//
// The cast of the course server: 826 characters in the form of rickandmortyapi.com, all made up
// here. Each has a latency of its own, so that answers to questions asked together come back in
// another order, and in the same one each time.
//
//   CharacterJson(3)      {"id": 3, "name": "Ines Quill", ...}
//   CharacterLatency(3)   80 ms to 250 ms; of the first ten 3 is the fastest and 5 the slowest
//
// Threads: functions.

#ifndef INTERLEAVE_RUNTIME_NET_COURSE_CHARACTERS_H_
#define INTERLEAVE_RUNTIME_NET_COURSE_CHARACTERS_H_

#include <chrono>
#include <nlohmann/json_fwd.hpp>

namespace interleave {

constexpr int kCharacters = 826;

// REQUIRES: 1 <= id <= kCharacters.
nlohmann::ordered_json CharacterJson(int id);

// Of any id.
std::chrono::nanoseconds CharacterLatency(int id);

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_NET_COURSE_CHARACTERS_H_
