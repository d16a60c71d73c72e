#include "runtime/engine/standing.h"

#include "runtime/engine/recorder.h"
#include "runtime/engine/scheduler.h"

namespace interleave::engine {

void Standing::Add(Thread& thread, bool timed) {
  in_order_.push_back(&thread);
  all_.Add(thread.number);
  some_timed_ |= timed;
}

void Standing::Remove(Thread& thread) {
  std::erase(in_order_, &thread);
  all_.Remove(thread.number);
}

void Standing::Clear() {
  in_order_.clear();
  all_.Clear();
  some_timed_ = false;
}

// A trace wants to know of each thread who let it go on.
void Standing::MakeReady() {
  if (in_order_.empty()) return;
  if (!recorder.on) return scheduler.MakeReady(all_);
  for (Thread* thread : in_order_) scheduler.MakeReady(*thread);
}

// One whose deadline has come can go on all the same.
void Standing::MakeWait() {
  if (in_order_.empty()) return;
  if (!recorder.on && !some_timed_) return scheduler.MakeWait(all_);
  for (Thread* thread : in_order_) {
    scheduler.MakeWait(*thread);
    if (recorder.on) recorder.Blocks(*thread);
  }
}

}  // namespace interleave::engine
