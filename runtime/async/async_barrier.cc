// runtime/async/async_barrier.cc

#include "runtime/async/async_barrier.h"

#include <stdexcept>
#include <string>

namespace interleave {

AsyncBarrier::AsyncBarrier(int parties) : parties_(parties) {
  if (parties < 1) {
    throw std::invalid_argument("AsyncBarrier: parties is " + std::to_string(parties) +
                                ", it must be at least 1");
  }
}

// The last to leave makes room for the next round.
void AsyncBarrier::LeaveOne() {
  --arrived_;
  if (arrived_ > 0) return;
  if (state_ == State::kDraining || state_ == State::kResetting) state_ = State::kFilling;
  changed_.NotifyAll();
}

Task<int> AsyncBarrier::Wait() {
  const AsyncMutexLock lock = co_await mutex_.ScopedLock();
  auto open = [this] { return state_ != State::kDraining && state_ != State::kResetting; };
  co_await changed_.WaitUntil(open);
  if (broken()) throw BrokenBarrier("AsyncBarrier::Wait: the barrier is broken");
  const int place = arrived_++;
  struct LeaveAtEnd {
    AsyncBarrier& barrier;
    ~LeaveAtEnd() { barrier.LeaveOne(); }
  } leave{*this};
  if (arrived_ == parties_) {
    state_ = State::kDraining;
    changed_.NotifyAll();
  } else {
    auto decided = [this] { return state_ != State::kFilling; };
    co_await changed_.WaitUntil(decided);
    if (state_ != State::kDraining) {
      throw BrokenBarrier("AsyncBarrier::Wait: the barrier was aborted or reset");
    }
  }
  co_return place;
}

Task<void> AsyncBarrier::Reset() {
  const AsyncMutexLock lock = co_await mutex_.ScopedLock();
  if (arrived_ == 0) {
    state_ = State::kFilling;
  } else if (state_ != State::kResetting) {
    state_ = State::kResetting;
  }
  changed_.NotifyAll();
}

Task<void> AsyncBarrier::Abort() {
  const AsyncMutexLock lock = co_await mutex_.ScopedLock();
  state_ = State::kBroken;
  changed_.NotifyAll();
}

}  // namespace interleave
