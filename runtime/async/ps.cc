// runtime/async/ps.cc

#include "runtime/async/ps.h"

#include <algorithm>
#include <string>
#include <unordered_set>
#include <vector>

#include "runtime/async/task.h"
#include "runtime/async/task_core.h"

namespace interleave {
namespace {

std::string LineOf(const TaskCore& task) {
  std::string text = task.Name();
  const char* separator = "  ";
  const std::vector<PromiseBase*> frames = task.Frames();
  Suspension* at = task.waits_for();
  for (const PromiseBase* frame : frames) {
    const bool is_leaf = frame == frames.back();
    const unsigned line = !is_leaf ? frame->line() : at != nullptr ? at->line() : 0;
    text += separator + frame->Place(line);
    separator = " > ";
  }
  const bool runs = running_now.task == &task;
  return text + ": " + (at != nullptr ? at->Describe() : runs ? "running" : "ready");
}

// The tasks that `waits` waits for, past the gathers and shields in between.
std::vector<TaskCore*> AwaitedTasks(Completion& waits) {
  std::vector<TaskCore*> tasks;
  std::vector<Completion*> to_do{&waits};
  std::unordered_set<Completion*> seen;
  while (!to_do.empty()) {
    Completion* next = to_do.back();
    to_do.pop_back();
    if (!seen.insert(next).second) continue;
    std::vector<Completion*> awaited;
    next->ForEachAwaited([&](Completion& further) {
      if (!further.done()) awaited.push_back(&further);
    });
    std::reverse(awaited.begin(), awaited.end());
    for (Completion* further : awaited) {
      if (!further->is_task()) to_do.push_back(further);
    }
    for (auto at = awaited.rbegin(); at != awaited.rend(); ++at) {
      if ((*at)->is_task()) tasks.push_back(static_cast<TaskCore*>(*at));
    }
  }
  return tasks;
}

}  // namespace

std::string Ps(EventLoop& loop) {
  std::vector<TaskCore*> all;
  std::unordered_set<TaskCore*> awaited;
  for (TaskLinks* at = loop.tasks().first(); at != loop.tasks().end(); at = at->behind) {
    all.push_back(static_cast<TaskCore*>(at));
    for (TaskCore* task : AwaitedTasks(*all.back())) awaited.insert(task);
  }
  std::string text;
  std::unordered_set<TaskCore*> shown;
  struct Entry {
    TaskCore* task;
    std::size_t depth;
  };
  auto show_from = [&](TaskCore* first) {
    std::vector<Entry> to_do{{first, 0}};
    while (!to_do.empty()) {
      const Entry next = to_do.back();
      to_do.pop_back();
      text += std::string(2 * next.depth, ' ');
      if (!shown.insert(next.task).second) {
        text += next.task->Name() + "  (see above)\n";
        continue;
      }
      text += LineOf(*next.task) + "\n";
      std::vector<TaskCore*> below = AwaitedTasks(*next.task);
      for (auto at = below.rbegin(); at != below.rend(); ++at) {
        to_do.push_back({*at, next.depth + 1});
      }
    }
  };
  for (TaskCore* task : all) {
    if (!awaited.contains(task)) show_from(task);
  }
  for (TaskCore* task : all) {  // those in a ring
    if (!shown.contains(task)) show_from(task);
  }
  return text;
}

}  // namespace interleave
