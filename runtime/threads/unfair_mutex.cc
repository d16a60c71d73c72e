// runtime/threads/unfair_mutex.cc

#include "runtime/threads/unfair_mutex.h"

#include <mutex>
#include <stdexcept>

namespace interleave {

void UnfairMutex::lock() {
  std::unique_lock guard(mutex_);
  freed_.wait(guard, [this] { return !locked_; });
  locked_ = true;
}

bool UnfairMutex::try_lock() {
  std::lock_guard guard(mutex_);
  if (locked_) return false;
  locked_ = true;
  return true;
}

void UnfairMutex::unlock() {
  {
    std::lock_guard guard(mutex_);
    if (!locked_) throw std::logic_error("UnfairMutex::unlock: nobody holds it");
    locked_ = false;
  }
  freed_.notify_one();
}

}  // namespace interleave
