// runtime/net/green_thread.h
//
// Waiting without colour. A coroutine's caller must be a coroutine, too, up to the top: code that
// was written to block, and a library that calls back, cannot co_await. A green thread can wait in
// an ordinary function, however deep, because it has a stack of its own:
//
//   std::string Greet(Stream& guest) {                   // no Task, no co_await
//     guest.Write("Who is there?\n");
//     return Await(guest.ReadLine());                    // others run meanwhile
//   }
//   TaskHandle<std::string> name = SpawnGreen([&] { return Greet(guest); }, "greeter");
//   co_await name;                                       // it is a task like any other
//
// Await takes whatever co_await does: a Task, a TaskHandle, an AsyncFuture, a lock, a queue's Get;
// and Await(Gather(...)), Await(WaitFor(..., 2s)) and Await(group.Run(...)) are what they are in a
// coroutine. Only Await gives way: between two of them nobody else of this loop runs, and
// std::this_thread::sleep_for stops the loop.
//
// What it costs: a stack, of which two or three pages are resident (green_stack.h), where a
// coroutine's frames take some hundred bytes; and a switch of stacks for each wait.
//
// Trap: a std::mutex held over an Await. The next task that wants it blocks the thread, and so the
// one that holds it: the loop stands for ever. Take an AsyncMutex, or unlock before.
//
// Errors: an exception that leaves the function is the task's. Await outside of a green thread, so
// in a callback or in a coroutine, throws std::logic_error. Using up the stack is SIGSEGV.
// Cancellation: Await throws TaskCancelled. So it does when the loop is closed before the function
// has ended, at each Await from then on: destructors run, and should not wait.
//
// Threads: a green thread runs on its loop's thread only; a loop that has some must not be stopped
// and run on by another thread.

#ifndef INTERLEAVE_RUNTIME_NET_GREEN_THREAD_H_
#define INTERLEAVE_RUNTIME_NET_GREEN_THREAD_H_

#include <coroutine>
#include <exception>
#include <source_location>
#include <string_view>
#include <type_traits>
#include <utility>

#include "runtime/async/event_loop.h"
#include "runtime/async/outcome.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/async/task.h"
#include "runtime/net/green_fiber.h"

namespace interleave {

// Runs function() on a stack of its own, as a new task of the running loop, from the next iteration
// on. Throws: std::logic_error if no loop runs.
template <typename F>
auto SpawnGreen(F function, std::string_view name = "",
                std::source_location where = std::source_location::current());

// The same as something to be awaited, or given to SpawnOn, TaskGroup::Spawn, Gather.
template <typename F>
auto RunGreen(F function, std::source_location where = std::source_location::current())
    -> Task<std::invoke_result_t<F&>>;

// Waits for it and returns what co_await would.
// Throws: what co_await would; std::logic_error outside of a green thread.
template <typename Awaited>
auto Await(Awaited&& awaited, std::source_location where = std::source_location::current());

void GreenSleep(EventLoop::Duration duration,
                std::source_location where = std::source_location::current());
// Whoever is ready goes first.
void GreenYield(std::source_location where = std::source_location::current());

// Whether Await may be called here.
bool OnGreenThread();

// ---- How it works -----------------------------------------------------------
//
// The task is a coroutine that carries the green thread: it resumes the fiber, suspends when the
// fiber pauses, and resumes it when the loop resumes the coroutine. Await does by hand what the
// compiler makes of co_await, with the carrier as the coroutine that waits. So the loop sees a
// coroutine as any other, and the awaiter, which is on the fiber's stack, does not notice.

// The running one. Throws: std::logic_error if there is none; TaskCancelled if its loop is closed.
GreenFiber& FiberThatMayAwait();

template <typename Awaited>
auto Await(Awaited&& awaited, std::source_location where) {
  GreenFiber& fiber = FiberThatMayAwait();
  PromiseBase& carrier = *running_now.task->leaf();
  carrier.set_where(where);
  auto awaiter = carrier.await_transform(std::forward<Awaited>(awaited), where.line());
  if (!awaiter.await_ready()) {
    awaiter.await_suspend(carrier.handle());
    fiber.Pause();
  }
  return awaiter.await_resume();
}

// The carrier suspends: Await has told already who will wake it.
class GreenPause : public Awaiter {
 public:
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<>) const {}
  void await_resume() const {}
};

template <typename F>
auto RunGreen(F function, std::source_location where) -> Task<std::invoke_result_t<F&>> {
  using T = std::invoke_result_t<F&>;
  static_assert(!kIsTask<T>, "this function is a coroutine: give it to Spawn, it needs no stack");
  Outcome<T> outcome;
  GreenFiber fiber([&outcome, &function] {
    try {
      if constexpr (std::is_void_v<T>) {
        function();
      } else {
        outcome.SetValue(function());
      }
    } catch (...) {
      outcome.SetError(std::current_exception());
    }
  });
  PromiseBase& carrier = *running_now.task->leaf();
  carrier.set_where(where);
  for (fiber.Resume(); !fiber.ended(); fiber.Resume()) co_await GreenPause();
  carrier.set_where(where);
  co_return std::move(outcome).value();
}

template <typename F>
auto SpawnGreen(F function, std::string_view name, std::source_location where) {
  return Spawn(RunGreen(std::move(function), where), name);
}

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_NET_GREEN_THREAD_H_
