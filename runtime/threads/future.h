// runtime/threads/future.h
//
// A value that is not there yet. Whoever will make it holds a Promise, whoever wants it a Future,
// and both may be on different threads:
//
//   Promise<int> promise;
//   Future<int> answer = promise.GetFuture();
//   std::thread worker([promise = std::move(promise)]() mutable { promise.SetValue(42); });
//   answer.AddDoneCallback([](const Future<int>& done) { Log("it is " + ...); });
//   int value = answer.Get();  // waits; throws what SetException was given
//
// Unlike std::future it can be copied and asked again, says what state it is in, calls back, and
// can be cancelled as long as the work has not begun:
//
//   pending ──Start──> running ──SetValue, SetException──> finished
//      └──────Cancel──> cancelled
//
// A Promise that is destroyed before it was kept finishes its future with BrokenPromise, so nobody
// waits for ever. wait.h waits for many futures, thread_pool.h makes them.
//
// Threads: any thread may call anything, on copies or on one object that nobody assigns to. A
// thread in Get sleeps until the completing thread, or the one that cancels, wakes it, and all
// others in Get with it; or it helps whoever makes the value, and is the completing thread itself.
// Callbacks run in that completing thread at once, in the order in which they were added, after the
// waiters were woken; on a future that is done already, in the thread that adds them. One that
// throws is reported on stderr, and the others still run.

#ifndef RUNTIME_THREADS_FUTURE_H_
#define RUNTIME_THREADS_FUTURE_H_

#include <chrono>
#include <compare>
#include <concepts>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "runtime/threads/future_errors.h"
#include "runtime/threads/future_result.h"
#include "runtime/threads/future_state.h"

namespace interleave {

template <typename T>
class Future {
 public:
  using Timeout = std::optional<std::chrono::nanoseconds>;  // none: as long as it takes

  // Nobody's: valid() is false, and all that one may do with it is to assign to it.
  Future() = default;

  // The value, as a copy; a second time, too. For what cannot be copied there is Take.
  // Throws: what the work threw; Cancelled; TimedOut, which changes nothing; WouldDeadlock, where
  // thread_pool.h says so; InvalidState after Take.
  T Get(Timeout timeout = {}) const
      requires(std::is_void_v<T> || std::is_reference_v<T> || std::copy_constructible<T>) {
    state()->Await(DeadlineAfter(timeout));
    return state()->Value();
  }

  // Moves the value out: once, for all copies of this future. Throws as Get does.
  T Take(Timeout timeout = {}) {
    state()->Await(DeadlineAfter(timeout));
    return state()->TakeValue();
  }

  // What the work threw, or nullptr. Throws: Cancelled, TimedOut, WouldDeadlock.
  std::exception_ptr Exception(Timeout timeout = {}) const {
    return state()->Exception(DeadlineAfter(timeout));
  }

  // Waits, whatever comes of it; false if the time was over first.
  bool Wait(Timeout timeout = {}) const {
    try {
      state()->Await(DeadlineAfter(timeout));
    } catch (const TimedOut&) {
    }
    return done();
  }

  // True if the work will not be done: it had not begun, or was cancelled already.
  bool Cancel() const { return state()->Cancel(); }

  void AddDoneCallback(std::function<void(const Future&)> callback) const {
    state()->AddCallback([callback = std::move(callback)](FutureState* done) {
      callback(Future(static_cast<FutureResult<T>*>(done)));
    });
  }

  FutureStatus status() const { return state()->status(); }
  bool running() const { return status() == FutureStatus::kRunning; }
  bool cancelled() const { return status() == FutureStatus::kCancelled; }
  bool done() const { return status() >= FutureStatus::kCancelled; }  // cancelled or finished

  bool valid() const { return state_.get() != nullptr; }

  // Copies of one future are equal, so it can be a key: std::map, std::unordered_map.
  friend auto operator<=>(const Future&, const Future&) = default;

  // For wait.h and thread_pool.h: becomes one more owner of the state.
  explicit Future(FutureResult<T>* state) : state_(state) { state->AddOwner(); }
  FutureResult<T>* state() const {
    if (!valid()) throw InvalidState("this Future belongs to no promise and to no job");
    return state_.get();
  }

 private:
  StatePointer<FutureResult<T>> state_;
};

template <typename T>
class Promise {
 public:
  Promise() : state_(new FutureResult<T>) {}
  Promise(Promise&&) = default;
  Promise& operator=(Promise&& other) noexcept {
    std::swap(state_, other.state_);
    return *this;
  }
  ~Promise() {
    if (state_.get() != nullptr) state_->Abandon();
  }

  // May be called again; all of them are copies of one.
  Future<T> GetFuture() const { return Future<T>(state_.get()); }

  // The work begins, and from now on cannot be cancelled; false if it was, and then there is
  // nothing to do. Work that nobody may cancel needs no Start.
  bool Start() { return state_->Start(); }

  // Until the future is done, threads in Get call `driver` instead of sleeping (future_state.h).
  void SetDriver(std::shared_ptr<FutureDriver> driver) { state_->SetDriver(std::move(driver)); }

  // Throw: InvalidState if the future is done, cancelled included.
  template <typename... Value>
  void SetValue(Value&&... value) {
    state_->SetValue(std::forward<Value>(value)...);
  }
  void SetException(std::exception_ptr error) { state_->SetException(std::move(error)); }

 private:
  StatePointer<FutureResult<T>> state_;
};

}  // namespace interleave

template <typename T>
struct std::hash<interleave::Future<T>> {
  std::size_t operator()(const interleave::Future<T>& future) const {
    return std::hash<interleave::FutureState*>()(future.state());
  }
};

#endif  // RUNTIME_THREADS_FUTURE_H_
