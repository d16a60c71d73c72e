// runtime/async/suspension.cc

#include "runtime/async/suspension.h"

#include <algorithm>
#include <string>
#include <utility>

#include "runtime/async/async_errors.h"
#include "runtime/async/task.h"
#include "runtime/async/task_core.h"

namespace interleave {

TaskCore& Suspension::Begin() {
  TaskCore& task = *running_now.task;
  task.leaf()->set_waits_for(this);
  return task;
}

bool Suspension::MustCancel() { return running_now.task->TakeCancel(); }

std::string Suspension::CancelMessage() { return running_now.task->TakeCancelMessage(); }

void Suspension::End() {
  if (MustCancel()) throw TaskCancelled(CancelMessage());
}

CancelWalk::~CancelWalk() {
  for (TaskCore* task : visited_) task->Clear(TaskCore::kInWalk);
}

bool CancelWalk::Visited(const TaskCore& task) const { return task.Has(TaskCore::kInWalk); }

void CancelWalk::Add(TaskCore& task) {
  if (Visited(task)) return;
  task.Set(TaskCore::kInWalk);
  visited_.push_back(&task);
  to_do_.push_back(&task);
}

void CancelWalk::Run() {
  // What one task adds comes before what others added, in its own order: as if it were recursive.
  std::reverse(to_do_.begin(), to_do_.end());
  while (!to_do_.empty()) {
    TaskCore* task = to_do_.back();
    to_do_.pop_back();
    const auto others = static_cast<std::ptrdiff_t>(to_do_.size());
    task->CancelHere(*this);
    std::reverse(to_do_.begin() + others, to_do_.end());
  }
}

}  // namespace interleave
