// runtime/async/async_future.h
//
// A result that is not there yet, within one thread: somebody will set it, others await it.
//
//   AsyncFuture<int> answer;                     // on the running loop
//   loop.CallLater(1s, [=]() mutable { answer.SetResult(42); });
//   int n = co_await answer;                     // suspends for a second
//
// It is the bridge between callbacks and coroutines: whoever has a callback-style interface (a
// socket, a library) completes a future from it. A handle is shared: copies are the same future.
//
// Setting the result calls nobody. Who waits goes on in the loop's next iteration, in the order of
// arrival. Cancelling a task that awaits a future cancels the future; cancelling the future cancels
// all who await it.
//
// Threads: a future belongs to its loop's thread. std::future, or Future of runtime/threads, is for
// threads.

#ifndef INTERLEAVE_RUNTIME_ASYNC_ASYNC_FUTURE_H_
#define INTERLEAVE_RUNTIME_ASYNC_ASYNC_FUTURE_H_

#include <exception>
#include <string>
#include <type_traits>
#include <utility>

#include "runtime/async/async_errors.h"
#include "runtime/async/completion.h"
#include "runtime/async/event_loop.h"
#include "runtime/async/outcome.h"
#include "runtime/async/suspension.h"

namespace interleave {

// Any AsyncFuture or TaskHandle, whatever its result.
class AnyFuture {
 public:
  AnyFuture() = default;  // of nothing
  explicit AnyFuture(Completion& state) : state_(&state) {}

  bool done() const { return state_->done(); }
  bool cancelled() const { return state_->cancelled(); }
  // True if it was pending. A future is cancelled then; a task will be, unless it catches it.
  bool Cancel(std::string message = "") { return state_->Cancel(std::move(message)); }
  // What it ended with; null if with a value.
  // Throws: InvalidState if it is not done; TaskCancelled if it was cancelled.
  std::exception_ptr Exception() const;
  // Has callback() or callback(AnyFuture) called in the loop's next iteration after it is done.
  template <typename F>
  void AddDoneCallback(F&& callback);
  EventLoop& loop() const { return state_->loop(); }
  // "<Task pending name='Task-1' ...>"
  std::string Text() const { return state_->Text(); }

  explicit operator bool() const { return state_.get() != nullptr; }
  bool operator==(const AnyFuture& other) const { return state_.get() == other.state_.get(); }
  Completion& state() const { return *state_; }

 protected:
  // Throws: InvalidState if it is not done.
  void CheckDone() const;
  SharedState<Completion> state_;
};

template <typename T>
class AsyncFutureState;

template <typename T>
class AsyncFuture : public AnyFuture {
 public:
  using Result = T;

  // A pending one, of the running loop. Throws: std::logic_error if none runs.
  AsyncFuture() : AsyncFuture(EventLoop::Current()) {}
  explicit AsyncFuture(EventLoop& loop);

  // Throws: InvalidState if it is done; std::logic_error if it is a task's, which alone sets it.
  template <typename... Args>
  void SetResult(Args&&... args);
  void SetException(std::exception_ptr error);
  template <typename Error>
  void SetException(Error error) {
    SetException(std::make_exception_ptr(std::move(error)));
  }

  // The result, or throws the exception. Throws: InvalidState if it is not done.
  std::add_lvalue_reference_t<T> result() const;

  // co_await future: a copy of the result (of a type that cannot be copied, the result itself, for
  // the first). co_await std::move(future): the result itself.
  auto AwaitAt(unsigned line) const&;
  auto AwaitAt(unsigned line) &&;

  // For the parts of this room. REQUIRES: state.outcome() is an Outcome<T>.
  explicit AsyncFuture(Completion& state) : AnyFuture(state) {}
  Outcome<T>& outcome() const { return *static_cast<Outcome<T>*>(state_->outcome()); }

 private:
  void CheckMaySet() const;
};

// ---- How it works -----------------------------------------------------------

template <typename T>
class AsyncFutureState : public Completion {
 public:
  using Completion::Completion;
  void Run() override {}  // is in no queue itself
  void* outcome() override { return &outcome_; }
  std::exception_ptr error() const override { return outcome_.error(); }
  bool CancelFrom(CancelWalk& walk) override {
    if (done()) return false;
    outcome_.SetError(std::make_exception_ptr(TaskCancelled(walk.message())));
    Complete(true);
    return true;
  }

