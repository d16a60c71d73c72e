// runtime/async/timer_heap.h
//
// Which of a million sleepers wakes next? A heap answers in a few steps. This one has four children
// per node, which halves its height: what a heap of a million costs is cache misses, one per level.
// For the same reason an entry keeps the deadline beside the pointer, so that comparing two timers
// does not have to look at them. (libev does both; its heap was the fastest of those we measured.)
//
// Most timers are time-outs, and most time-outs are cancelled. A timer knows its place in the heap,
// so a cancelled one is taken out at once: nothing is left behind to be skipped later, and it can't
// decide how long the loop sleeps.
//
// Timers with the same deadline expire in the order in which they were armed.
//
// Threads: none of its own; a heap belongs to its loop's thread.

#ifndef INTERLEAVE_RUNTIME_ASYNC_TIMER_HEAP_H_
#define INTERLEAVE_RUNTIME_ASYNC_TIMER_HEAP_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/async/ready_queue.h"

namespace interleave {

// Something to be run at a time: Run() is called in the loop's iteration after it has expired.
class Timer : public Runnable {
 public:
  bool armed() const { return place_ != kNowhere; }

 private:
  friend class TimerHeap;
  static constexpr std::uint32_t kNowhere = ~std::uint32_t{0};
  std::uint32_t place_ = kNowhere;
};

class TimerHeap {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  bool empty() const { return entries_.empty(); }
  std::size_t size() const { return entries_.size(); }

  // REQUIRES: !empty().
  TimePoint first_deadline() const { return entries_.front().deadline; }

  // REQUIRES: !timer.armed().
  void Arm(Timer& timer, TimePoint deadline);

  // REQUIRES: timer.armed(), here.
  void Disarm(Timer& timer);
  TimePoint deadline(const Timer& timer) const { return entries_[timer.place_].deadline; }

  // Disarms the one that expires first and returns it. REQUIRES: !empty().
  Timer& Pop();

 private:
  struct Entry {
    TimePoint deadline;
    Timer* timer;
  };
  static bool Before(const Entry& a, const Entry& b) {
    return a.deadline != b.deadline ? a.deadline < b.deadline : a.timer->order_ < b.timer->order_;
  }
  void Put(std::size_t place, const Entry& entry) {
    entries_[place] = entry;
    entry.timer->place_ = static_cast<std::uint32_t>(place);
  }
  void MoveUp(std::size_t place, const Entry& entry);
  void MoveDown(std::size_t place, const Entry& entry);

  std::vector<Entry> entries_;  // no entry is before its parent, the one at (place - 1) / 4
  std::uint64_t armed_ = 0;     // how many there were
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ASYNC_TIMER_HEAP_H_
