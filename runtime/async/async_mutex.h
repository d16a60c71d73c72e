// runtime/async/async_mutex.h
//
// One task at a time, across its awaits. (Between two awaits a task is alone anyway: nobody else
// runs on its thread. A lock is for what must not be interrupted by an await in the middle.)
//
//   AsyncMutex mutex;
//   {
//     AsyncMutexLock lock = co_await mutex.ScopedLock();
//     int balance = co_await ReadBalance();
//     co_await WriteBalance(balance - 50);
//   }                                          // unlocked here
//
// Fair: each unlock admits the one who has waited longest, and a newcomer goes behind who waits,
// even if the lock is free for a moment.
//
// Threads: the loop's own. Cancellation: leaves no trace; a lock on its way to a task that is
// cancelled goes to the next.

#ifndef INTERLEAVE_RUNTIME_ASYNC_ASYNC_MUTEX_H_
#define INTERLEAVE_RUNTIME_ASYNC_ASYNC_MUTEX_H_

#include <coroutine>
#include <stdexcept>
#include <string>
#include <utility>

#include "runtime/async/async_errors.h"
#include "runtime/async/waiting_tasks.h"

namespace interleave {

class AsyncMutex;

// Holds a lock for a block.
class [[nodiscard]] AsyncMutexLock {
 public:
  explicit AsyncMutexLock(AsyncMutex& mutex) : mutex_(&mutex) {}
  AsyncMutexLock(AsyncMutexLock&& other) noexcept : mutex_(std::exchange(other.mutex_, nullptr)) {}
  AsyncMutexLock& operator=(AsyncMutexLock&&) = delete;
  ~AsyncMutexLock();

 private:
  AsyncMutex* mutex_;
};

class AsyncMutex {
 public:
  class Waiting;
  class ScopedWaiting;

  // co_await: waits until it is this task's.
  auto Lock() { return Request<Waiting>{this}; }
  // The same, and gives an AsyncMutexLock.
  auto ScopedLock() { return Request<ScopedWaiting>{this}; }
  // Throws: std::logic_error if it is not locked.
  void Unlock() {
    if (!locked_) throw std::logic_error("AsyncMutex::Unlock: it is not locked");
    locked_ = false;
    Admit();
  }
  bool locked() const { return locked_; }

  // How it works.
  template <typename Awaiter>
  struct [[nodiscard]] Request {
    AsyncMutex* mutex;
    Awaiter AwaitAt(unsigned line) const { return Awaiter(*mutex, line); }
  };

  class Waiting : public WaitingTask {
   public:
    Waiting(AsyncMutex& mutex, unsigned line) : WaitingTask(line), mutex_(mutex) {}
    bool await_ready() {
      if (mutex_.locked_ || mutex_.admitted_ || !mutex_.waiting_.empty()) return false;
      return mutex_.locked_ = true;
    }
    void await_suspend(std::coroutine_handle<>) { mutex_.waiting_.Add(*this); }
    void await_resume() { Take(); }
    std::string Describe() const override { return "mutex"; }

   protected:
    void Take() {
      if (!waited()) return;
      if (woken()) mutex_.admitted_ = false;
      if (MustCancel()) {
        if (!mutex_.locked_) mutex_.Admit();
        throw TaskCancelled(CancelMessage());
      }
      mutex_.locked_ = true;
    }
    AsyncMutex& mutex_;
  };

  class ScopedWaiting final : public Waiting {
   public:
    using Waiting::Waiting;
    AsyncMutexLock await_resume() {
      Take();
      return AsyncMutexLock(mutex_);
    }
  };

 private:
  void Admit() {
    if (admitted_ || waiting_.empty()) return;
    admitted_ = true;
    waiting_.WakeFirst();
  }

  bool locked_ = false;
  bool admitted_ = false;  // somebody was woken to take it, and has not gone on yet
  WaitingTasks waiting_;
};

inline AsyncMutexLock::~AsyncMutexLock() {
  if (mutex_ != nullptr) mutex_->Unlock();
}

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ASYNC_ASYNC_MUTEX_H_
