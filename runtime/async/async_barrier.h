// runtime/async/async_barrier.h
//
// All or nobody goes on: each task that arrives waits until `parties` of them have, then all go on,
// and the barrier is ready for the next round.
//
//   AsyncBarrier barrier(3);
//   int place = co_await barrier.Wait();     // 0 for the first that arrived; 2 opened it
//
// Abort breaks it: who waits, and whoever comes later, gets BrokenBarrier, until Reset. Reset
// throws out those who wait, with BrokenBarrier.
//
// Threads: the loop's own. Cancellation: one who is cancelled while waiting just leaves.

#ifndef INTERLEAVE_RUNTIME_ASYNC_ASYNC_BARRIER_H_
#define INTERLEAVE_RUNTIME_ASYNC_ASYNC_BARRIER_H_

#include "runtime/async/async_condition.h"
#include "runtime/async/async_mutex.h"
#include "runtime/async/task.h"
#include "runtime/threads/barrier.h"

namespace interleave {

class AsyncBarrier {
 public:
  // Throws: std::invalid_argument if parties is less than 1.
  explicit AsyncBarrier(int parties);

  // Throws: BrokenBarrier.
  Task<int> Wait();
  Task<void> Reset();
  Task<void> Abort();

  int parties() const { return parties_; }
  int waiting() const { return state_ == State::kFilling ? arrived_ : 0; }
  bool broken() const { return state_ == State::kBroken; }

 private:
  enum class State { kFilling, kDraining, kResetting, kBroken };
  void LeaveOne();

  const int parties_;
  State state_ = State::kFilling;
  int arrived_ = 0;  // and not gone
  AsyncMutex mutex_;
  AsyncCondition changed_{mutex_};
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ASYNC_ASYNC_BARRIER_H_
