// runtime/engine/virtual_time.h
//
// The clock of a simulation stands still while anybody can run and jumps to the next deadline when
// everybody waits. One clock serves CLOCK_REALTIME, CLOCK_MONOTONIC and all their kin, so deadlines
// can be compared. It starts away from zero, because libraries take a time of 0 for "not set".
#ifndef INTERLEAVE_RUNTIME_ENGINE_VIRTUAL_TIME_H_
#define INTERLEAVE_RUNTIME_ENGINE_VIRTUAL_TIME_H_

#include <algorithm>
#include <cstdint>
#include <vector>

#include "runtime/engine/thread.h"

namespace interleave::engine {

class VirtualTime {
 public:
  void Reset(Time start) {
    now_ = start;
    heap_.clear();
    armed_ = 0;
  }

  Time Now() const { return now_; }

  void Pass(Time duration) { now_ += duration; }

  void PassUntil(Time time) { now_ = std::max(now_, time); }

  // The next deadline; kNever if no timer is armed.
  Time Next() {
    DropStale();
    return heap_.empty() ? kNever : heap_.front().deadline;
  }

  // Wakes `thread` at `deadline`; of equal deadlines the one armed first comes first.
  void Arm(Thread& thread, Time deadline) {
    thread.timer = ++armed_;
    thread.deadline = deadline;
    heap_.push_back({deadline, thread.timer, &thread});
    std::push_heap(heap_.begin(), heap_.end());
  }

  // The entry stays in the heap until its time, when its number no longer fits.
  void Disarm(Thread& thread) {
    thread.timer = 0;
    thread.deadline = kNever;
  }

  // Moves the clock to the next deadline and takes one thread whose deadline that is; null if no
  // timer is armed.
  Thread* Jump() {
    DropStale();
    if (heap_.empty()) return nullptr;
    now_ = std::max(now_, heap_.front().deadline);
    return Pop();
  }

  // A further thread whose deadline has come; null if there is none.
  Thread* Due() {
    DropStale();
    return heap_.empty() || heap_.front().deadline > now_ ? nullptr : Pop();
  }

 private:
  struct Timer {
    Time deadline;
    std::uint64_t number;
    Thread* thread;
    bool operator<(const Timer& other) const {  // std's heap has the largest in front
      return deadline != other.deadline ? deadline > other.deadline : number > other.number;
    }
  };

  void DropStale() {
    while (!heap_.empty() && heap_.front().thread->timer != heap_.front().number) {
      std::pop_heap(heap_.begin(), heap_.end());
      heap_.pop_back();
    }
  }

  Thread* Pop() {
    Thread* thread = heap_.front().thread;
    std::pop_heap(heap_.begin(), heap_.end());
    heap_.pop_back();
    Disarm(*thread);
    return thread;
  }

  Time now_ = 0;
  std::vector<Timer> heap_;
  std::uint64_t armed_ = 0;
};

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_VIRTUAL_TIME_H_
