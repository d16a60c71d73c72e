// runtime/async/wait_graph.h
//
// Who waits for whom. Tasks await tasks, some through a Gather or a Shield; drawn as arrows that is
// a graph, and a ring in it is a deadlock:
//
//   Task-1 --> Task-2 --> Gather --> Task-1
//
// Nobody in a ring can go on until one of them is cancelled. A task that begins to wait looks a few
// arrows ahead, which finds the rings that people make; a loop that has nothing left to do looks at
// all of its tasks once.

#ifndef INTERLEAVE_RUNTIME_ASYNC_WAIT_GRAPH_H_
#define INTERLEAVE_RUNTIME_ASYNC_WAIT_GRAPH_H_

#include <string>
#include <vector>

#include "runtime/async/task_core.h"
#include "runtime/async/task_list.h"

namespace interleave {

enum class CycleSearch { kNone, kFound, kGaveUp };

// `task` begins to await `awaited`: does that close a ring? Looks at a few only. `cycle` becomes
// "Task-1 -> Task-2 -> Task-1".
CycleSearch FindCycle(TaskCore& task, Completion& awaited, std::string& cycle);

// All rings among these, one text each. Time is linear in tasks and arrows.
std::vector<std::string> AllCycles(TaskList& tasks);

// Whether `from` waits for `to`, directly or not.
bool Reaches(Completion& from, Completion& to);

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ASYNC_WAIT_GRAPH_H_
