// runtime/async/wrap_future.h
//
// The Future of a thread or of a process, for a task to await:
//
//   int sum = co_await WrapFuture(pool.Submit<Sum>(2, 3));
//
// The value is taken out of the Future. Cancelling the wait cancels the Future, if its work has not
// begun; and a Future that is cancelled cancels the wait.
//
// Threads: to be called in a running loop; whatever thread completes the Future, the task goes on
// in the loop.

#ifndef INTERLEAVE_RUNTIME_ASYNC_WRAP_FUTURE_H_
#define INTERLEAVE_RUNTIME_ASYNC_WRAP_FUTURE_H_

#include <exception>
#include <memory>
#include <type_traits>
#include <utility>

#include "runtime/async/async_future.h"
#include "runtime/async/offload.h"
#include "runtime/threads/future.h"

namespace interleave {

// Throws: std::logic_error if no loop runs.
template <typename T>
AsyncFuture<T> WrapFuture(Future<T> future) {
  AsyncFuture<T> wrapped;
  auto reply = std::make_shared<OutsideReply<T>>(wrapped);
  future.AddDoneCallback([reply = std::move(reply)](Future<T> done) {
    Outcome<T> outcome;
    try {
      if constexpr (std::is_void_v<T>) {
        done.Get();
      } else {
        outcome.SetValue(done.Take());
      }
    } catch (const Cancelled& cancelled) {
      outcome.SetError(std::make_exception_ptr(TaskCancelled(cancelled.what())));
    } catch (...) {
      outcome.SetError(std::current_exception());
    }
    reply->Send(std::move(outcome));
  });
  wrapped.AddDoneCallback([future](const AnyFuture& done) {
    if (done.cancelled()) future.Cancel();
  });
  return wrapped;
}

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ASYNC_WRAP_FUTURE_H_
