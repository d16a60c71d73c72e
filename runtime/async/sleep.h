// runtime/async/sleep.h
//
//   co_await SleepFor(500ms);         // others run meanwhile
//   co_await SleepUntil(deadline);
//   co_await Yield();                 // whoever is ready goes first, then this task goes on
//
// std::this_thread::sleep_for in a task stops the whole loop. These stop the task only.
//
// Yield gives way for one iteration of the loop; a sleep of no time, or less, is the same. A long
// computation that yields now and then keeps the others alive.
//
// Cancellation: ends a sleep at once, and its timer is gone.

#ifndef INTERLEAVE_RUNTIME_ASYNC_SLEEP_H_
#define INTERLEAVE_RUNTIME_ASYNC_SLEEP_H_

#include <chrono>
#include <coroutine>
#include <string>

#include "runtime/async/event_loop.h"
#include "runtime/async/suspension.h"
#include "runtime/async/task_core.h"
#include "runtime/async/timer_heap.h"

namespace interleave {

class SleepAwaiter;

class [[nodiscard]] Sleep {
 public:
  explicit Sleep(EventLoop::TimePoint until) : until_(until) {}
  SleepAwaiter AwaitAt(unsigned line) const;

 private:
  EventLoop::TimePoint until_;
};

Sleep SleepFor(EventLoop::Duration duration);
Sleep SleepUntil(EventLoop::TimePoint until);

class YieldAwaiter;
YieldAwaiter Yield();

// ---- How it works -----------------------------------------------------------

// A timer that makes the task ready. asyncio's sleep is a future completed by a callback, so a
// sleeper goes on one iteration after a CallAt for the same time; here, too.
class SleepAwaiter final : public Suspension, private Timer {
 public:
  // Instead of a time: only yields.
  static constexpr EventLoop::TimePoint kNoTime = EventLoop::TimePoint::min();

  // Arms the timer at once, so that the awaiter need not keep `until`: a million may sleep.
  SleepAwaiter(EventLoop::TimePoint until, unsigned line);
  ~SleepAwaiter();
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<>);
  void await_resume() { End(); }
  CancelledWait Cancel(CancelWalk& walk) override;
  std::string Describe() const override { return "sleep"; }
  EventLoop::TimePoint due() const override;

 private:
  void Run() override;

  TaskCore* task_ = nullptr;  // null: no time to wait for, or the task was made ready
};

inline SleepAwaiter Sleep::AwaitAt(unsigned line) const { return SleepAwaiter(until_, line); }

[[noreturn]] void ThrowCancelled();
// In a task that goes on.
inline void ThrowIfCancelled() {
  if (running_now.task->TakeCancel()) ThrowCancelled();
}

class [[nodiscard]] YieldAwaiter : public Awaiter {
 public:
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<>) { running_now.loop->MakeReady(*running_now.task); }
  void await_resume() { ThrowIfCancelled(); }
};

inline YieldAwaiter Yield() { return {}; }

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ASYNC_SLEEP_H_
