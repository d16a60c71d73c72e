// runtime/threads/unfair_mutex.h
//
// FairMutex with one thing different, to be compared with it: unlocking frees the lock and wakes
// one of those who wait, and whoever comes first takes it. That is rarely the woken one: while it
// wakes up, the thread that has just unlocked can be back.
//
//   fair     unlock: waiting, so it is yours           the first in the line has the lock
//   unfair   unlock: it is free; wake somebody         who is there first has the lock
//
// Nothing is lost and nothing stands still: the lock is used all the time, which makes this the
// faster of the two by far. It only does not say who is next. std::mutex on Linux works like this.
//
// Threads: as FairMutex, but in no particular order.

#ifndef RUNTIME_THREADS_UNFAIR_MUTEX_H_
#define RUNTIME_THREADS_UNFAIR_MUTEX_H_

#include <condition_variable>
#include <mutex>

namespace interleave {

// For std::lock_guard, std::unique_lock and std::scoped_lock.
class UnfairMutex {
 public:
  UnfairMutex() = default;
  UnfairMutex(const UnfairMutex&) = delete;
  UnfairMutex& operator=(const UnfairMutex&) = delete;

  // Takes the lock as soon as this thread is the first to find it free.
  void lock();

  // Takes the lock if it is free.
  bool try_lock();

  // Frees the lock, and wakes one of those who wait for it.
  // Throws: std::logic_error if nobody holds it.
  void unlock();

 private:
  std::mutex mutex_;
  std::condition_variable freed_;
  bool locked_ = false;  // guarded by mutex_
};

}  // namespace interleave

#endif  // RUNTIME_THREADS_UNFAIR_MUTEX_H_
