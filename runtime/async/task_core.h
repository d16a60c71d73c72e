// runtime/async/task_core.h
//
// A task: a chain of coroutines that runs on its own, step by step, whenever its turn comes. Here
// is the part without the result's type; what programs use is TaskHandle (spawn.h).
//
//   leaf --> [ Parse ] --caller--> [ Fetch ] --caller--> [ Crawl ]      the first one called
//               |
//            waits_for: an awaiter in the frame of Parse
//
// One step resumes the leaf, then whoever is to go on (the caller of one that ended, the callee of
// one that awaits), until one of them really waits. It is the only place where coroutines are
// resumed.
//
// 80 bytes with the result of a Task<void>, because programs may have a million. What few tasks
// need (a given name, context variables) is kept apart.

#ifndef INTERLEAVE_RUNTIME_ASYNC_TASK_CORE_H_
#define INTERLEAVE_RUNTIME_ASYNC_TASK_CORE_H_

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <source_location>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/async/completion.h"
#include "runtime/async/context.h"
#include "runtime/async/outcome.h"
#include "runtime/async/suspension.h"
#include "runtime/async/task_list.h"

namespace interleave {

class TaskCore : public Completion, public TaskLinks {
 public:
  // Ready from the start. `first` awaits nobody's call yet.
  TaskCore(EventLoop& loop, PromiseBase& first, std::string_view name);

  // One step. Throws: Interrupted, if the task did.
  void Run() override;

  bool CancelFrom(CancelWalk& walk) override;
  void ForEachAwaited(const std::function<void(Completion&)>& visit) const override;
  std::string Text() const override;
  std::string Name() const override;
  void SetName(std::string_view name);

  // How often it was cancelled, less how often Uncancel was called.
  int cancel_requests() const { return cancel_requests_; }
  int Uncancel();

  // For awaiters.
  PromiseBase* leaf() const { return done() ? nullptr : leaf_; }  // null after Abandon, too
  // What it waits for; null if it is ready or running.
  Suspension* waits_for() const;
  // Whether TaskCancelled is to be thrown where it goes on; asking takes the order.
  bool TakeCancel() {
    if (!Has(kMustCancel)) return false;
    Clear(kMustCancel);
    return true;
  }
  std::string TakeCancelMessage();

  // The frames from the first to the leaf.
  std::vector<PromiseBase*> Frames() const;
  // "Parse (parser.cc:12)": where the leaf stands. Of a task that is done: its first function.
  std::string Place() const;
  bool started() const { return Has(kStarted); }

  // The loop is closed: destroys the frames. The task stays pending.
  void Abandon();

  const Context& context() const;

 protected:
  ~TaskCore() override;
  virtual bool failed() const = 0;
  virtual void SetError(std::exception_ptr error) = 0;
  // "42", "'abc'"; empty if the type has no text. REQUIRES: done, with a value.
  virtual std::string ResultText() const = 0;

 private:
  friend class CancelWalk;
  struct Extras {
    std::uint64_t number = 0;
    std::string name;            // empty: Task-<number>
    std::string cancel_message;  // for the TaskCancelled to come
    Context context;
  };
  Extras& NeedExtras();
  void CancelHere(CancelWalk& walk);
  void CancelWhatItWaitsFor();
  // The parts of a step and of a task's beginning and end. What few tasks need is apart, so that
  // the others' code is short and straight: a yield takes 9 ns instead of 12, a task's life 45
  // instead of 57.
  void ResumeFrames();
  void ResumeInContext();
  void KeepContext();
  void BeginWithExtras(std::string_view name);
  void Finish(std::source_location first);
  void FinishBadly(std::source_location first);
  void Leave(std::source_location first, bool cancelled);

  union {
    PromiseBase* leaf_ = nullptr;
    std::source_location first_;  // once done: its first function
  };
  union {
    std::uint64_t number_;
    Extras* extras_;  // if kExtras
  };
};

// As a task's text shows it.
template <typename T>
std::string TextOfResult(const T& result) {
  if constexpr (std::is_arithmetic_v<T>) {
    return std::to_string(result);
  } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    return "'" + std::string(std::string_view(result)) + "'";
  } else {
    return "";
  }
}

// With the result.
template <typename T>
class TaskState final : public TaskCore {
 public:
  TaskState(EventLoop& loop, PromiseBase& first, std::string_view name)
      : TaskCore(loop, first, name) {}
  void* outcome() override { return &outcome_; }
  std::exception_ptr error() const override { return outcome_.error(); }

 protected:
  bool failed() const override { return outcome_.has_error(); }
  void SetError(std::exception_ptr error) override { outcome_.SetError(std::move(error)); }
  std::string ResultText() const override {
    if constexpr (std::is_void_v<T>) {
      return "None";  // as Python prints it
    } else {
      return TextOfResult(outcome_.value());
    }
  }

 private:
  Outcome<T> outcome_;
};

// Task-1, Task-2 ... are counted per thread, so that what a thread prints does not depend on what
// others do.
std::uint64_t NextTaskNumber();

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ASYNC_TASK_CORE_H_
