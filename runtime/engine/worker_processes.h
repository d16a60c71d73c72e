// runtime/engine/worker_processes.h
//
// Child processes that wait for their parent to ask something. A simulation's clock stands still
// while a child lives and somebody waits for what it may write: it may do so at any time. A worker
// writes only after it was asked, and would hold the clock for ever. Whoever starts workers says
// so, and waits for the answer itself, in real time, before the simulation goes on:
//
//   LetClockRun(worker);
//   ...
//   write(to_worker, ...);
//   AwaitInRealTime(from_worker, end_of_worker);   // everybody stands still
//
// Outside of a simulation both have their effect as well, and it is no different from none.
#ifndef INTERLEAVE_RUNTIME_ENGINE_WORKER_PROCESSES_H_
#define INTERLEAVE_RUNTIME_ENGINE_WORKER_PROCESSES_H_

#include <sys/types.h>

namespace interleave {

// `child`, which this simulation has started, no longer holds the clock.
void LetClockRun(pid_t child);

// Returns when one of the descriptors can be read, or after `limit_ms` (-1: none); none may be -1.
void AwaitInRealTime(int fd, int other_fd, int limit_ms);

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ENGINE_WORKER_PROCESSES_H_
