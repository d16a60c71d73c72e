// runtime/threads/future_state.cc

#include "runtime/threads/future_state.h"

#include <algorithm>
#include <exception>
#include <iostream>
#include <string>

#include "runtime/threads/future_errors.h"
#include "runtime/threads/thread_name.h"

// Whoever watches only some of a program's files for data races, as ThreadSanitizer's hooks in a
// lab do, does not see the counting in this one, but the work before and the destructor after it.
// So it is told, if it is there.
extern "C" {
__attribute__((weak)) void __tsan_acquire(void* address);
__attribute__((weak)) void __tsan_release(void* address);
}

namespace interleave {
namespace {

const char* NameOf(FutureStatus status) {
  switch (status) {
    case FutureStatus::kPending:
      return "pending";
    case FutureStatus::kRunning:
      return "running";
    case FutureStatus::kCancelled:
      return "cancelled";
    case FutureStatus::kFinished:
      return "finished";
  }
  return "?";
}

}  // namespace

Deadline DeadlineAfter(std::optional<std::chrono::nanoseconds> timeout) {
  if (!timeout) return std::nullopt;
  return std::chrono::steady_clock::now() + *timeout;
}

// ---- Waiter ----

thread_local WaitObserver* WaitObserver::of_this_thread = nullptr;

void Waiter::Completed(FutureState* state, bool failed) {
  std::lock_guard lock(mutex_);
  completed_.push_back(state);
  failed_ = failed_ || failed;
  // Under the lock: the waiter is on a stack, and gone as soon as its thread sees enough.
  if (Enough()) enough_.notify_one();
}

bool Waiter::Await(const std::vector<FutureState*>& watched, Deadline deadline) {
  std::unique_lock lock(mutex_);
  const auto enough = [this] { return Enough(); };
  if (enough()) return true;
  if (deadline) return enough_.wait_until(lock, *deadline, enough);

  WaitObserver* const observer = WaitObserver::of_this_thread;
  if (observer == nullptr) {
    enough_.wait(lock, enough);
    return true;
  }
  const std::size_t wanted = until_exception_ ? 1 : wanted_;
  lock.unlock();  // the observer asks the states, and their locks come before the waiter's
  observer->BeforeWait(watched, wanted);
  lock.lock();
  enough_.wait(lock, enough);
  lock.unlock();
  observer->AfterWait();
  return true;
}

void Waiter::Want(std::size_t wanted) {
  std::lock_guard lock(mutex_);
  wanted_ = wanted;
}

FutureState* Waiter::completed(std::size_t index) {
  std::lock_guard lock(mutex_);
  return completed_[index];
}

// ---- FutureState ----

void FutureState::AddOwner() { owners_.fetch_add(1, std::memory_order_relaxed); }

void FutureState::RemoveOwner() {
  // Release: what I did with it comes before its end. Acquire: so does what the others did.
  if (__tsan_release != nullptr) __tsan_release(&owners_);
  if (owners_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  if (__tsan_acquire != nullptr) __tsan_acquire(&owners_);
  delete this;
}

FutureStatus FutureState::status() const {
  std::lock_guard lock(mutex_);
  return status_;
}

bool FutureState::Cancel() {
  Lock lock(mutex_);
  if (status_ == FutureStatus::kCancelled) return true;
  if (status_ != FutureStatus::kPending) return false;
  status_ = FutureStatus::kCancelled;
  TellAll(std::move(lock));
  return true;
}

bool FutureState::Start() {
  std::lock_guard lock(mutex_);
  if (status_ == FutureStatus::kCancelled) {
    SeeCancel();
    return false;
  }
  if (status_ != FutureStatus::kPending) {
    throw InvalidState(std::string("Start: the future is ") + NameOf(status_) + " already");
  }
  status_ = FutureStatus::kRunning;
  return true;
}

void FutureState::SetDriver(std::shared_ptr<FutureDriver> driver) {
  std::lock_guard lock(mutex_);
  if (!Completed()) driver_ = std::move(driver);
}

void FutureState::SetException(std::exception_ptr error) {
  Lock lock(mutex_);
  CheckNotCompleted();
  error_ = std::move(error);
  Finish(std::move(lock));
}

void FutureState::Publish() { Finish(Lock(mutex_)); }

void FutureState::Await(Deadline deadline) {
  if (Completed()) return;
  WaitObserver* const observer = deadline ? nullptr : WaitObserver::of_this_thread;
  const std::vector<FutureState*> watched = {this};
  if (observer != nullptr) observer->BeforeWait(watched, 1);
  Lock lock(mutex_);
  AskDriver(lock, deadline);
  if (!Completed()) {
    Listeners& listeners = ToListeners();
    ++listeners.awaiting;
    const auto completed = [this] { return Completed(); };
    if (!deadline) {
      listeners.completed.wait(lock, completed);
    } else {
      listeners.completed.wait_until(lock, *deadline, completed);
    }
    --listeners.awaiting;
    if (!Completed()) throw TimedOut(std::string("the future is still ") + NameOf(status_));
  }
  lock.unlock();
  if (observer != nullptr) observer->AfterWait();
}

std::exception_ptr FutureState::Exception(Deadline deadline) {
  Await(deadline);
  std::lock_guard lock(mutex_);
  if (status_ == FutureStatus::kCancelled) throw Cancelled();
  return error_;
}

void FutureState::Abandon() {
  Lock lock(mutex_);
  if (status_ == FutureStatus::kCancelled) {
    SeeCancel();
  } else if (status_ != FutureStatus::kFinished) {
    error_ = std::make_exception_ptr(BrokenPromise());
    Finish(std::move(lock));
  }
}

void FutureState::Watch(Waiter& waiter) {
  std::lock_guard lock(mutex_);
  ToListeners().waiters.push_back(&waiter);
  TellWaiters();
}

void FutureState::Unwatch(Waiter& waiter) {
  std::lock_guard lock(mutex_);
  std::erase(listeners_->waiters, &waiter);
}

bool FutureState::CompletedForWait() const {
  std::lock_guard lock(mutex_);
  return HasEnded();
}

void FutureState::AddCallback(std::function<void(FutureState*)> callback) {
  Lock lock(mutex_);
  ToListeners().callbacks.push_back(std::move(callback));
  if (Completed()) TellAll(std::move(lock));
}

void FutureState::CheckNotCompleted() const {
  if (Completed()) throw InvalidState(std::string("the future is ") + NameOf(status_) + " already");
}

void FutureState::CheckHasValue() const {
  if (status_ == FutureStatus::kCancelled) throw Cancelled();
  if (error_) std::rethrow_exception(error_);
}

void FutureState::Finish(Lock lock) {
  status_ = FutureStatus::kFinished;
  TellAll(std::move(lock));
}

// Not if there are callbacks: the thread in Get would call them, for as long as they take.
void FutureState::AskDriver(Lock& lock, Deadline deadline) {
  if (!driver_ || (listeners_ && !listeners_->callbacks.empty())) return;
  {
    const std::shared_ptr<FutureDriver> driver = driver_;
    lock.unlock();
    driver->Drive(*this, deadline);
  }
  lock.lock();
}

FutureState::Listeners& FutureState::ToListeners() {
  if (!listeners_) listeners_ = std::make_unique<Listeners>();
  return *listeners_;
}

void FutureState::SeeCancel() {
  start_saw_cancel_ = true;
  TellWaiters();
}

void FutureState::TellWaiters() {
  if (!listeners_ || !HasEnded()) return;
  for (Waiter* waiter : std::exchange(listeners_->waiters, {})) {
    waiter->Completed(this, error_ != nullptr);
  }
}

void FutureState::TellAll(Lock lock) {
  driver_.reset();
  TellWaiters();
  if (!listeners_) return;
  const auto callbacks = std::exchange(listeners_->callbacks, {});
  const bool awaited = listeners_->awaiting > 0;
  lock.unlock();
  if (awaited) listeners_->completed.notify_all();
  for (const auto& callback : callbacks) {
    std::string failure = "unknown exception";
    try {
      callback(this);
      continue;
    } catch (const std::exception& error) {
      failure = error.what();
    } catch (...) {
    }
    std::cerr << ThreadName() + ": exception in a done callback of a future: " + failure + "\n";
  }
}

}  // namespace interleave
