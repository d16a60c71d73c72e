// runtime/async/sleep.cc

#include "runtime/async/sleep.h"

#include "runtime/async/async_errors.h"

namespace interleave {

SleepAwaiter::SleepAwaiter(EventLoop::TimePoint until, unsigned line) : Suspension(line) {
  if (until <= kNoTime) return;
  task_ = running_now.task;
  task_->loop().Arm(*this, until);
}

SleepAwaiter::~SleepAwaiter() {
  if (task_ == nullptr) return;
  if (armed()) {
    task_->loop().Disarm(*this);
  } else {
    task_->loop().Unready(*this);
  }
}

void SleepAwaiter::await_suspend(std::coroutine_handle<>) {
  if (task_ != nullptr) {
    Begin();
  } else {
    running_now.loop->MakeReady(*running_now.task);
  }
}

void SleepAwaiter::Run() {
  TaskCore& task = *task_;
  task_ = nullptr;
  task.loop().MakeReady(task);
}

CancelledWait SleepAwaiter::Cancel(CancelWalk&) {
  if (task_ == nullptr) return CancelledWait::kAlreadyWoken;
  if (armed()) {
    task_->loop().Disarm(*this);
  } else {
    task_->loop().Unready(*this);
  }
  task_ = nullptr;
  return CancelledWait::kWithdrawn;
}

EventLoop::TimePoint SleepAwaiter::due() const {
  return armed() ? task_->loop().DeadlineOf(*this) : EventLoop::TimePoint::max();
}

Sleep SleepUntil(EventLoop::TimePoint until) { return Sleep(until); }

Sleep SleepFor(EventLoop::Duration duration) {
  return Sleep(duration > EventLoop::Duration(0) ? EventLoop::In(duration) : SleepAwaiter::kNoTime);
}

void ThrowCancelled() { throw TaskCancelled(running_now.task->TakeCancelMessage()); }

}  // namespace interleave
