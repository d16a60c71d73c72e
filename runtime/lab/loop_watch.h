// runtime/lab/loop_watch.h
//
// A lab looks after every event loop that its programs make, and says what they would not notice:
//
//   11:07:34  the loop stood still for 3 s: THREE ran without awaiting, up to DelayMessage
//             (23_blocking_call.cc:27); FOUR and FIVE were ready all that time, ONE was due at
//             11:07:32, TWO at 11:07:33
//
// and likewise a coroutine that nobody awaits, an exception that nobody retrieves, tasks that wait
// for each other in a ring, tasks that outlive Run or their loop. The lines are part of the
// program's output, in their place, with the clock's time.
//
// On real threads Ctrl-\ (SIGQUIT) prints who waits for whom (Ps), as soon as the loop comes to its
// next turn.
#ifndef INTERLEAVE_RUNTIME_LAB_LOOP_WATCH_H_
#define INTERLEAVE_RUNTIME_LAB_LOOP_WATCH_H_

#include <chrono>

#include "runtime/lab/standard_output.h"

namespace interleave::lab {

struct LoopWatch {
  int output = kStdout;         // where the reports go
  bool notes_tasks = false;     // for their lanes (task_lanes.h); in a simulation only
  bool permutes_tasks = false;  // in a simulation the schedule says which ready task goes next
  std::chrono::nanoseconds slow_step =
      std::chrono::milliseconds(100);  // what is longer is reported
};

// For all loops that are made from now on.
void WatchLoops(const LoopWatch& watch);

}  // namespace interleave::lab

#endif  // INTERLEAVE_RUNTIME_LAB_LOOP_WATCH_H_
