// runtime/threads/fair_mutex.cc

#include "runtime/threads/fair_mutex.h"

#include <chrono>
#include <mutex>
#include <stdexcept>

namespace interleave {

void FairMutex::lock() {
  std::unique_lock guard(mutex_);
  if (!locked_) {
    locked_ = true;
    return;
  }
  Waiter me;
  waiting_.push_back(&me);
  me.turn.wait(guard, [&] { return me.has_lock; });
}

bool FairMutex::try_lock() {
  std::lock_guard guard(mutex_);
  if (locked_) return false;
  locked_ = true;
  return true;
}

bool FairMutex::try_lock_for(std::chrono::nanoseconds timeout) {
  std::unique_lock guard(mutex_);
  if (!locked_) {
    locked_ = true;
    return true;
  }
  Waiter me;
  const auto place = waiting_.insert(waiting_.end(), &me);
  if (me.turn.wait_for(guard, timeout, [&] { return me.has_lock; })) return true;
  waiting_.erase(place);
  return false;
}

// A condition variable for each waiter, so that exactly the first is woken. It lives on that
// thread's stack, so it is notified while the mutex keeps its owner from leaving.
void FairMutex::unlock() {
  std::lock_guard guard(mutex_);
  if (!locked_) throw std::logic_error("FairMutex::unlock: nobody holds it");
  if (waiting_.empty()) {
    locked_ = false;
    return;
  }
  Waiter& next = *waiting_.front();
  waiting_.pop_front();
  next.has_lock = true;
  next.turn.notify_one();
}

}  // namespace interleave
