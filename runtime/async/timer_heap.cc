// runtime/async/timer_heap.cc

#include "runtime/async/timer_heap.h"

#include <algorithm>

namespace interleave {

void TimerHeap::MoveUp(std::size_t place, const Entry& entry) {
  while (place > 0) {
    const std::size_t parent = (place - 1) / 4;
    if (!Before(entry, entries_[parent])) break;
    Put(place, entries_[parent]);
    place = parent;
  }
  Put(place, entry);
}

void TimerHeap::MoveDown(std::size_t place, const Entry& entry) {
  while (true) {
    const std::size_t first_child = 4 * place + 1;
    if (first_child >= entries_.size()) break;
    std::size_t least = first_child;
    const std::size_t end = std::min(first_child + 4, entries_.size());
    for (std::size_t child = first_child + 1; child < end; ++child) {
      if (Before(entries_[child], entries_[least])) least = child;
    }
    if (!Before(entries_[least], entry)) break;
    Put(place, entries_[least]);
    place = least;
  }
  Put(place, entry);
}

void TimerHeap::Arm(Timer& timer, TimePoint deadline) {
  timer.order_ = ++armed_;
  const Entry entry{deadline, &timer};
  entries_.push_back(entry);
  MoveUp(entries_.size() - 1, entry);
}

void TimerHeap::Disarm(Timer& timer) {
  const std::size_t place = timer.place_;
  timer.place_ = Timer::kNowhere;
  const Entry last = entries_.back();
  entries_.pop_back();
  if (place == entries_.size()) return;  // it was the last
  if (place > 0 && Before(last, entries_[(place - 1) / 4])) {
    MoveUp(place, last);
  } else {
    MoveDown(place, last);
  }
}

Timer& TimerHeap::Pop() {
  Timer& first = *entries_.front().timer;
  Disarm(first);
  return first;
}

}  // namespace interleave
