// runtime/async/run.h
//
// The way into the asynchronous world, and out of it again:
//
//   Task<int> Main() { ... }
//
//   int main() { return Run(Main()); }
//
// Run makes a loop, runs the task to its end on this thread, and returns its result or throws its
// exception. What is left then is cancelled and waited for, and the loop is closed: nothing goes on
// behind your back.
//
// Ctrl-C (SIGINT, if the program has no handler of its own) cancels the task, so that it can clean
// up; when it has ended Run throws Interrupted. A second Ctrl-C doesn't wait for that.
//
// A Runner does the same in pieces, for several tasks one after the other on one loop.
//
// Threads: any thread may run a loop of its own. Ctrl-C is the main thread's.

#ifndef INTERLEAVE_RUNTIME_ASYNC_RUN_H_
#define INTERLEAVE_RUNTIME_ASYNC_RUN_H_

#include <functional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "runtime/async/event_loop.h"
#include "runtime/async/spawn.h"
#include "runtime/async/task.h"

namespace interleave {

class Runner {
 public:
  Runner() = default;
  // Cancels what is left, waits for it, and closes the loop. What those tasks throw is reported.
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  // Throws: what the task throws; TaskCancelled; Interrupted; std::logic_error if a loop runs in
  // this thread.
  template <typename T>
  T Run(Task<T> main);

  EventLoop& loop() { return loop_; }

  // Is told which tasks were not done when the runner ended, before they are cancelled.
  void SetLeftOverHandler(std::function<void(const std::vector<AnyTask>&)> handler) {
    left_over_handler_ = std::move(handler);
  }

 private:
  void RunToTheEnd(AnyTask main);

  EventLoop loop_;
  std::function<void(const std::vector<AnyTask>&)> left_over_handler_;
};

// Throws: as Runner::Run.
template <typename T>
T Run(Task<T> main) {
  Runner runner;
  return runner.Run(std::move(main));
}

// ---- How it works -----------------------------------------------------------

template <typename T>
T Runner::Run(Task<T> main) {
  if (EventLoop::Running() != nullptr) {
    throw std::logic_error(
        "Run: an event loop runs in this thread already; await the task instead");
  }
  TaskHandle<T> handle = SpawnOn(loop_, std::move(main));
  RunToTheEnd(handle);
  handle.state().MarkSeen();
  return std::move(handle.outcome()).value();
}

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ASYNC_RUN_H_
