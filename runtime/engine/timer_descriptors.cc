#include "runtime/engine/timer_descriptors.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

#include "runtime/engine/boundary.h"
#include "runtime/engine/descriptor_waits.h"
#include "runtime/engine/scheduler.h"

namespace interleave::engine {

TimerDescriptors timer_descriptors;

namespace {

INTERLEAVE_REAL(read);
INTERLEAVE_REAL(write);
INTERLEAVE_REAL(poll);

// Takes out what was not read.
void Drain(int fd) {
  pollfd wanted = {fd, POLLIN, 0};
  std::uint64_t expirations;
  if (real_poll(&wanted, 1, 0) > 0) (void)!real_read(fd, &expirations, sizeof expirations);
}

}  // namespace

const TimerDescriptors::Timer* TimerDescriptors::Find(int fd) const {
  auto found = std::find_if(timers_.begin(), timers_.end(),
                            [&](const Timer& timer) { return timer.fd == fd; });
  return found == timers_.end() ? nullptr : &*found;
}

bool TimerDescriptors::IsTimer(int fd) const { return Find(fd) != nullptr; }

void TimerDescriptors::Closed(int fd) {
  std::erase_if(timers_, [&](const Timer& timer) { return timer.fd == fd; });
}

void TimerDescriptors::Set(int fd, bool absolute, const itimerspec& value) {
  auto* timer = const_cast<Timer*>(Find(fd));
  Drain(fd);
  Time first = ToTime(value.it_value);
  Time now = scheduler.Clock().Now();
  timer->next = first == 0 ? kNever : absolute ? first : now + first;
  timer->interval = ToTime(value.it_interval);
  Fire(now);
}

itimerspec TimerDescriptors::Get(int fd) const {
  const Timer* timer = Find(fd);
  Time left = timer->next == kNever ? 0 : timer->next - scheduler.Clock().Now();
  return {ToTimespec(timer->interval), ToTimespec(left)};
}

Time TimerDescriptors::Next() const {
  Time next = kNever;
  for (const Timer& timer : timers_) {
    if (timer.next < next && descriptor_waits.Watches(timer.fd)) next = timer.next;
  }
  return next;
}

void TimerDescriptors::Fire(Time now) {
  for (Timer& timer : timers_) {
    if (timer.next > now) continue;
    std::uint64_t expirations = 1;
    if (timer.interval > 0) {
      expirations += static_cast<std::uint64_t>((now - timer.next) / timer.interval);
      timer.next += timer.interval * static_cast<Time>(expirations);
    } else {
      timer.next = kNever;
    }
    (void)!real_write(timer.fd, &expirations, sizeof expirations);
  }
}

}  // namespace interleave::engine
