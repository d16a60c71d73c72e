// Lab 47, a flag that threads wait for: a lock, a condition variable, a bool.
//
// Nothing is wrong here: each look at the bool and each change of it is under the lock.
#ifndef INTERLEAVE_LABS_47_HEISENBUG_HUNT_FLAG_H_
#define INTERLEAVE_LABS_47_HEISENBUG_HUNT_FLAG_H_

#include <condition_variable>
#include <mutex>

class Flag {
 public:
  void Set() { Change(true); }
  void Clear() { Change(false); }
  void WaitUntilSet() { WaitUntil(true); }
  void WaitUntilClear() { WaitUntil(false); }

 private:
  void Change(bool set) {
    std::lock_guard<std::mutex> lock(mutex_);
    set_ = set;
    changed_.notify_all();
  }

  void WaitUntil(bool set) {
    std::unique_lock<std::mutex> lock(mutex_);
    while (set_ != set) changed_.wait(lock);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool set_ = false;  // guarded by mutex_
};

#endif  // INTERLEAVE_LABS_47_HEISENBUG_HUNT_FLAG_H_
