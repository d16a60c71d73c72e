#include "runtime/lab/elapsed.h"

#include <chrono>
#include <cstdio>

#include "runtime/lab/log.h"

namespace interleave {
namespace {

using Clock = std::chrono::steady_clock;

Clock::time_point began;
int shown_decimals;

}  // namespace

void StartTheClock(int decimals) {
  began = Clock::now();
  shown_decimals = decimals;
}

void Say(const std::string& what) {
  const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
  char time[20];
  std::snprintf(time, sizeof time, "%*.*f s  ", 3 + shown_decimals, shown_decimals, seconds);
  Print(time + what);
}

}  // namespace interleave
