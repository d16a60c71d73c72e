// runtime/lab/compute.h
//
// CPU work with a stated cost. A sort or a simulation step takes as long as the machine needs, so
// a lesson about CPU work (Amdahl's law, idle cores, a busy event loop) would print other figures
// on every machine. Compute(duration) states the cost instead:
//
//   Compute(500ms);   // with --real: burns 500 ms of CPU time
//                     // simulated: holds one of the virtual cores for 500 ms of virtual time
//
// There are two virtual cores unless the scenario says .Cores(n). Three threads that Compute one
// second each thus take two seconds. A thread keeps its core until the cost is paid, and waiting
// threads get a core in the order in which they asked. In a scenario that says .ByPriority() the
// most urgent ones have the cores: a thread loses its core when somebody more urgent wants one, and
// pays the rest of its cost later.
//
// Threads: from any thread. In a simulation it is a wait like any other (a mutex, a condition
// variable and sleep_for of the standard library, nothing of the engine).
#ifndef INTERLEAVE_RUNTIME_LAB_COMPUTE_H_
#define INTERLEAVE_RUNTIME_LAB_COMPUTE_H_

#include <chrono>

#include "runtime/engine/explore.h"

namespace interleave {

void Compute(std::chrono::nanoseconds cost);

namespace lab {

// Fresh cores, all free: before each simulated run.
void ResetVirtualCores(int cores, bool by_priority = false);

// With --real each cost is multiplied by `scale` (--time_scale).
void SetComputeScale(double scale);

// In a simulation: Compute, but it is over as soon as `descriptor` can be read. Not with
// priorities.
void ComputeUntil(int descriptor, std::chrono::nanoseconds cost);

// In a process whose parent pays for it (worker_processes.cc): Compute calls `elsewhere` instead.
void SetComputeElsewhere(void (*elsewhere)(std::chrono::nanoseconds cost));

// True for a step that Compute itself takes: a wait is then one for a core, or work (IsComputing).
bool IsInsideCompute(const Step& step);

// True for such a step if from then on the thread has a core.
bool IsComputing(const Step& step);

}  // namespace lab
}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_LAB_COMPUTE_H_
