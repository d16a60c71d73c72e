// runtime/async/timeout.h
//
// How long is too long?
//
//   Page page = co_await WaitFor(Fetch(url), 2s);       // throws TimedOut after two seconds
//
//   Timeout limit(2s);                                  // for several steps together
//   co_await limit.Run([&]() -> Task<void> {
//     co_await Connect();
//     limit.Reschedule(EventLoop::Clock::now() + 10s);  // connected: it may take longer
//     co_await Download();
//   });
//
// When the time is over, what runs inside is cancelled: it sees TaskCancelled, may clean up, and
// the caller gets TimedOut when it has really ended, which may be later. Time-outs nest; each turns
// only its own cancellation into TimedOut, so one from outside passes through.

#ifndef INTERLEAVE_RUNTIME_ASYNC_TIMEOUT_H_
#define INTERLEAVE_RUNTIME_ASYNC_TIMEOUT_H_

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "runtime/async/async_future.h"
#include "runtime/async/spawn.h"
#include "runtime/async/task.h"

namespace interleave {

// REQUIRES: outlives its Run.
class Timeout {
 public:
  using TimePoint = EventLoop::TimePoint;

  // None: as long as it takes.
  explicit Timeout(std::optional<EventLoop::Duration> limit);
  Timeout(const Timeout&) = delete;
  Timeout& operator=(const Timeout&) = delete;

  // Runs the body in this task. Throws: TimedOut; what the body throws; std::logic_error if it has
  // been used before.
  template <typename T>
  Task<T> Run(Task<T> body);
  // Of coroutine(), which is kept meanwhile: a lambda may capture.
  template <typename F>
  requires std::is_invocable_v<F&> std::invoke_result_t<F&> Run(F coroutine);

  // When it will expire, or did.
  std::optional<TimePoint> when() const { return when_; }
  // Throws: std::logic_error if it does not run.
  void Reschedule(std::optional<TimePoint> when);
  bool expired() const { return state_ == State::kExpiring || state_ == State::kExpired; }

 private:
  enum class State { kCreated, kRunning, kExpiring, kExpired, kEnded };
  void Enter();
  // Whether what the body threw is TimedOut.
  bool Leave(bool body_was_cancelled);
  void Expire();

  std::optional<TimePoint> when_;
  State state_ = State::kCreated;
  AnyTask task_;              // that runs the body
  int cancelled_before_ = 0;  // its cancellations when the body began
  Handle timer_;
};

// The result of `awaited`, a Task, TaskHandle or AsyncFuture, which is cancelled when the time is
// over. Nothing to wait for is left if the limit is 0 or less: then it must be done. None: waits as
// long as it takes.
template <typename Awaited>
auto WaitFor(Awaited awaited, std::optional<EventLoop::Duration> limit)
    -> Task<typename Awaited::Result>;

// ---- How it works -----------------------------------------------------------

template <typename T>
Task<T> Timeout::Run(Task<T> body) {
  Enter();
  bool cancelled = false;
  std::exception_ptr error;
  Outcome<T> outcome;
  try {
    if constexpr (std::is_void_v<T>) {
      co_await body;
    } else {
      outcome.SetValue(co_await body);
    }
  } catch (const TaskCancelled&) {
    cancelled = true;
    error = std::current_exception();
  } catch (...) {
    error = std::current_exception();
  }
  if (Leave(cancelled)) throw TimedOut("the time is up");
  if (error != nullptr) std::rethrow_exception(error);
  co_return std::move(outcome).value();
}

template <typename F>
requires std::is_invocable_v<F&> std::invoke_result_t<F&> Timeout::Run(F coroutine) {
  co_return co_await Run(coroutine());
}

template <typename Awaited>
auto WaitFor(Awaited awaited, std::optional<EventLoop::Duration> limit)
    -> Task<typename Awaited::Result> {
  using T = typename Awaited::Result;
  if (limit.has_value() && *limit <= EventLoop::Duration(0)) {
    AsyncFuture<T> future = EnsureFuture(std::move(awaited));
    if (!future.done()) {
      future.Cancel();
      try {
        co_await future;
      } catch (const TaskCancelled&) {
        if (!future.cancelled()) throw;
      }
      if (!future.done() || future.cancelled()) throw TimedOut("the time is up");
    }
    co_return co_await future;
  }
  Timeout timeout(limit);
  if constexpr (kIsTask<Awaited>) {
    co_return co_await timeout.Run(std::move(awaited));
  } else {
    auto wait = [](Awaited awaited) -> Task<T> { co_return co_await awaited; };
    co_return co_await timeout.Run(wait(awaited));
  }
}

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ASYNC_TIMEOUT_H_
