// runtime/async/task_group.cc

#include "runtime/async/task_group.h"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

namespace interleave {
namespace {

std::string TextOf(const std::string& message, const std::vector<std::exception_ptr>& errors) {
  std::string text = message + " (" + std::to_string(errors.size()) +
                     (errors.size() == 1 ? " failure)" : " failures)");
  const char* separator = ": ";
  for (const std::exception_ptr& error : errors) {
    try {
      std::rethrow_exception(error);
    } catch (const std::exception& exception) {
      text += separator + std::string(exception.what());
    } catch (...) {
      text += separator + std::string("an exception that is no std::exception");
    }
    separator = "; ";
  }
  return text;
}

}  // namespace

ExceptionGroup::ExceptionGroup(const std::string& message, std::vector<std::exception_ptr> errors)
    : std::runtime_error(TextOf(message, errors)), errors_(std::move(errors)) {}

void TaskGroup::CheckOpen() const {
  if (!entered_) throw std::logic_error("TaskGroup::Spawn: the group does not run yet");
  if (leaving_ && tasks_.empty()) throw std::logic_error("TaskGroup::Spawn: the group has ended");
  if (aborting_) throw std::logic_error("TaskGroup::Spawn: the group is shutting down");
}

void TaskGroup::Add(const AnyTask& task) {
  tasks_.push_back(task);
  AnyTask(task).AddDoneCallback([this, task] { NoteDone(task); });
}

void TaskGroup::CancelAll() {
  aborting_ = true;
  for (AnyTask& task : tasks_) {
    if (!task.done()) task.Cancel();
  }
}

void TaskGroup::NoteDone(const AnyTask& task) {
  tasks_.erase(std::find(tasks_.begin(), tasks_.end(), task));
  if (all_done_.has_value() && tasks_.empty() && !all_done_->done()) all_done_->SetResult();
  if (task.cancelled()) return;
  const std::exception_ptr error = task.Exception();
  if (error == nullptr) return;
  errors_.push_back(error);
  if (aborting_) return;
  CancelAll();
  if (!leaving_) {  // the body has to end as well
    cancelled_parent_ = true;
    parent_.Cancel();
  }
}

Task<void> TaskGroup::Run(Task<void> body) {
  if (entered_) throw std::logic_error("TaskGroup::Run: it has been used before");
  entered_ = true;
  parent_ = CurrentTask();
  cancelled_before_ = parent_.Cancelling();
  std::exception_ptr cancelled, failed;
  try {
    co_await body;
  } catch (const TaskCancelled&) {
    cancelled = std::current_exception();
  } catch (...) {
    failed = std::current_exception();
  }

  leaving_ = true;
  // A cancellation that was ours ends here.
  if (cancelled_parent_ && parent_.Uncancel() <= cancelled_before_) cancelled = nullptr;
  if ((failed != nullptr || cancelled != nullptr) && !aborting_) CancelAll();
  while (!tasks_.empty()) {
    all_done_.emplace();
    try {
      co_await *all_done_;
    } catch (const TaskCancelled&) {
      cancelled = std::current_exception();
      if (!aborting_) CancelAll();
    }
    all_done_.reset();
  }
  if (cancelled != nullptr && errors_.empty() && failed == nullptr) {
    std::rethrow_exception(cancelled);
  }
  if (failed != nullptr) errors_.push_back(failed);
  if (!errors_.empty()) throw ExceptionGroup("failures in a TaskGroup", errors_);
}

}  // namespace interleave
