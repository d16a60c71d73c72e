// runtime/async/async_condition.h
//
// Waits for a fact about what a mutex guards:
//
//   AsyncMutex mutex;
//   AsyncCondition not_empty(mutex);
//
//   AsyncMutexLock lock = co_await mutex.ScopedLock();
//   co_await not_empty.WaitUntil([&] { return !items.empty(); });
//
// Wait unlocks the mutex, sleeps until somebody notifies, and locks it again before it returns,
// also when it is cancelled. Notify wakes who has waited longest; a notification on its way to a
// task that is cancelled goes to the next.
//
// Threads: the loop's own. Wait, Notify and NotifyAll throw std::logic_error if the mutex is not
// locked.

#ifndef INTERLEAVE_RUNTIME_ASYNC_ASYNC_CONDITION_H_
#define INTERLEAVE_RUNTIME_ASYNC_ASYNC_CONDITION_H_

#include <limits>
#include <utility>

#include "runtime/async/async_mutex.h"
#include "runtime/async/task.h"
#include "runtime/async/waiting_tasks.h"

namespace interleave {

class AsyncCondition {
 public:
  // REQUIRES: mutex outlives this.
  explicit AsyncCondition(AsyncMutex& mutex) : mutex_(mutex) {}

  Task<void> Wait();
  // Waits until fact() is true.
  template <typename Fact>
  Task<void> WaitUntil(Fact fact) {
    while (!fact()) co_await Wait();
  }

  void Notify(int tasks = 1);
  void NotifyAll() { Notify(std::numeric_limits<int>::max()); }

 private:
  class Waiting;
  struct Request;
  void CheckLocked() const;

  AsyncMutex& mutex_;
  WaitingTasks waiting_;
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ASYNC_ASYNC_CONDITION_H_
