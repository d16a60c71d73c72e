// runtime/async/task.h
//
// A function that can wait in the middle and let others go on meanwhile:
//
//   Task<int> Lookup(std::string isbn) {
//     co_await SleepFor(1s);                  // the loop runs others for a second
//     co_return 42;
//   }
//   Task<void> Both() {
//     int first = co_await Lookup("1");       // like a call: runs now, in this task
//     TaskHandle<int> later = Spawn(Lookup("2"));   // runs on its own, from the next iteration on
//     int sum = first + co_await later;
//   }
//
// A Task is lazy: calling Lookup makes it and runs nothing of it. It runs when it is awaited or
// given to Spawn or Run, once. One that is dropped without having run is reported ("coroutine
// 'Lookup' was never awaited (isbn.cc:15)": with g++ the line is that of its closing brace).
//
// Awaiting one costs no turn of the loop: the callee runs at once, and only what really waits (a
// timer, a future, Yield) gives way. Await what: a Task, a TaskHandle, an AsyncFuture, SleepFor,
// Yield, and the locks and queues of this room. Anything else does not compile.
//
// Trap: arguments by reference, and what a lambda captures, must live until the task has ended.
// Parameters by value live in the task. Spawn, TaskGroup and Timeout take a lambda itself and keep
// it.
//
// Trap of g++ (12, at least): what a lambda captures by value is destroyed twice if the lambda is
// written within a co_await expression. Give it a name in a line of its own, or pass arguments:
//
//   co_await Offload([url] { return Fetch(url); });     // url's characters are freed twice
//   co_await Offload(Fetch, url);                       // fine
//
// Threads: a task runs on its loop's thread only.

#ifndef INTERLEAVE_RUNTIME_ASYNC_TASK_H_
#define INTERLEAVE_RUNTIME_ASYNC_TASK_H_

#include <concepts>
#include <coroutine>
#include <cstdint>
#include <exception>
#include <source_location>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include "runtime/async/frame_pool.h"
#include "runtime/async/outcome.h"
#include "runtime/async/suspension.h"

namespace interleave {

template <typename T>
class TaskPromise;

template <typename T = void>
class [[nodiscard]] Task {
 public:
  using promise_type = TaskPromise<T>;
  using Result = T;

  Task(Task&& other) noexcept : promise_(std::exchange(other.promise_, nullptr)) {}
  Task& operator=(Task other) noexcept {
    std::swap(promise_, other.promise_);
    return *this;
  }
  // Reports it if it never ran.
  ~Task();

  // False once it was awaited or spawned.
  explicit operator bool() const { return promise_ != nullptr; }

  // For Spawn and the awaiter: takes the coroutine out.
  // Throws: std::logic_error if it has been taken out.
  TaskPromise<T>& Release();

 private:
  friend class TaskPromise<T>;
  explicit Task(TaskPromise<T>& promise) : promise_(&promise) {}
  TaskPromise<T>* promise_;
};

// ---- How it works -----------------------------------------------------------
//
// A chain of coroutines that await each other is run by its task's step (TaskCore::Run): each
// returns to the step and says in running_now.next who goes on. So the stack does not grow with the
// chain, at any optimisation, and no frame owns another: the task owns the chain, from the last
// (the leaf) to the first, and can destroy it in a loop.

// The part of a frame that does not depend on the result's type. 32 bytes: with what the compiler
// adds, the frame of a coroutine that only yields has 64.
class PromiseBase : public FromFramePool {
 public:
  // The constructor is called within the coroutine, so this is the coroutine's name and place.
  explicit PromiseBase(std::source_location where) : where_(where), waits_for_(nullptr) {}
  PromiseBase(const PromiseBase&) = delete;
  PromiseBase& operator=(const PromiseBase&) = delete;

  std::coroutine_handle<PromiseBase> handle() {
    return std::coroutine_handle<PromiseBase>::from_promise(*this);
  }
  // "Lookup"
  std::string FunctionName() const;
  // "Lookup (isbn.cc:12)"; line 0: where the function begins.
  std::string Place(unsigned line) const;
  const std::source_location& where() const { return where_; }
  // For a coroutine that runs somebody else's function, as a green thread's does: reports are to
  // name that one.
  void set_where(std::source_location where) { where_ = where; }

  std::suspend_always initial_suspend() noexcept { return {}; }
  auto final_suspend() noexcept { return End(); }

  template <typename Awaited>
  decltype(auto) await_transform(Awaited&& awaited, unsigned line = __builtin_LINE());

  // To be awaited by `caller`, or by nobody. `outcome` is an Outcome<T>.
  void Start(PromiseBase* caller, void* outcome) {
    caller_ = caller;
    outcome_ = outcome;
  }
  PromiseBase* caller() const { return caller_; }

  // Of the leaf.
  Suspension* waits_for() const { return waits_for_; }
  void set_waits_for(Suspension* suspension) { waits_for_ = suspension; }

