// runtime/async/spawn.h
//
// Starts a coroutine on its own, beside the one that runs:
//
//   TaskHandle<int> a = Spawn(Lookup("1"));
//   TaskHandle<int> b = Spawn(Lookup("2"), "second");
//   int sum = co_await a + co_await b;             // both were running meanwhile
//
// Spawning runs nothing yet: the task begins in the loop's next iteration, after what is ready now.
// A handle is an AsyncFuture: await it, cancel it, ask for its result. Dropping it leaves the task
// running; what it throws then is reported, since nobody asked.
//
// A task has a name, the one it is given or Task-1, Task-2 ... in the order of creation (counted
// per thread), and its text says what it is doing:
//
//   <Task pending name='Task-1' coro=<Lookup() running at isbn.cc:12> wait_for=<sleep>>
//
// Cancelling throws TaskCancelled at the place where the task waits, in a later iteration. It may
// clean up, and it may even catch it and go on.

#ifndef INTERLEAVE_RUNTIME_ASYNC_SPAWN_H_
#define INTERLEAVE_RUNTIME_ASYNC_SPAWN_H_

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/async/async_future.h"
#include "runtime/async/event_loop.h"
#include "runtime/async/task.h"
#include "runtime/async/task_core.h"

namespace interleave {

// What is added to a future for a task.
template <typename Base>
class TaskMethods : public Base {
 public:
  using Base::Base;

  std::string name() const { return core().Name(); }
  void SetName(std::string_view name) { core().SetName(name); }
  // How many cancellations were asked for and not taken back.
  int Cancelling() const { return core().cancel_requests(); }
  // Takes one back, for who caught TaskCancelled and means to go on; returns how many are left.
  int Uncancel() { return core().Uncancel(); }

  TaskCore& core() const { return static_cast<TaskCore&>(this->state()); }
};

// A task, whatever its result; perhaps of nothing.
class AnyTask : public TaskMethods<AnyFuture> {
 public:
  AnyTask() = default;
  explicit AnyTask(TaskCore& core) : TaskMethods(core) {}
};

template <typename T>
class TaskHandle : public TaskMethods<AsyncFuture<T>> {
 public:
  explicit TaskHandle(TaskState<T>& state) : TaskMethods<AsyncFuture<T>>(state) {}
  operator AnyTask() const { return AnyTask(this->core()); }
};

// A new task of the running loop. Throws: std::logic_error if none runs, or if `task` was awaited
// or spawned before.
template <typename T>
TaskHandle<T> Spawn(Task<T> task, std::string_view name = "");

// The same of `loop`, which need not run yet.
template <typename T>
TaskHandle<T> SpawnOn(EventLoop& loop, Task<T> task, std::string_view name = "");

// The task of coroutine(), which is kept until it has ended: a lambda may capture.
template <typename F>
requires std::is_invocable_v<F&>
auto Spawn(F coroutine, std::string_view name = "");

// The task that runs; empty in a callback or outside of a loop.
AnyTask CurrentTask();

// The tasks of the running loop that are not done, in the order of creation.
std::vector<AnyTask> AllTasks();

// Spawn for a Task; a future or a handle as it is.
template <typename T>
TaskHandle<T> EnsureFuture(Task<T> task) {
  return Spawn(std::move(task));
}
template <typename T>
AsyncFuture<T> EnsureFuture(AsyncFuture<T> future) {
  return future;
}

// ---- How it works -----------------------------------------------------------

template <typename T>
TaskHandle<T> SpawnOn(EventLoop& loop, Task<T> task, std::string_view name) {
  loop.CheckOpen();
  TaskPromise<T>& first = task.Release();
  auto& state = *new TaskState<T>(loop, first, name);
  first.Start(nullptr, state.outcome());
  return TaskHandle<T>(state);
}

template <typename T>
TaskHandle<T> Spawn(Task<T> task, std::string_view name) {
  return SpawnOn(EventLoop::Current(), std::move(task), name);
}

// A coroutine whose frame keeps the function that makes the one to run.
template <typename F>
std::invoke_result_t<F&> KeepAndRun(F coroutine) {
  co_return co_await coroutine();
}

template <typename F>
requires std::is_invocable_v<F&>
auto Spawn(F coroutine, std::string_view name) {
  return Spawn(KeepAndRun(std::move(coroutine)), name);
}

template <typename Awaited>
auto EventLoop::RunUntilComplete(Awaited awaited) {
  if constexpr (kIsTask<Awaited>) {
    CheckOpen();
    if (Running() != nullptr) {
      throw std::logic_error("cannot run an event loop while another one runs in the same thread");
    }
    return RunUntilComplete(SpawnOn(*this, std::move(awaited)));
  } else {
    awaited.AddDoneCallback([this] { Stop(); });
    RunForever();
    if (!awaited.done()) throw std::logic_error("the event loop was stopped before the task ended");
    return std::remove_reference_t<decltype(awaited.result())>(awaited.result());
  }
}

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ASYNC_SPAWN_H_
