// Lab 48, its clock.
#include "labs/48_crawler_say.h"

#include <chrono>
#include <cstdio>

#include "runtime/lab/log.h"

namespace {

using Clock = std::chrono::steady_clock;

Clock::time_point began;

}  // namespace

void StartTheClock() { began = Clock::now(); }

void Say(const std::string& what) {
  const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
  char time[20];
  std::snprintf(time, sizeof time, "%5.2f s  ", seconds);
  interleave::Print(time + what);
}
