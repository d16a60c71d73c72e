// runtime/engine/forked_run.h
//
// A run in a process of its own. A body that changes the world around it (globals, function-local
// statics, the whole of a program's main) finds that world fresh in each run, and whatever kills
// the process kills that run only: it is an outcome like any other.
//
//   parent                          child (a copy of the parent)
//   fork ------------------------>  the run, with the child's copy of the strategy
//   waits, but not for ever         writes to the tape: each choice; then how it ended, and the
//                                   scheduling points and races that are new
//   holds the conversation again
//   and takes over the rest  <----  _exit
//
// Afterwards the parent is as if it had made the run itself, except that there is nothing to look
// at but what a strategy may see of the threads: no stacks, no locks, no memory. So it costs a
// fork, about 0.2 ms, and the parent stays small: a fork copies the page tables of all memory that
// was ever touched.
//
// Where runs leave behind nothing but memory that nobody will free, one child can make several: it
// goes on with its copy of the strategy as the parent would, until it has grown. The parent then
// only reads on, one run at a time, and never notices that they were made ahead of it.
#ifndef INTERLEAVE_RUNTIME_ENGINE_FORKED_RUN_H_
#define INTERLEAVE_RUNTIME_ENGINE_FORKED_RUN_H_

#include <chrono>
#include <functional>

#include "runtime/engine/child_process.h"
#include "runtime/engine/run.h"
#include "runtime/engine/tape.h"

namespace interleave::engine {

class ForkedRuns {
 public:
  // As Session::Run. A child that is not over after `limit` of the real clock is killed.
  const Scheduler::Result& Run(Session& session, const Body& body, Strategy& strategy, Time start,
                               std::int64_t step_budget, std::chrono::nanoseconds limit);

  // The same, where the calls of `strategy` are Begin, this one, End, Begin, this one ... until the
  // run finds a new scheduling point or the strategy has complained. The child may make runs ahead.
  const Scheduler::Result& RunNext(Session& session, const Body& body, Strategy& strategy,
                                   Time start, std::int64_t step_budget,
                                   std::chrono::nanoseconds limit);

  // Runs that were made ahead are not wanted: RunNext is going to be called with another strategy.
  void ForgetAhead() { tape_.Clear(); }

 private:
  void Fork(std::chrono::nanoseconds limit, const std::function<void()>& work);
  const Scheduler::Result& ReadRun(Strategy& strategy, std::chrono::nanoseconds limit);

  Tape tape_;
  ChildEnd child_end_;  // of the one that wrote it
  OneProcessor one_processor_;
};

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_FORKED_RUN_H_