  template <typename... Args>
  void SetResult(Args&&... args) {
    outcome_.SetValue(std::forward<Args>(args)...);
    Complete(false);
  }
  void SetException(std::exception_ptr error) {
    outcome_.SetError(std::move(error));
    Complete(false);
  }

 private:
  Outcome<T> outcome_;
};

// A task stands here until the future or task is done.
class CompletionWait : public Suspension {
 public:
  CompletionWait(Completion& awaited, unsigned line) : Suspension(line), awaited_(&awaited) {}
  ~CompletionWait() {
    if (waiting_ != nullptr) Leave();
  }
  // Throws: std::logic_error if it is of another loop, or the running task itself.
  bool await_ready() const {
    if (awaited_->done() && &awaited_->loop() == running_now.loop) return true;
    CheckMayAwait();
    return false;
  }
  void await_suspend(std::coroutine_handle<>);
  CancelledWait Cancel(CancelWalk& walk) override;
  std::string Describe() const override {
    return awaited_->done() ? awaited_->Name() : awaited_->Name() + " pending";
  }
  Completion* awaited() const override { return awaited_.get(); }

 protected:
  // Who did not have to wait is not told of a cancellation here. Throws: TaskCancelled.
  void EndWait() {
    if (waiting_ == nullptr) return;
    waiting_ = nullptr;
    End();
  }
  const SharedState<Completion> awaited_;

 private:
  void CheckMayAwait() const;
  void Leave();

  TaskCore* waiting_ = nullptr;  // stands in awaited_'s list of callbacks
};

template <typename T, bool kMove>
class FutureAwaiter final : public CompletionWait {
 public:
  using CompletionWait::CompletionWait;
  T await_resume() {
    EndWait();
    awaited_->MarkSeen();
    auto& outcome = *static_cast<Outcome<T>*>(awaited_->outcome());
    if constexpr (std::is_void_v<T>) {
      outcome.value();
    } else if constexpr (kMove || !std::is_copy_constructible_v<T>) {
      return std::move(outcome.value());
    } else {
      return outcome.value();
    }
  }
};

template <typename F>
class DoneCallback final : public DoneCallbackBase, public FromFramePool {
 public:
  DoneCallback(Completion& of, F function) : DoneCallbackBase(of), function_(std::move(function)) {}
  void Run() override {
    try {
      if constexpr (std::is_invocable_v<F&, AnyFuture>) {
        function_(AnyFuture(of_));
      } else {
        function_();
      }
    } catch (const Interrupted&) {
      delete this;
      throw;
    } catch (...) {
      of_.loop().CallExceptionHandler({"Exception in callback", std::current_exception(), ""});
    }
    delete this;
  }
  void Drop() override { delete this; }

 private:
  F function_;
};

template <typename F>
void AnyFuture::AddDoneCallback(F&& callback) {
  state_->AddDoneCallback(*new DoneCallback<std::decay_t<F>>(*state_, std::forward<F>(callback)));
}

template <typename T>
AsyncFuture<T>::AsyncFuture(EventLoop& loop) : AnyFuture(*new AsyncFutureState<T>(loop)) {}

template <typename T>
void AsyncFuture<T>::CheckMaySet() const {
  if (state_->is_task()) throw std::logic_error("a task's result is set by the task alone");
  if (done()) throw InvalidState("the future is done already");
}

template <typename T>
template <typename... Args>
void AsyncFuture<T>::SetResult(Args&&... args) {
  CheckMaySet();
  static_cast<AsyncFutureState<T>&>(*state_).SetResult(std::forward<Args>(args)...);
}

template <typename T>
void AsyncFuture<T>::SetException(std::exception_ptr error) {
  CheckMaySet();
  static_cast<AsyncFutureState<T>&>(*state_).SetException(std::move(error));
}

template <typename T>
std::add_lvalue_reference_t<T> AsyncFuture<T>::result() const {
  CheckDone();
  state_->MarkSeen();
  return outcome().value();
}

template <typename T>
auto AsyncFuture<T>::AwaitAt(unsigned line) const& {
  return FutureAwaiter<T, false>(*state_, line);
}

template <typename T>
auto AsyncFuture<T>::AwaitAt(unsigned line) && {
  return FutureAwaiter<T, true>(*state_, line);
}

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ASYNC_ASYNC_FUTURE_H_
