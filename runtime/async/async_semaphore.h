// runtime/async/async_semaphore.h
//
// At most n at a time:
//
//   AsyncSemaphore connections(10);
//   co_await connections.Acquire();
//   ...
//   connections.Release();
//
// Fair: who came first is served first, and nobody overtakes those who wait.
//
// An AsyncBoundedSemaphore refuses to be released more often than it was acquired, which is a
// mistake in most programs.
//
// Threads: the loop's own. Cancellation: leaves no trace; what was on its way to a task that is
// cancelled goes to the next.

#ifndef INTERLEAVE_RUNTIME_ASYNC_ASYNC_SEMAPHORE_H_
#define INTERLEAVE_RUNTIME_ASYNC_ASYNC_SEMAPHORE_H_

#include <coroutine>
#include <stdexcept>
#include <string>

#include "runtime/async/async_errors.h"
#include "runtime/async/waiting_tasks.h"

namespace interleave {

class AsyncSemaphore {
 public:
  class Waiting;

  // Throws: std::invalid_argument if it is negative.
  explicit AsyncSemaphore(int value) : value_(value) {
    if (value < 0) {
      throw std::invalid_argument("AsyncSemaphore: the value is " + std::to_string(value) +
                                  ", it must be at least 0");
    }
  }

  auto Acquire() {
    struct [[nodiscard]] Request {
      AsyncSemaphore* semaphore;
      Waiting AwaitAt(unsigned line) const { return Waiting(*semaphore, line); }
    };
    return Request{this};
  }
  void Release() {
    ++value_;
    WakeNext();
  }
  // Whether Acquire would wait.
  bool locked() const { return value_ == 0 || !waiting_.empty() || served_ > 0; }
  int value() const { return value_; }

  // How it works.
  class Waiting final : public WaitingTask {
   public:
    Waiting(AsyncSemaphore& semaphore, unsigned line) : WaitingTask(line), semaphore_(semaphore) {}
    bool await_ready() {
      if (semaphore_.locked()) return false;
      --semaphore_.value_;
      return true;
    }
    void await_suspend(std::coroutine_handle<>) { semaphore_.waiting_.Add(*this); }
    void await_resume() {
      if (!waited()) return;
      if (woken()) --semaphore_.served_;
      if (MustCancel()) {
        if (woken()) semaphore_.Release();
        throw TaskCancelled(CancelMessage());
      }
      if (semaphore_.value_ > 0) semaphore_.WakeNext();
    }
    std::string Describe() const override { return "semaphore"; }

   private:
    AsyncSemaphore& semaphore_;
  };

 private:
  void WakeNext() {
    if (waiting_.empty()) return;
    --value_;
    ++served_;
    waiting_.WakeFirst();
  }

  int value_;
  int served_ = 0;  // were woken with their share, and have not gone on yet
  WaitingTasks waiting_;
};

class AsyncBoundedSemaphore : public AsyncSemaphore {
 public:
  explicit AsyncBoundedSemaphore(int value) : AsyncSemaphore(value), bound_(value) {}
  // Throws: std::invalid_argument if it was not acquired.
  void Release() {
    if (value() >= bound_) {
      throw std::invalid_argument("AsyncBoundedSemaphore::Release: it was not acquired");
    }
    AsyncSemaphore::Release();
  }

 private:
  const int bound_;
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ASYNC_ASYNC_SEMAPHORE_H_
