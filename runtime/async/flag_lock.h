// runtime/async/flag_lock.h
//
// A lock that is a flag, for what is held for a few instructions and hardly ever fought over: the
// lists that threads leave behind for each other when they end. It is no std::mutex because it is
// no business of whoever watches a program's locks; nothing of the program's order depends on it.

#ifndef INTERLEAVE_RUNTIME_ASYNC_FLAG_LOCK_H_
#define INTERLEAVE_RUNTIME_ASYNC_FLAG_LOCK_H_

#include <atomic>

namespace interleave {

class FlagLock {
 public:
  void lock() {
    while (held_.test_and_set(std::memory_order_acquire)) {
    }
  }
  void unlock() { held_.clear(std::memory_order_release); }

 private:
  std::atomic_flag held_;
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ASYNC_FLAG_LOCK_H_
