// The boundary for time: every clock is the virtual one, every sleep a deadline on it.
#include <sched.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>

#include "runtime/engine/boundary.h"
#include "runtime/engine/real_time.h"
#include "runtime/engine/scheduler.h"
#include "runtime/engine/signals.h"

namespace interleave {
namespace {

std::atomic<double> real_time_scale{1.0};

INTERLEAVE_REAL(clock_gettime);
INTERLEAVE_REAL(time);
INTERLEAVE_REAL(timespec_get);
INTERLEAVE_REAL(nanosleep);
INTERLEAVE_REAL(clock_nanosleep);
INTERLEAVE_REAL(usleep);
INTERLEAVE_REAL(sleep);
INTERLEAVE_REAL(sched_yield);
constinit engine::Real<int(timeval*, void*)> real_gettimeofday{"gettimeofday"};

timespec Scaled(const timespec& duration) {
  double scale = real_time_scale.load(std::memory_order_relaxed);
  if (scale == 1.0) return duration;
  return engine::ToTimespec(
      static_cast<engine::Time>(static_cast<double>(engine::ToTime(duration)) * scale));
}

engine::Time Now() { return engine::scheduler.Clock().Now(); }

// How much of it is left: a signal may end a sleep.
engine::Time Sleep(engine::Time deadline, std::uintptr_t place) {
  engine::EngineScope scope;
  engine::TakeSignals();
  if (!engine::scheduler.Wait(StepKind::kSleep, nullptr, place, deadline, /*settles=*/true)) {
    return 0;
  }
  engine::Time left = deadline - Now();
  engine::signals.Deliver();
  return left;
}

int Interrupted(engine::Time left, timespec* remaining) {
  if (left > 0 && remaining != nullptr) *remaining = engine::ToTimespec(left);
  if (left > 0) errno = EINTR;
  return left > 0 ? -1 : 0;
}

// For somebody who asks again and again until it is late enough, time must pass.
engine::Time Look(std::uintptr_t place) {
  constexpr int kLooks = 1000;
  if (++engine::scheduler.Current().looks_at_clock % kLooks == 0) {
    engine::EngineScope scope;
    engine::scheduler.GiveWay(place);
  }
  return Now();
}

}  // namespace

void SetRealTimeScale(double scale) { real_time_scale.store(scale); }

}  // namespace interleave

using namespace interleave;
using engine::Inside;

INTERLEAVE_BOUNDARY int clock_gettime(clockid_t clock, timespec* now) noexcept {
  // Processor time is the program's own even in a simulation.
  if (!Inside() || clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID) {
    return real_clock_gettime(clock, now);
  }
  *now = engine::ToTimespec(Look(INTERLEAVE_PLACE));
  return 0;
}

INTERLEAVE_BOUNDARY int timespec_get(timespec* now, int base) noexcept {
  if (!Inside()) return real_timespec_get(now, base);
  *now = engine::ToTimespec(Look(INTERLEAVE_PLACE));
  return base;
}

INTERLEAVE_BOUNDARY int gettimeofday(timeval* now, void* zone) noexcept {
  if (!Inside()) return real_gettimeofday(now, zone);
  engine::Time time = Look(INTERLEAVE_PLACE);
  *now = {time / 1'000'000'000, time % 1'000'000'000 / 1000};
  return 0;
}

INTERLEAVE_BOUNDARY time_t time(time_t* result) noexcept {
  if (!Inside()) return real_time(result);
  time_t now = Look(INTERLEAVE_PLACE) / 1'000'000'000;
  if (result != nullptr) *result = now;
  return now;
}

INTERLEAVE_BOUNDARY int nanosleep(const timespec* duration, timespec* remaining) {
  if (!Inside()) {
    timespec scaled = Scaled(*duration);
    return real_nanosleep(&scaled, remaining);
  }
  return Interrupted(Sleep(Now() + engine::ToTime(*duration), INTERLEAVE_PLACE), remaining);
}

INTERLEAVE_BOUNDARY int clock_nanosleep(clockid_t clock, int flags, const timespec* when,
                                        timespec* remaining) {
  bool absolute = (flags & TIMER_ABSTIME) != 0;
  if (!Inside()) {
    timespec scaled = absolute ? *when : Scaled(*when);
    return real_clock_nanosleep(clock, flags, &scaled, remaining);
  }
  engine::Time deadline = absolute ? engine::ToTime(*when) : Now() + engine::ToTime(*when);
  int result = Interrupted(Sleep(deadline, INTERLEAVE_PLACE), absolute ? nullptr : remaining);
  return result == 0 ? 0 : EINTR;
}

INTERLEAVE_BOUNDARY int usleep(useconds_t microseconds) {
  if (!Inside()) return real_usleep(microseconds);
  engine::Time left = Sleep(Now() + engine::Time{microseconds} * 1000, INTERLEAVE_PLACE);
  return Interrupted(left, nullptr);
}

INTERLEAVE_BOUNDARY unsigned sleep(unsigned seconds) {
  if (!Inside()) return real_sleep(seconds);
  engine::Time left = Sleep(Now() + engine::Time{seconds} * 1'000'000'000, INTERLEAVE_PLACE);
  return static_cast<unsigned>((left + 999'999'999) / 1'000'000'000);
}

INTERLEAVE_BOUNDARY int sched_yield() noexcept {
  if (!Inside()) return real_sched_yield();
  engine::EngineScope scope;
  // A hint, no more: whoever yields may be the one who goes on. In a loop others come to their turn
  // all the same (Scheduler::Repeats).
  engine::scheduler.Look(StepKind::kYield, nullptr, INTERLEAVE_PLACE);
  return 0;
}
