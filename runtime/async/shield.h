// runtime/async/shield.h
//
//   int answer = co_await Shield(Spawn(Pay(bill)));
//
// Whoever awaits this may be cancelled; the payment is not, and runs to its end. The result and the
// exception of what is inside pass through, and if the inner one is cancelled, so is the outer.

#ifndef INTERLEAVE_RUNTIME_ASYNC_SHIELD_H_
#define INTERLEAVE_RUNTIME_ASYNC_SHIELD_H_

#include <type_traits>
#include <utility>

#include "runtime/async/async_future.h"
#include "runtime/async/spawn.h"

namespace interleave {

template <typename T>
AsyncFuture<T> Shield(AsyncFuture<T> inner) {
  if (inner.done()) return inner;
  AsyncFuture<T> outer(inner.loop());
  inner.AddDoneCallback([outer](const AnyFuture& done) mutable {
    AsyncFuture<T> inner(done.state());
    if (outer.done()) {  // cancelled; what the inner one threw meanwhile concerns nobody
      if (!inner.cancelled()) inner.state().MarkSeen();
    } else if (inner.cancelled()) {
      outer.Cancel();
    } else if (const std::exception_ptr error = inner.Exception(); error != nullptr) {
      outer.SetException(error);
    } else if constexpr (std::is_void_v<T>) {
      outer.SetResult();
    } else if constexpr (std::is_copy_constructible_v<T>) {
      outer.SetResult(inner.result());
    } else {
      outer.SetResult(std::move(inner.result()));
    }
  });
  return outer;
}

template <typename T>
AsyncFuture<T> Shield(TaskHandle<T> inner) {
  return Shield(static_cast<const AsyncFuture<T>&>(inner));
}

template <typename T>
AsyncFuture<T> Shield(Task<T> inner) {
  return Shield(Spawn(std::move(inner)));
}

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ASYNC_SHIELD_H_
