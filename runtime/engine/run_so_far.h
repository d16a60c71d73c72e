// runtime/engine/run_so_far.h
//
// The beginning of a run, and what may come next. For whoever plays the scheduler by hand: a run
// is made as far as its schedule goes, and stops at the first choice behind it.
//
//   RunSoFar run = RunAsFarAs(body, {.schedule = "1.2@24"});
//   // run.answers: {1, 2}; run.threads[1].next: "adder-1 writes counter", at counter.cc:24
//   run = RunAsFarAs(body, {.schedule = "1.2.2@24"});
//
// Each call runs the body from its beginning, so a step back is a call with a shorter schedule.
// What a stopped run's stacks own is given up, as after a deadlock.
//
// Threads: as Simulate.
#ifndef INTERLEAVE_RUNTIME_ENGINE_RUN_SO_FAR_H_
#define INTERLEAVE_RUNTIME_ENGINE_RUN_SO_FAR_H_

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/engine/explore.h"

namespace interleave {

// How a thread stands where the run has stopped.
struct ThreadSoFar {
  bool ended = false;
  // What it would do: `blocked` if it may not do so yet; `value` of a read is what it would find
  // now, of kOutput `object` is what it would write, `by` is who holds the lock that it stands
  // before.
  Step next;
  std::string holds;  // "holds left"; empty if it holds no lock
};

struct RunSoFar {
  // Of what was made so far, with its trace; `schedule` is that of these choices.
  RunReport report;
  bool over = false;  // nothing was left to choose: `report` is that of a whole run

  // Otherwise the question: which thread goes on, or one of data.
  bool of_threads = false;
  std::vector<std::uint32_t> answers;  // as a schedule has them
  std::vector<std::string> words;      // what each answer of data means
  bool of_a_step = false;              // it is about the last step of the trace
  int running = 0;                     // the thread that made the last step
  std::vector<ThreadSoFar> threads;    // as RunReport::threads
};

// `options.schedule` is the beginning; its choices may be none ("@24"). Only if it is "" the points
// are found by the run itself, those that it meets. `to_the_end`: from there on
// each thread goes on as long as it can, until the run is over.
RunSoFar RunAsFarAs(const Body& body, const SimulateOptions& options, bool to_the_end = false);

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ENGINE_RUN_SO_FAR_H_
