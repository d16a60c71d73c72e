// runtime/async/loop_inbox.h
//
// The one door to a loop that other threads may use. A loop sleeps in its poll when it has nothing
// to do, and all of its lists belong to its own thread; so what comes from outside is put in here,
// and a byte in an eventfd wakes the loop to look.
//
// Shared by the loop and by those who may still have something for it: a job on another thread can
// end after the loop is gone, and then finds the door closed instead of a dangling pointer.
//
// Threads: any. A signal handler may call WakeFromSignal and nothing else.

#ifndef INTERLEAVE_RUNTIME_ASYNC_LOOP_INBOX_H_
#define INTERLEAVE_RUNTIME_ASYNC_LOOP_INBOX_H_

#include <atomic>
#include <memory>
#include <mutex>

#include "runtime/async/callback.h"
#include "runtime/async/ready_queue.h"

namespace interleave {

class LoopInbox {
 public:
  // Throws: std::system_error if there is no descriptor left.
  explicit LoopInbox(EventLoop& loop);
  ~LoopInbox();
  LoopInbox(const LoopInbox&) = delete;
  LoopInbox& operator=(const LoopInbox&) = delete;

  // Has function() called by the loop, after what is ready there. False if the loop is closed.
  template <typename F>
  bool Post(F&& function) {
    return PostCallback(*new CallbackOf<std::decay_t<F>>(loop_, std::forward<F>(function)));
  }

  // Wakes the loop's poll.
  void WakeFromSignal() noexcept;

  // The rest is the loop's.

  int fd() const { return fd_; }  // readable when there may be something
  bool maybe_any() const { return any_.load(std::memory_order_acquire); }
  void MoveTo(RunnableList& ready);
  void ClearWakeUp() noexcept;
  // From now on Post returns false. What was posted and not moved is dropped.
  void Close();

 private:
  bool PostCallback(Callback& callback);

  EventLoop& loop_;  // not to be touched once closed_
  const int fd_;
  std::atomic<bool> any_ = false;  // posted_ is not empty
  std::mutex mutex_;               // guards all below
  bool closed_ = false;
  RunnableList posted_;
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ASYNC_LOOP_INBOX_H_
