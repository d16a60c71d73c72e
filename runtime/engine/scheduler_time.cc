// What the scheduler does when nobody can go on: it asks the kernel once more, then the clock
// moves.
#include <algorithm>

#include "runtime/engine/descriptor_waits.h"
#include "runtime/engine/scheduler.h"
#include "runtime/engine/signals.h"
#include "runtime/engine/step_trace.h"
#include "runtime/engine/timer_descriptors.h"

namespace interleave::engine {

// Nobody can go on. True: try again; false: nobody ever will.
bool Scheduler::PassTime() {
  if (descriptor_waits.Empty()) return WakeSleepers();
  CountSteps(1);
  if (step_trace.on) step_trace.Jump();
  if (signals_due.load(std::memory_order_relaxed)) signals.TakeArrived();
  if (descriptor_waits.Refresh()) return true;
  const Time now = clock_.Now();
  const Time next = std::min(clock_.Next(), timer_descriptors.Next());
  if (descriptor_waits.AwaitOthers(next == kNever ? kNever : next - now)) return true;
  if (next == kNever) return false;
  clock_.PassUntil(next);
  timer_descriptors.Fire(next);
  descriptor_waits.Refresh();
  if (clock_.Next() <= next) WakeSleepers();
  return true;
}

// All whose deadline is the next one.
bool Scheduler::WakeSleepers() {
  Thread* thread = clock_.Jump();
  if (thread == nullptr) return false;
  if (step_trace.on) step_trace.Jump();
  for (; thread != nullptr; thread = clock_.Due()) {
    thread->woken = false;
    thread->expired = true;
    if (thread->settles_at_deadline) {
      Settle(*thread);
    } else {
      ready_.Add(thread->number);
      if (step_trace.on) step_trace.Stands(*thread);
    }
  }
  return true;
}

}  // namespace interleave::engine
