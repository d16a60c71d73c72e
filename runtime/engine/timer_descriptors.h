// runtime/engine/timer_descriptors.h
//
// timerfd in virtual time. To the kernel each is an eventfd, so that it can be read, polled and put
// into an epoll set like any descriptor; when the virtual clock reaches its time, the number of
// expirations is written into it. Reading gives that number and sets it back to none, which is what
// an eventfd does as well.
#ifndef INTERLEAVE_RUNTIME_ENGINE_TIMER_DESCRIPTORS_H_
#define INTERLEAVE_RUNTIME_ENGINE_TIMER_DESCRIPTORS_H_

#include <time.h>

#include <vector>

#include "runtime/engine/thread.h"

namespace interleave::engine {

class TimerDescriptors {
 public:
  void BeginRun() { timers_.clear(); }
  void Add(int fd) { timers_.push_back({fd, kNever, 0}); }
  void Closed(int fd);

  bool IsTimer(int fd) const;

  // As the calls of these names. REQUIRES: IsTimer(fd).
  void Set(int fd, bool absolute, const itimerspec& value);
  itimerspec Get(int fd) const;

  // When the next one runs out for which somebody waits; kNever: none does.
  Time Next() const;

  // Writes into those whose time has come.
  void Fire(Time now);

 private:
  struct Timer {
    int fd;
    Time next;
    Time interval;  // 0: once
  };
  const Timer* Find(int fd) const;

  std::vector<Timer> timers_;
};

extern TimerDescriptors timer_descriptors;

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_TIMER_DESCRIPTORS_H_
