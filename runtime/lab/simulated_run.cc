// runtime/lab/simulated_run.cc
#include "runtime/lab/simulated_run.h"

#include <stdexcept>
#include <string_view>

#include "runtime/lab/compute.h"
#include "runtime/lab/flags.h"
#include "runtime/lab/loop_watch.h"
#include "runtime/lab/message.h"
#include "runtime/lab/standard_output.h"
#include "runtime/lab/task_lanes.h"

namespace interleave::lab {
namespace {

constexpr std::int64_t kRunsToLearnPlaces = 2'000;

// What an earlier run left behind is gone.
Body FromTheStart(const ScenarioPlan& plan) {
  return [&plan] {
    ResetVirtualCores(plan.cores, plan.by_priority);
    ForgetTasks();
    ForgetMessages();
    return plan.body();
  };
}

SimulateOptions OptionsFor(const ScenarioPlan& plan, const std::string& schedule,
                           int loop_reports) {
  WatchLoops({.output = loop_reports, .notes_tasks = true, .permutes_tasks = plan.permutes_tasks});
  SimulateOptions options;
  options.schedule = schedule;
  options.start = plan.start;
  options.step_budget = plan.step_budget;
  options.by_priority = plan.by_priority;
  options.memory = plan.memory;
  return options;
}

}  // namespace

SimulatedRun RunSimulated(const ScenarioPlan& plan, const std::string& schedule,
                          std::optional<std::uint64_t> seed, int loop_reports) {
  SimulatedRun run;
  SimulateOptions options = OptionsFor(plan, schedule, loop_reports);
  options.random = seed.has_value();
  options.seed = seed.value_or(1);
  options.trace = true;
  options.output = [&run](int fd, std::string_view text) {
    (fd == kStdout ? run.out : run.err) += text;
  };
  run.report = Simulate(FromTheStart(plan), options);
  run.lanes = MakeLanes(run.report, TaskLanes(run.report.ended));
  run.sequence = MakeSequence(run.report, run.lanes, TakeMessages());
  return run;
}

RunSoFar RunAsFar(const ScenarioPlan& plan, const std::string& schedule, bool to_the_end) {
  SimulateOptions options = OptionsFor(plan, schedule, kStdout);
  options.output = [](int, std::string_view) {};  // it is among the steps
  return RunAsFarAs(FromTheStart(plan), options, to_the_end);
}

std::string PlannedSchedule(const ScenarioPlan& plan) {
  if (!plan.shown_outcome.empty()) {
    ExploreOptions options;  // where all schedules are too many, the census is of random ones
    if (plan.shows_census) options = ParseStrategy("ShowsCensus", plan.census_strategy);
    const ExploreReport report = ExploreScenario(plan, options);
    for (const CensusRow& row : report.census) {
      if (row.outcome == plan.shown_outcome) return row.schedule;
    }
    throw std::runtime_error("no schedule of " + plan.name + " ends in '" + plan.shown_outcome +
                             "'");
  }
  if (plan.schedule.empty() || plan.schedule.find('@') != std::string::npos) return plan.schedule;
  return plan.schedule + LearnPlaces(plan);
}

// All the places of an exploration stand behind each of its schedules.
std::string LearnPlaces(const ScenarioPlan& plan) {
  ExploreOptions options;
  options.max_runs = kRunsToLearnPlaces;
  for (const CensusRow& row : ExploreScenario(plan, options).census) {
    const std::size_t at = row.schedule.find('@');
    if (at != std::string::npos) return row.schedule.substr(at);
  }
  return "";
}

ExploreReport ExploreScenario(const ScenarioPlan& plan, ExploreOptions options) {
  options.start = plan.start;
  options.step_budget = plan.step_budget;
  options.by_priority = plan.by_priority;
  options.memory = plan.memory;
  options.progress = true;
  WatchLoops({.permutes_tasks = plan.permutes_tasks});
  return Explore(FromTheStart(plan), options);
}

}  // namespace interleave::lab
