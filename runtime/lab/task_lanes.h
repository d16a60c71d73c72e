// runtime/lab/task_lanes.h
//
// What each task of the program's event loops was doing, when: the loops tell what happens to their
// tasks (LoopHooks::task), and here it becomes a lane a task (lanes.h), to be drawn below the lane
// of the loop's thread:
//
//   runs    it holds the loop. A step takes time if it computes, sleeps or waits without awaiting
//   waits   it awaits something
//   ready   it could go on, but somebody else holds the loop. A task that sleeps is ready from
//           when its time is up, not only from when the loop has looked at the clock
//
// Threads: the simulated ones of one run.
#ifndef INTERLEAVE_RUNTIME_LAB_TASK_LANES_H_
#define INTERLEAVE_RUNTIME_LAB_TASK_LANES_H_

#include <chrono>
#include <vector>

#include "runtime/async/event_loop.h"
#include "runtime/lab/lanes.h"

namespace interleave::lab {

// Forgets what was noted. At the beginning of a run.
void ForgetTasks();

// A LoopHooks::task. REQUIRES: on a simulated thread.
void NoteTask(TaskCore& task, TaskMoment moment);

// The tasks that were noted, in the order in which they were made. `ended` is the end of the run,
// which cuts off those that were not done. REQUIRES: not within a simulation.
std::vector<TaskLane> TaskLanes(std::chrono::nanoseconds ended);

}  // namespace interleave::lab

#endif  // INTERLEAVE_RUNTIME_LAB_TASK_LANES_H_
