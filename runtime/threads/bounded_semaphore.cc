// runtime/threads/bounded_semaphore.cc

#include "runtime/threads/bounded_semaphore.h"

#include <chrono>
#include <mutex>
#include <stdexcept>
#include <string>

namespace interleave {
namespace {

int NotNegative(int limit) {
  if (limit < 0) {
    throw std::invalid_argument("BoundedSemaphore: the limit is " + std::to_string(limit) +
                                ", it must be at least 0");
  }
  return limit;
}

}  // namespace

BoundedSemaphore::BoundedSemaphore(int limit) : limit_(NotNegative(limit)), available_(limit) {}

void BoundedSemaphore::Acquire() {
  std::unique_lock lock(mutex_);
  released_.wait(lock, [this] { return available_ > 0; });
  --available_;
}

bool BoundedSemaphore::TryAcquire() {
  std::lock_guard lock(mutex_);
  if (available_ == 0) return false;
  --available_;
  return true;
}

bool BoundedSemaphore::AcquireFor(std::chrono::nanoseconds timeout) {
  std::unique_lock lock(mutex_);
  if (!released_.wait_for(lock, timeout, [this] { return available_ > 0; })) return false;
  --available_;
  return true;
}

// One release, one waiter. A waiter whose time runs out as it is notified still finds the one that
// was released, so the notification is not lost with it.
void BoundedSemaphore::Release() {
  std::lock_guard lock(mutex_);
  if (available_ == limit_) {
    throw std::invalid_argument("BoundedSemaphore::Release: all " + std::to_string(limit_) +
                                " are back already");
  }
  ++available_;
  released_.notify_one();
}

int BoundedSemaphore::available() const {
  std::lock_guard lock(mutex_);
  return available_;
}

}  // namespace interleave
