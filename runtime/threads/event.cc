// runtime/threads/event.cc

#include "runtime/threads/event.h"

#include <chrono>
#include <mutex>

namespace interleave {

// Notified with the mutex held: a waiter that is told so can destroy the event, and does so only
// after this thread has let go of it.
void Event::Set() {
  std::lock_guard lock(mutex_);
  if (set_) return;
  set_ = true;
  ++times_set_;
  set_again_.notify_all();
}

void Event::Clear() {
  std::lock_guard lock(mutex_);
  set_ = false;
}

bool Event::IsSet() const {
  std::lock_guard lock(mutex_);
  return set_;
}

void Event::Wait() {
  std::unique_lock lock(mutex_);
  if (set_) return;
  set_again_.wait(lock, [this, before = times_set_] { return times_set_ != before; });
}

bool Event::WaitFor(std::chrono::nanoseconds timeout) {
  std::unique_lock lock(mutex_);
  if (set_) return true;
  return set_again_.wait_for(lock, timeout,
                             [this, before = times_set_] { return times_set_ != before; });
}

}  // namespace interleave
