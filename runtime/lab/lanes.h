// runtime/lab/lanes.h
//
// What each thread was doing, when: a run's trace seen as one lane a thread, the raw material of
// every timeline. Below a thread that runs an event loop stand the lanes of its tasks, which the
// loop has told of (task_lanes.h). A lane is cut into spans:
//
//   runs    it computes (Compute: the only work that takes virtual time)
//   waits   for a lock, a wake-up, the end of a thread, or asleep
//   ready   it could go on, but another has the core
//
// Virtual time stands still while anybody runs, so a race of a few steps takes no time at all. Its
// lanes are measured in steps instead (`in_steps`): each step is one unit long, and a thread that
// could have gone on, and was not chosen, is ready. There are no tasks in such a run's lanes.
#ifndef INTERLEAVE_RUNTIME_LAB_LANES_H_
#define INTERLEAVE_RUNTIME_LAB_LANES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "runtime/engine/explore.h"

namespace interleave::lab {

enum class Activity { kRuns, kWaits, kReady };

// Positions are nanoseconds since the run began, or step numbers.
struct Span {
  Activity activity;
  double from = 0, to = 0;
  std::string what;  // "sleeps", "waits for left"
};

struct Lane {
  std::string name;
  std::string thread = {};  // the name of a task's loop's thread; of a thread, its own
  bool is_task = false;
  double began = 0, ended = 0;
  bool has_ended = false;   // otherwise the run was over first
  std::vector<Span> spans;  // in order, without overlap
};

struct Lanes {
  bool in_steps = false;
  double length = 0;
  std::vector<Lane> lanes;  // in order of creation, tasks behind their thread
};

// A task's lane, in nanoseconds since 1970, and the number of its loop's thread.
struct TaskLane {
  std::size_t thread = 0;
  Lane lane;
};

// REQUIRES: `report` was made with SimulateOptions::trace.
Lanes MakeLanes(const RunReport& report, const std::vector<TaskLane>& tasks = {});

// Those that are to be seen: all but these threads and their tasks.
Lanes WithoutThreads(Lanes lanes, const std::vector<std::string>& names);

// Appends a span, unless it is empty or only goes on with the last one.
void Append(Lane& lane, const Span& span);

}  // namespace interleave::lab

#endif  // INTERLEAVE_RUNTIME_LAB_LANES_H_
