// runtime/engine/run.h
//
// One run of a body from beginning to end, and what must be so around a series of them.
#ifndef INTERLEAVE_RUNTIME_ENGINE_RUN_H_
#define INTERLEAVE_RUNTIME_ENGINE_RUN_H_

#include "runtime/engine/ends.h"
#include "runtime/engine/explore.h"
#include "runtime/engine/scheduler.h"
#include "runtime/engine/strategy.h"

namespace interleave::engine {

// While it exists, runs can be made. Throws std::logic_error within a simulation.
class Session {
 public:
  Session();
  ~Session();

  // Forgets the last run and makes one.
  const Scheduler::Result& Run(const Body& body, Strategy& strategy, Time start,
                               std::int64_t step_budget);

 private:
  CatchEnds catch_ends_;
};

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_RUN_H_
