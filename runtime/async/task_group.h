// runtime/async/task_group.h
//
// Nobody is left behind: a block that ends when all the tasks that it started have ended.
//
//   TaskGroup group;
//   co_await group.Run([&]() -> Task<void> {
//     group.Spawn(Download("a"));
//     group.Spawn(Download("b"));
//     co_await Prepare();
//   });                                  // goes on when the body and both downloads have ended
//
// If a task or the body throws, the others are cancelled, all are waited for, and Run throws an
// ExceptionGroup with everything that failed. A task that is cancelled by itself is no failure. If
// who runs the group is cancelled, all are, and TaskCancelled goes on.

#ifndef INTERLEAVE_RUNTIME_ASYNC_TASK_GROUP_H_
#define INTERLEAVE_RUNTIME_ASYNC_TASK_GROUP_H_

#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/async/async_future.h"
#include "runtime/async/spawn.h"
#include "runtime/async/task.h"

namespace interleave {

// Several failures as one.
class ExceptionGroup : public std::runtime_error {
 public:
  // REQUIRES: errors is not empty.
  ExceptionGroup(const std::string& message, std::vector<std::exception_ptr> errors);
  // In the order in which they happened.
  const std::vector<std::exception_ptr>& errors() const { return errors_; }

 private:
  std::vector<std::exception_ptr> errors_;
};

// REQUIRES: outlives its Run.
class TaskGroup {
 public:
  TaskGroup() = default;
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // Runs the body in this task, and waits. Throws: ExceptionGroup; TaskCancelled; std::logic_error
  // if it has been used before.
  Task<void> Run(Task<void> body);
  // Of coroutine(), which is kept meanwhile: a lambda may capture.
  template <typename F>
  requires std::is_invocable_r_v<Task<void>, F&> Task<void> Run(F coroutine) {
    co_await Run(coroutine());
  }

  // Starts a task in the group; also from one of its tasks.
  // Throws: std::logic_error before Run, after it, and once the group is shutting down.
  template <typename T>
  TaskHandle<T> Spawn(Task<T> task, std::string_view name = "") {
    CheckOpen();
    TaskHandle<T> handle = interleave::Spawn(std::move(task), name);
    Add(handle);
    return handle;
  }
  template <typename F>
  requires std::is_invocable_v<F&>
  auto Spawn(F coroutine, std::string_view name = "") {
    return Spawn(KeepAndRun(std::move(coroutine)), name);
  }

 private:
  void CheckOpen() const;
  void Add(const AnyTask& task);
  void NoteDone(const AnyTask& task);
  void CancelAll();

  bool entered_ = false;
  bool leaving_ = false;           // the body has ended
  bool aborting_ = false;          // something failed, or the parent was cancelled
  bool cancelled_parent_ = false;  // to end the body
  int cancelled_before_ = 0;       // the parent's cancellations when the body began
  AnyTask parent_;
  std::vector<AnyTask> tasks_;  // that are not done, in the order of creation
  std::vector<std::exception_ptr> errors_;
  std::optional<AsyncFuture<void>> all_done_;  // while Run waits for it
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ASYNC_TASK_GROUP_H_