  // Of any other.
  unsigned line() const { return awaiting_.line; }
  std::uint32_t depth() const { return awaiting_.depth; }
  // This frame awaits `callee` from now on. Throws: std::runtime_error if that is too deep.
  void Call(PromiseBase& callee, void* outcome, unsigned line) {
    const std::uint32_t depth = caller_ != nullptr ? caller_->depth() + 1 : 1;
    if (depth > running_now.await_depth_limit) RefuseCall(callee);
    awaiting_ = {depth, line};
    callee.Start(this, outcome);
    running_now.next = &callee;
  }

 protected:
  PromiseBase* caller_ = nullptr;
  void* outcome_ = nullptr;

 private:
  // The frame is done: its caller goes on, and nobody needs the frame any more.
  struct End {
    bool await_ready() noexcept { return false; }
    template <typename Promise>
    void await_suspend(std::coroutine_handle<Promise> frame) noexcept {
      PromiseBase* caller = frame.promise().caller();
      if (caller != nullptr) {
        caller->set_waits_for(nullptr);
      } else {
        running_now.ended = true;
        running_now.ended_at = frame.promise().where();
      }
      running_now.next = caller;
      frame.destroy();
    }
    void await_resume() noexcept {}
  };

  [[noreturn]] void RefuseCall(PromiseBase& callee);

  std::source_location where_;
  union {
    Suspension* waits_for_;  // of the leaf; null while it runs
    struct {
      std::uint32_t depth;  // of awaits, this one included
      unsigned line;        // of its co_await
    } awaiting_;            // of a frame that awaits another coroutine
  };
};

template <typename T>
class TaskPromise final : public PromiseBase {
 public:
  explicit TaskPromise(std::source_location where = std::source_location::current())
      : PromiseBase(where) {}
  Task<T> get_return_object() { return Task<T>(*this); }
  template <typename U = T>
  void return_value(U&& value) {
    static_cast<Outcome<T>*>(outcome_)->SetValue(std::forward<U>(value));
  }
  void unhandled_exception() {
    static_cast<Outcome<T>*>(outcome_)->SetError(std::current_exception());
  }
};

template <>
class TaskPromise<void> final : public PromiseBase {
 public:
  explicit TaskPromise(std::source_location where = std::source_location::current())
      : PromiseBase(where) {}
  Task<void> get_return_object() { return Task<void>(*this); }
  void return_void() {}
  void unhandled_exception() {
    static_cast<Outcome<void>*>(outcome_)->SetError(std::current_exception());
  }
};

// PromiseBase::handle takes a promise for its base, which needs them at the same place.
static_assert(alignof(TaskPromise<void>) == alignof(PromiseBase) &&
              sizeof(TaskPromise<void>) == sizeof(PromiseBase));

// The frame of the callee is the task's from here on.
template <typename T>
class TaskAwaiter : public Awaiter {
 public:
  TaskAwaiter(Task<T>& task, unsigned line) : callee_(task.Release()), line_(line) {}
  bool await_ready() const { return false; }
  template <typename Promise>
  void await_suspend(std::coroutine_handle<Promise> caller) {
    caller.promise().Call(callee_, &outcome_, line_);
  }
  T await_resume() { return std::move(outcome_).value(); }

 private:
  TaskPromise<T>& callee_;
  Outcome<T> outcome_;
  unsigned line_;
};

void ReportNeverAwaited(const PromiseBase& promise) noexcept;

template <typename T>
Task<T>::~Task() {
  if (promise_ == nullptr) return;
  ReportNeverAwaited(*promise_);
  promise_->handle().destroy();
}

template <typename T>
TaskPromise<T>& Task<T>::Release() {
  if (promise_ == nullptr) {
    throw std::logic_error(
        "a Task can be awaited once, and this one was awaited or spawned before");
  }
  return *std::exchange(promise_, nullptr);
}

template <typename T>
inline constexpr bool kIsTask = false;
template <typename T>
inline constexpr bool kIsTask<Task<T>> = true;

template <typename T>
concept HasAwaiter = requires(T&& awaited) {
  { std::forward<T>(awaited).AwaitAt(0u) } -> std::derived_from<Awaiter>;
};

template <typename Awaited>
decltype(auto) PromiseBase::await_transform(Awaited&& awaited, unsigned line) {
  using Type = std::remove_cvref_t<Awaited>;
  if constexpr (kIsTask<Type>) {
    return TaskAwaiter<typename Type::Result>(awaited, line);
  } else if constexpr (HasAwaiter<Awaited>) {
    return std::forward<Awaited>(awaited).AwaitAt(line);
  } else if constexpr (std::derived_from<Type, Awaiter>) {
    return Type(awaited);
  } else {
    static_assert(std::derived_from<Type, Awaiter>,
                  "this cannot be awaited: co_await takes a Task, a TaskHandle, an AsyncFuture, or "
                  "what a function of runtime/async returns for it");
    return std::suspend_never();
  }
}

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ASYNC_TASK_H_
