// tests/engine/deadlines.h
//
// Absolute times for calls of POSIX and C11 that wait until one.
#ifndef INTERLEAVE_TESTS_ENGINE_DEADLINES_H_
#define INTERLEAVE_TESTS_ENGINE_DEADLINES_H_

#include <chrono>
#include <ctime>
#include <string>

namespace interleave {

// So far from now, by the system clock.
inline timespec In(std::chrono::nanoseconds duration) {
  timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  time.tv_sec += duration / std::chrono::seconds(1);
  time.tv_nsec += duration % std::chrono::seconds(1) / std::chrono::nanoseconds(1);
  return time;
}

// Since the simulation began, whole ones.
inline std::string Seconds() {
  timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  return std::to_string(time.tv_sec - 1);  // a simulation begins at 1
}

}  // namespace interleave

#endif  // INTERLEAVE_TESTS_ENGINE_DEADLINES_H_
