// runtime/async/spawn.cc

#include "runtime/async/spawn.h"

#include <vector>

namespace interleave {

AnyTask CurrentTask() {
  return running_now.task != nullptr ? AnyTask(*running_now.task) : AnyTask();
}

std::vector<AnyTask> AllTasks() {
  std::vector<AnyTask> tasks;
  TaskList& list = EventLoop::Current().tasks();
  for (TaskLinks* at = list.first(); at != list.end(); at = at->behind) {
    tasks.emplace_back(static_cast<TaskCore&>(*at));
  }
  return tasks;
}

}  // namespace interleave
