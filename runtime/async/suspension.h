// runtime/async/suspension.h
//
// Where a task stands while it waits: the awaiter in its suspended frame. The task keeps a pointer
// to it, so that a cancellation knows what to withdraw and Ps can say what the task waits for. An
// awaiter links itself into the waiting list of a lock or into the timer heap; waiting allocates
// nothing.
//
// To write one (async_event.h is short), derive from Suspension and
//   await_ready      what can be had without waiting
//   await_suspend    Begin(), and link into the list of whoever will wake the task
//   await_resume     End(), which throws TaskCancelled if the task is to be cancelled
// Whoever wakes the task calls loop.MakeReady(task); it goes on in the loop's next iteration. What
// a program writes behind co_await is a small copyable request whose AwaitAt(line) makes the
// awaiter in the frame, since the awaiter itself can't be moved.

#ifndef INTERLEAVE_RUNTIME_ASYNC_SUSPENSION_H_
#define INTERLEAVE_RUNTIME_ASYNC_SUSPENSION_H_

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

namespace interleave {

class CancelWalk;
class Completion;
class EventLoop;
class PromiseBase;
class TaskCore;

// What the calling thread is doing. Tasks never move from one thread to another.
struct RunningNow {
  EventLoop* loop = nullptr;
  TaskCore* task = nullptr;     // the one whose step it is
  PromiseBase* next = nullptr;  // the frame that goes on when the one that runs returns to the step
  std::uint32_t await_depth_limit = 0;  // the loop's
  bool has_context = false;             // CurrentContext() is not null
  bool ended = false;                   // the task's first frame is done
  std::source_location ended_at;        // and this is its function
};
inline constinit thread_local RunningNow running_now;

enum class CancelledWait {
  kAlreadyWoken,  // the task goes on anyway, and is told then
  kWithdrawn,     // it is in no waiting list any more, so nobody else will wake it
  kPassedOn,      // what it waits for is cancelled, and will wake it
};

// Marks a type that a task can await; its await_* run within a task's step.
class Awaiter {};

class Suspension : public Awaiter {
 public:
  // `line` is that of the co_await.
  explicit Suspension(unsigned line) : line_(line) {}
  Suspension(const Suspension&) = delete;
  Suspension& operator=(const Suspension&) = delete;

  // Its task is cancelled: what becomes of the wait?
  virtual CancelledWait Cancel(CancelWalk& walk) = 0;

  // The task was woken: may it go on? If not, it is linked into a waiting list again.
  virtual bool StillBlocked() { return false; }

  // "sleep", "get from a queue": what the task waits for.
  virtual std::string Describe() const = 0;
  virtual Completion* awaited() const { return nullptr; }
  // When it ends by itself; the end of time if it does not.
  virtual std::chrono::steady_clock::time_point due() const {
    return std::chrono::steady_clock::time_point::max();
  }

  unsigned line() const { return line_; }

 protected:
  ~Suspension() = default;

  // The running task is about to be suspended here.
  TaskCore& Begin();
  // It goes on. Throws: TaskCancelled if it is to be cancelled. REQUIRES: in await_resume.
  static void End();
  // The same in two parts, for who has something to hand on before it throws.
  static bool MustCancel();
  static std::string CancelMessage();

 private:
  const unsigned line_;
};

// Cancels a task and what it waits for, and what that waits for. Chains may be a million long, and
// tasks may wait for each other in a ring; so it is a loop with a list, and visits nobody twice.
class CancelWalk {
 public:
  explicit CancelWalk(std::string message) : message_(std::move(message)) {}
  ~CancelWalk();
  CancelWalk(const CancelWalk&) = delete;
  CancelWalk& operator=(const CancelWalk&) = delete;

  // Does nothing for a task that was visited.
  void Add(TaskCore& task);
  bool Visited(const TaskCore& task) const;
  void Run();
  const std::string& message() const { return message_; }

 private:
  const std::string message_;
  std::vector<TaskCore*> to_do_;  // the last is next
  std::vector<TaskCore*> visited_;
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ASYNC_SUSPENSION_H_
