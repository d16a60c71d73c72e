// runtime/async/async_wait.h
//
// Waits until one of several tasks or futures is done, or all are, and says which:
//
//   auto [done, pending] = co_await Wait(tasks, ReturnWhen::kFirstCompleted, 2s);
//   for (TaskHandle<int>& task : pending) task.Cancel();
//
// Both parts are in the order of the argument. Nothing is cancelled and nothing is thrown, neither
// for tasks that failed nor when the time is over: it is the caller's to look. Empty input is
// std::invalid_argument.
//
// AsyncCompletions gives results in the order in which they come:
//
//   AsyncCompletions<int> results(tasks, 2s);
//   while (results.remaining() > 0) Print(co_await results.Next());

#ifndef INTERLEAVE_RUNTIME_ASYNC_ASYNC_WAIT_H_
#define INTERLEAVE_RUNTIME_ASYNC_ASYNC_WAIT_H_

#include <concepts>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "runtime/async/async_future.h"
#include "runtime/async/spawn.h"
#include "runtime/async/task.h"
#include "runtime/threads/wait.h"

namespace interleave {

template <typename Future>
struct AsyncWaited {
  std::vector<Future> done, pending;
};

// A callback of the caller's own, which it takes back; shared with those that have come to run.
template <typename F>
std::vector<std::pair<AnyFuture, Runnable*>> CallWhenDone(const std::vector<AnyFuture>& futures,
                                                          F callback) {
  std::vector<std::pair<AnyFuture, Runnable*>> added;
  for (const AnyFuture& future : futures) {
    auto& node = *new DoneCallback<F>(future.state(), callback);
    // One that is done has its callback in the ready queue, from where it is not taken back.
    if (!future.done()) added.emplace_back(future, &node);
    future.state().AddCallback(node);
  }
  return added;
}

// Those of futures that are not done yet.
inline void TakeBack(std::vector<std::pair<AnyFuture, Runnable*>>& added) {
  for (auto& [future, callback] : added) {
    if (future.done()) continue;
    future.state().RemoveCallback(*callback);
    callback->Drop();
  }
  added.clear();
}

template <std::derived_from<AnyFuture> Future>
Task<AsyncWaited<Future>> Wait(std::vector<Future> futures,
                               ReturnWhen when = ReturnWhen::kAllCompleted,
                               std::optional<EventLoop::Duration> timeout = {}) {
  if (futures.empty()) throw std::invalid_argument("Wait: there is nothing to wait for");
  AsyncFuture<void> enough;
  auto release = [enough]() mutable {
    if (!enough.done()) enough.SetResult();
  };
  Handle timer;
  if (timeout.has_value()) timer = EventLoop::Current().CallLater(*timeout, release);
  auto note = [release, when, left = std::make_shared<std::size_t>(futures.size())](
                  const AnyFuture& done) mutable {
    const bool failed = !done.cancelled() && done.state().error() != nullptr;
    if (--*left == 0 || when == ReturnWhen::kFirstCompleted ||
        (when == ReturnWhen::kFirstException && failed)) {
      release();
    }
  };
  struct AtEnd {
    Handle& timer;
    std::vector<std::pair<AnyFuture, Runnable*>> callbacks;
    ~AtEnd() {
      timer.Cancel();
      TakeBack(callbacks);
    }
  } at_end{timer, CallWhenDone({futures.begin(), futures.end()}, note)};
  co_await enough;
  AsyncWaited<Future> waited;
  for (Future& future : futures) {
    (future.done() ? waited.done : waited.pending).push_back(std::move(future));
  }
  co_return waited;
}

template <typename T>
class AsyncCompletions {
 public:
  // Coroutines are spawned.
  template <typename Awaited>
  explicit AsyncCompletions(std::vector<Awaited> all,
                            std::optional<EventLoop::Duration> timeout = {})
      : remaining_(all.size()) {
    std::vector<AnyFuture> futures;
    for (Awaited& one : all) futures.push_back(EnsureFuture(std::move(one)));
    callbacks_ = CallWhenDone(futures, [state = state_](const AnyFuture& done) {
      state->done.push_back(done);
      state->WakeAll();
    });
    if (timeout.has_value()) {
      timer_ = EventLoop::Current().CallLater(*timeout, [state = state_] {
        state->timed_out = true;
        state->WakeAll();
      });
    }
  }
  ~AsyncCompletions() {
    timer_.Cancel();
    TakeBack(callbacks_);
  }
  AsyncCompletions(const AsyncCompletions&) = delete;
  AsyncCompletions& operator=(const AsyncCompletions&) = delete;

  // How many Next have not been awaited.
  std::size_t remaining() const { return remaining_; }

  // The result of the next that is done; throws what that one threw.
  // Throws: TimedOut when the time is over and those done by then have been given out (the others
  // are not cancelled); std::out_of_range if there is no further one.
  Task<T> Next() {
    if (remaining_ == 0) throw std::out_of_range("AsyncCompletions::Next: all have been given out");
    while (state_->done.empty()) {
      if (state_->timed_out) {
        throw TimedOut(std::to_string(remaining_) + " futures are unfinished");
      }
      AsyncFuture<void> any;
      state_->waiting.push_back(any);
      co_await any;
    }
    const AsyncFuture<T> next(state_->done.front().state());
    state_->done.pop_front();
    --remaining_;
    co_return co_await next;
  }

 private:
  struct State {
    std::deque<AnyFuture> done;  // and not given out
    bool timed_out = false;
    std::vector<AsyncFuture<void>> waiting;
    void WakeAll() {
      for (AsyncFuture<void>& waits : std::exchange(waiting, {})) {
        if (!waits.done()) waits.SetResult();
      }
    }
  };
  std::size_t remaining_;
  const std::shared_ptr<State> state_ = std::make_shared<State>();
  std::vector<std::pair<AnyFuture, Runnable*>> callbacks_;
  Handle timer_;
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ASYNC_ASYNC_WAIT_H_
