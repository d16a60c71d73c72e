// runtime/threads/future_state.h
//
// How it works: what the handles Future and Promise point to, and how a thread waits for one or
// for many. Users include future.h and wait.h.
//
//   Future ──┐                    ┌── a thread in Get, at the state's condition variable
//   Future ──┼──> FutureState ────┼── Waiter, on the stack of a thread that waits for many
//   Promise ─┘    status, result  └── callback
//
// A state that nobody listens to has no list and no condition variable. A thread that waits for
// many puts a Waiter on its own stack and into the list of each of them, and the state that
// completes tells it. A thread in Get is woken after the state was unlocked: it would come to stand
// before a lock that its waker still holds, which costs two more turns of the kernel.
//
// Threads: everything may be called by any thread. Locks are taken in the order pool, state,
// waiter. Callbacks run without any lock.

#ifndef RUNTIME_THREADS_FUTURE_STATE_H_
#define RUNTIME_THREADS_FUTURE_STATE_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace interleave {

enum class FutureStatus { kPending, kRunning, kCancelled, kFinished };

using Deadline = std::optional<std::chrono::steady_clock::time_point>;
Deadline DeadlineAfter(std::optional<std::chrono::nanoseconds> timeout);

class FutureState;

// A thread that waits until `wanted` of the states that it watches have completed.
class Waiter {
 public:
  // `until_exception`: the first that failed is enough.
  explicit Waiter(std::size_t wanted, bool until_exception = false)
      : wanted_(wanted), until_exception_(until_exception) {}

  // Called by a state that has completed, under its lock.
  void Completed(FutureState* state, bool failed);

  // Blocks until enough have completed; false if the time was over first. `watched`, all of them,
  // is for the WaitObserver of this thread.
  bool Await(const std::vector<FutureState*>& watched, Deadline deadline);

  void Want(std::size_t wanted);  // from now on
  FutureState* completed(std::size_t index);

 private:
  bool Enough() const { return completed_.size() >= wanted_ || (until_exception_ && failed_); }

  std::mutex mutex_;
  std::condition_variable enough_;
  std::size_t wanted_;
  const bool until_exception_;
  bool failed_ = false;
  std::vector<FutureState*> completed_;  // in that order
};

// What a pool wants to know of its workers: that this one is about to wait for futures without a
// time limit. BeforeWait may throw, and then there is no wait; otherwise `watched` stays until
// AfterWait.
class WaitObserver {
 public:
  virtual void BeforeWait(const std::vector<FutureState*>& watched, std::size_t wanted) = 0;
  virtual void AfterWait() = 0;
  static thread_local WaitObserver* of_this_thread;

 protected:
  ~WaitObserver() = default;
};

// Whoever completes a future may have something to do for that which a thread in Get can do as well
// as any: then it is done at once, and nobody has to be woken to do it, and then the one in Get.
class FutureDriver {
 public:
  // Called by a thread in Get, without locks and instead of sleeping. Returns when `wanted` has
  // completed or the time is over; or sooner, if there is nothing to be done by this thread, and
  // then it sleeps until somebody completes the future.
  virtual void Drive(const FutureState& wanted, Deadline deadline) noexcept = 0;

 protected:
  ~FutureDriver() = default;
};

class FutureState {
 public:
  // One owner: the caller. `pool` is the address of the pool that will run it, if one will.
  explicit FutureState(const void* pool = nullptr) : pool_(pool) {}
  FutureState(const FutureState&) = delete;
  FutureState& operator=(const FutureState&) = delete;
  virtual ~FutureState() = default;

  void AddOwner();
  void RemoveOwner();  // the last one destroys it

  FutureStatus status() const;
  const void* pool() const { return pool_; }
  bool Cancel();
  bool Start();  // false: it was cancelled, and now those in Wait know
  void SetDriver(std::shared_ptr<FutureDriver> driver);

  // Throws: InvalidState if it has completed.
  void SetException(std::exception_ptr error);

  // Blocks until it has completed. Throws: TimedOut; whatever the WaitObserver does.
  void Await(Deadline deadline);
  std::exception_ptr Exception(Deadline deadline);  // Throws: Cancelled

  // The maker is gone: if nothing has become of it, it finishes with BrokenPromise.
  void Abandon();

  // For those who wait for many. A state that has completed tells the waiter at once. That it was
  // cancelled is enough for Get; Wait and AsCompleted want Start to have seen it, too.
  void Watch(Waiter& waiter);
  void Unwatch(Waiter& waiter);
  bool CompletedForWait() const;

  void AddCallback(std::function<void(FutureState*)> callback);

  // Of a job: calls its function, and keeps what comes of it until Publish makes it known.
  virtual void Run() noexcept {}
  void Publish();

 protected:
  using Lock = std::unique_lock<std::mutex>;

  // REQUIRES: lock holds mutex_
  void CheckNotCompleted() const;
  void CheckHasValue() const;  // Throws: the work's exception, Cancelled
  void Finish(Lock lock);      // and unlocks

  mutable std::mutex mutex_;  // guards the result in derived classes, and all below but owners_
  std::exception_ptr error_;  // if it finished so

 private:
  struct Listeners {
    std::vector<Waiter*> waiters;
    std::vector<std::function<void(FutureState*)>> callbacks;
    std::condition_variable completed;
    std::size_t awaiting = 0;  // threads at `completed`
  };

  bool Completed() const { return status_.load() >= FutureStatus::kCancelled; }
  bool HasEnded() const { return status_ == FutureStatus::kFinished || start_saw_cancel_; }
  void AskDriver(Lock& lock, Deadline deadline);  // unlocks meanwhile
  Listeners& ToListeners();
  void SeeCancel();
  void TellWaiters();
  void TellAll(Lock lock);  // that it has completed; and unlocks

  std::atomic<int> owners_ = 1;
  std::atomic<FutureStatus> status_ = FutureStatus::kPending;  // read also without the lock
  const void* const pool_;
  std::shared_ptr<FutureDriver> driver_;  // until it has completed
  std::unique_ptr<Listeners> listeners_;  // made for the first: most jobs finish without one
  bool start_saw_cancel_ = false;         // last: a derived class may use the bytes behind it
};

}  // namespace interleave

#endif  // RUNTIME_THREADS_FUTURE_STATE_H_
