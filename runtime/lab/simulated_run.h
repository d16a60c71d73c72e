// runtime/lab/simulated_run.h
//
// Where a scenario meets the engine: its plan becomes the engine's options, its output is caught,
// and its schedule is found.
//
// A lab names the run it wants to show without line numbers, for those move with every edit:
// either as choices alone ("1.2.1"), or as the outcome that it must have ("deadlock"). Both need a
// short exploration first; it learns the racy places that a schedule names behind its '@'.
//
// Threads: the lab's main thread only; nothing here may run within a simulation.
#ifndef INTERLEAVE_RUNTIME_LAB_SIMULATED_RUN_H_
#define INTERLEAVE_RUNTIME_LAB_SIMULATED_RUN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/engine/explore.h"
#include "runtime/engine/run_so_far.h"
#include "runtime/lab/lanes.h"
#include "runtime/lab/scenario.h"
#include "runtime/lab/sequence.h"
#include "runtime/lab/standard_output.h"

namespace interleave::lab {

struct SimulatedRun {
  RunReport report;  // with its trace
  std::string out;   // what the program wrote to stdout
  std::string err;   // and to stderr
  Lanes lanes;
  Sequence sequence;
};

// One run: by `schedule`, else by `seed`, else round robin. `loop_reports` is where the program's
// event loops are reported on (loop_watch.h).
SimulatedRun RunSimulated(const ScenarioPlan& plan, const std::string& schedule,
                          std::optional<std::uint64_t> seed = std::nullopt,
                          int loop_reports = kStdout);

// A run as far as `schedule` goes, to be asked what comes next.
RunSoFar RunAsFar(const ScenarioPlan& plan, const std::string& schedule, bool to_the_end = false);

// The schedule of the run that the plan wants to show; "" is round robin.
// Throws std::runtime_error if no schedule leads to the outcome that the plan names.
std::string PlannedSchedule(const ScenarioPlan& plan);

// The places that a schedule of this scenario names behind its choices, "@24"; "" if there are
// none.
std::string LearnPlaces(const ScenarioPlan& plan);

// The census; `options` say which way, how far, and whether Ctrl-C ends it early or the program.
ExploreReport ExploreScenario(const ScenarioPlan& plan, ExploreOptions options);

}  // namespace interleave::lab

#endif  // INTERLEAVE_RUNTIME_LAB_SIMULATED_RUN_H_
