// runtime/async/offload.h
//
// A call that blocks would stop the loop and everybody on it. Give it away:
//
//   std::string page = co_await Offload(FetchAndWait, url);
//   Image small = co_await Offload(pool, Shrink, std::move(image));
//
// The function runs on a thread of the pool (without one: a pool of the loop's own), and the result
// or exception comes back to the loop. The values of context variables go along. Arguments are
// copied or moved.
//
// And the other way round, for a thread that needs something from the loop:
//
//   Future<int> answer = RunFromThread(loop, Lookup("1"));   // starts it there
//   int n = answer.Get();                                    // this thread waits
//
// Cancellation: a job that has not begun is not run; one that runs goes on, but nobody waits for
// it. Cancelling the Future cancels the task, and a task that is cancelled gives its Future
// Cancelled.

#ifndef INTERLEAVE_RUNTIME_ASYNC_OFFLOAD_H_
#define INTERLEAVE_RUNTIME_ASYNC_OFFLOAD_H_

#include <exception>
#include <functional>
#include <memory>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "runtime/async/async_future.h"
#include "runtime/async/context.h"
#include "runtime/async/event_loop.h"
#include "runtime/async/spawn.h"
#include "runtime/async/task.h"
#include "runtime/threads/future.h"
#include "runtime/threads/thread_pool.h"

namespace interleave {

// ---- How it works -----------------------------------------------------------

// The right to complete a future of a loop from another thread, once. Unused, it cancels the
// future: the job was dropped.
template <typename T>
class OutsideReply {
 public:
  explicit OutsideReply(const AsyncFuture<T>& future)
      : loop_(&future.loop()),
        inbox_(loop_->inbox()),
        number_(loop_->KeepForOutside(future.state())) {}
  OutsideReply(OutsideReply&& other) noexcept = default;
  ~OutsideReply() {
    if (inbox_ == nullptr) return;
    Outcome<T> none;
    none.SetError(std::make_exception_ptr(TaskCancelled("the job was dropped")));
    Send(std::move(none));
  }

  // Does nothing if the loop is closed.
  void Send(Outcome<T> outcome) {
    const std::shared_ptr<LoopInbox> inbox = std::move(inbox_);
    inbox->Post([loop = loop_, number = number_, outcome = std::move(outcome)]() mutable {
      const SharedState<Completion> kept = loop->TakeFromOutside(number);
      AsyncFuture<T> future(*kept);
      if (future.done()) return;  // cancelled meanwhile
      try {
        if constexpr (std::is_void_v<T>) {
          outcome.value();
          future.SetResult();
        } else {
          future.SetResult(std::move(outcome).value());
        }
      } catch (const TaskCancelled& cancelled) {
        future.Cancel(cancelled.message());
      } catch (...) {
        future.SetException(std::current_exception());
      }
    });
  }

 private:
  EventLoop* loop_;  // used on its own thread only
  std::shared_ptr<LoopInbox> inbox_;
  std::uint64_t number_;
};

// ---- The functions ----------------------------------------------------------

// Throws: std::logic_error if no loop runs, or if the pool has been shut down.
template <typename F, typename... Args>
auto Offload(ThreadPool& pool, F&& function, Args&&... args) {
  using T = std::invoke_result_t<std::decay_t<F>, std::decay_t<Args>...>;
  AsyncFuture<T> future;
  auto job = [reply = OutsideReply<T>(future), context = CurrentContext(),
              function = std::decay_t<F>(std::forward<F>(function)),
              args = std::make_tuple(std::forward<Args>(args)...)]() mutable {
    Outcome<T> outcome;
    {
      const ContextScope scope(std::move(context));
      try {
        if constexpr (std::is_void_v<T>) {
          std::apply(std::move(function), std::move(args));
        } else {
          outcome.SetValue(std::apply(std::move(function), std::move(args)));
        }
      } catch (...) {
        outcome.SetError(std::current_exception());
      }
    }
    reply.Send(std::move(outcome));
  };
  const Future<void> submitted = pool.Submit(std::move(job));
  future.AddDoneCallback([submitted](const AnyFuture& done) {
    if (done.cancelled()) submitted.Cancel();
  });
  return future;
}

template <typename F, typename... Args>
requires std::is_invocable_v<std::decay_t<F>, std::decay_t<Args>...>
auto Offload(F&& function, Args&&... args) {
  return Offload(EventLoop::Current().default_pool(), std::forward<F>(function),
                 std::forward<Args>(args)...);
}

// For threads other than the loop's, whose Get would wait for itself.
// Throws: std::logic_error if the loop is closed.
template <typename T>
Future<T> RunFromThread(EventLoop& loop, Task<T> task) {
  Promise<T> promise;
  const Future<T> future = promise.GetFuture();
  auto start = [&loop, task = std::move(task), promise = std::move(promise)]() mutable {
    TaskHandle<T> handle = SpawnOn(loop, std::move(task));
    // From whatever thread it is cancelled, the task hears of it in the loop.
    promise.GetFuture().AddDoneCallback([inbox = loop.inbox(),
                                         number = loop.KeepForOutside(handle.state()),
                                         loop = &loop](const Future<T>& done) {
      inbox->Post([loop, number, cancelled = done.cancelled()] {
        const SharedState<Completion> kept = loop->TakeFromOutside(number);
        if (cancelled) kept->Cancel();
      });
    });
    handle.AddDoneCallback([handle, promise = std::make_shared<Promise<T>>(std::move(promise))] {
      try {
        if (handle.cancelled()) {
          promise->GetFuture().Cancel();
        } else if (const std::exception_ptr error = handle.Exception(); error != nullptr) {
          promise->SetException(error);
        } else if constexpr (std::is_void_v<T>) {
          promise->SetValue();
        } else {
          promise->SetValue(std::move(handle.result()));
        }
      } catch (const InvalidState&) {  // cancelled by its thread at the last moment
      }
    });
  };
  if (!loop.inbox()->Post(std::move(start))) throw std::logic_error("the event loop is closed");
  return future;
}

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ASYNC_OFFLOAD_H_
