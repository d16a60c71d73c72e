// runtime/async/async_event.h
//
// A fact that tasks wait for: not yet, and then, from one moment on, so.
//
//   AsyncEvent ready;
//   co_await ready.Wait();     // does not wait if it is set
//   ready.Set();               // all who wait go on in the next iteration, in the order of arrival
//
// A task that was woken goes on even if the event was cleared again in between.
//
// Threads: the loop's own. Cancellation: leaves no trace.

#ifndef INTERLEAVE_RUNTIME_ASYNC_ASYNC_EVENT_H_
#define INTERLEAVE_RUNTIME_ASYNC_ASYNC_EVENT_H_

#include <coroutine>
#include <string>

#include "runtime/async/waiting_tasks.h"

namespace interleave {

class AsyncEvent {
 public:
  class Waiting;

  bool is_set() const { return is_set_; }
  void Set() {
    is_set_ = true;
    waiting_.WakeAll();
  }
  void Clear() { is_set_ = false; }

  auto Wait() {
    struct [[nodiscard]] Request {
      AsyncEvent* event;
      Waiting AwaitAt(unsigned line) const { return Waiting(*event, line); }
    };
    return Request{this};
  }

  // How it works.
  class Waiting final : public WaitingTask {
   public:
    Waiting(AsyncEvent& event, unsigned line) : WaitingTask(line), event_(event) {}
    bool await_ready() const { return event_.is_set_; }
    void await_suspend(std::coroutine_handle<>) { event_.waiting_.Add(*this); }
    void await_resume() const {
      if (waited()) End();
    }
    std::string Describe() const override { return "event"; }

   private:
    AsyncEvent& event_;
  };

 private:
  bool is_set_ = false;
  WaitingTasks waiting_;
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ASYNC_ASYNC_EVENT_H_
