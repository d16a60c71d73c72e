// runtime/lab/task_lanes.cc
#include "runtime/lab/task_lanes.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>

#include "runtime/async/suspension.h"
#include "runtime/async/task_core.h"
#include "runtime/engine/choice.h"

namespace interleave::lab {
namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds kNever = nanoseconds::max();

// A task's lane as far as it is known, and what it has been doing since `since`.
struct Noted {
  TaskLane lane;
  Activity activity = Activity::kReady;
  nanoseconds since{0};
  std::string what;          // that it waits for
  nanoseconds due = kNever;  // the wait ends then by itself
  bool is_ready = false;     // it became so in the step that is running
};

std::vector<Noted> tasks;                       // in the order in which they were made
std::map<const TaskCore*, std::size_t> places;  // in `tasks`, of those that are not done

void Close(Noted& task, nanoseconds until) {
  const auto add = [&](Activity activity, nanoseconds from, nanoseconds to, const char* what) {
    Append(task.lane.lane,
           {activity, static_cast<double>(from.count()), static_cast<double>(to.count()), what});
  };
  switch (task.activity) {
    case Activity::kRuns:
      return add(Activity::kRuns, task.since, until, "holds the loop");
    case Activity::kReady:
      return add(Activity::kReady, task.since, until, "ready");
    case Activity::kWaits:
      const nanoseconds due = std::clamp(task.due, task.since, until);
      add(Activity::kWaits, task.since, due, task.what.c_str());
      add(Activity::kReady, due, until, "ready");
  }
}

void Become(Noted& task, Activity activity, nanoseconds now) {
  Close(task, now);
  task.activity = activity;
  task.since = now;
}

// What the task waits for from now on, and until when at most.
void NoteWait(Noted& noted, const Suspension& wait, nanoseconds now) {
  noted.what = wait.Describe();
  const auto due = wait.due();
  noted.due = due == EventLoop::TimePoint::max() ? kNever : now + (due - EventLoop::Clock::now());
}

}  // namespace

void ForgetTasks() {
  tasks.clear();
  places.clear();
}

void NoteTask(TaskCore& task, TaskMoment moment) {
  const nanoseconds now = VirtualTime();
  const auto [place, is_new] = places.try_emplace(&task, tasks.size());
  if (is_new) {
    tasks.emplace_back();
    tasks.back().lane.thread = SimulatedThread();
    tasks.back().lane.lane.began = static_cast<double>(now.count());
    tasks.back().since = now;
  }
  Noted& noted = tasks[place->second];
  Lane& lane = noted.lane.lane;
  switch (moment) {
    case TaskMoment::kReady:
      if (noted.activity == Activity::kRuns) {
        noted.is_ready = true;
      } else {
        Become(noted, Activity::kReady, now);
      }
      break;
    case TaskMoment::kBegins:
      Become(noted, Activity::kRuns, now);
      noted.is_ready = false;
      break;
    case TaskMoment::kPauses:
      Become(noted, noted.is_ready ? Activity::kReady : Activity::kWaits, now);
      if (const Suspension* wait = task.waits_for(); wait != nullptr) NoteWait(noted, *wait, now);
      break;
    case TaskMoment::kEnds:
      Close(noted, now);
      lane.ended = static_cast<double>(now.count());
      lane.has_ended = true;
      places.erase(place);
      break;
  }
  lane.name = task.Name();  // it may get another one
}

std::vector<TaskLane> TaskLanes(nanoseconds ended) {
  for (const auto& [task, place] : places) {
    Close(tasks[place], ended);
    tasks[place].lane.lane.ended = static_cast<double>(ended.count());
  }
  std::vector<TaskLane> lanes;
  for (Noted& task : tasks) lanes.push_back(std::move(task.lane));
  ForgetTasks();
  return lanes;
}

}  // namespace interleave::lab
