// Lab 30: what its scenarios print stands behind the time since the scenario began.
#include <chrono>
#include <cstdio>
#include <string>

#include "runtime/lab/log.h"

namespace {

using Clock = std::chrono::steady_clock;

Clock::time_point began;

}  // namespace

void StartTheClock() { began = Clock::now(); }

void Say(const std::string& what) {
  const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
  char time[20];
  std::snprintf(time, sizeof time, "%4.1f s  ", seconds);
  interleave::Print(time + what);
}
