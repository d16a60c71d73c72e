// runtime/async/waiting_tasks.h
//
// Tasks that wait for a lock, an event, an item: a list, first come first served. A task stands in
// it with the awaiter in its own frame, so waiting allocates nothing and leaving is a matter of two
// pointers.
//
// What every lock has to get right: between being woken and going on a task can be cancelled, and
// then what it was woken for must go to somebody else. The awaiters that derive from WaitingTask
// look at MustCancel() in await_resume for that.

#ifndef INTERLEAVE_RUNTIME_ASYNC_WAITING_TASKS_H_
#define INTERLEAVE_RUNTIME_ASYNC_WAITING_TASKS_H_

#include <coroutine>

#include "runtime/async/event_loop.h"
#include "runtime/async/suspension.h"
#include "runtime/async/task_core.h"

namespace interleave {

struct WaitingLinks {
  WaitingLinks* before = nullptr;  // null: in no list
  WaitingLinks* behind = nullptr;
};

class WaitingTask : public Suspension, public WaitingLinks {
 public:
  explicit WaitingTask(unsigned line) : Suspension(line) {}
  ~WaitingTask() { Leave(); }
  CancelledWait Cancel(CancelWalk&) override {
    if (before == nullptr) return CancelledWait::kAlreadyWoken;
    Leave();
    woken_ = false;
    return CancelledWait::kWithdrawn;
  }

 protected:
  // It had to wait, and somebody woke it.
  bool woken() const { return woken_; }
  bool waited() const { return task_ != nullptr; }

 private:
  friend class WaitingTasks;
  void Leave() {
    if (before == nullptr) return;
    before->behind = behind;
    behind->before = before;
    before = behind = nullptr;
  }
  TaskCore* task_ = nullptr;  // null: did not have to wait
  bool woken_ = false;
};

class WaitingTasks {
 public:
  WaitingTasks() { ends_.before = ends_.behind = &ends_; }
  // Whoever still waits does so for ever.
  ~WaitingTasks() {
    while (!empty()) static_cast<WaitingTask*>(ends_.behind)->Leave();
  }
  WaitingTasks(const WaitingTasks&) = delete;
  WaitingTasks& operator=(const WaitingTasks&) = delete;

  bool empty() const { return ends_.behind == &ends_; }

  // The running task, or in StillBlocked the one that was woken, waits from now on, as the last.
  void Add(WaitingTask& waiting) {
    if (waiting.task_ == nullptr) waiting.task_ = &waiting.Begin();
    waiting.woken_ = false;
    waiting.before = ends_.before;
    waiting.behind = &ends_;
    ends_.before->behind = &waiting;
    ends_.before = &waiting;
  }

  // The first goes on in the next iteration. REQUIRES: !empty().
  WaitingTask& WakeFirst() {
    WaitingTask& first = *static_cast<WaitingTask*>(ends_.behind);
    first.Leave();
    first.woken_ = true;
    first.task_->loop().MakeReady(*first.task_);
    return first;
  }
  void WakeAll() {
    while (!empty()) WakeFirst();
  }

 private:
  WaitingLinks ends_;
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ASYNC_WAITING_TASKS_H_
