// runtime/lab/simulated_run.cc
#include "runtime/lab/simulated_run.h"

#include <stdexcept>
#include <string_view>

#include "runtime/lab/compute.h"
#include "runtime/lab/standard_output.h"

namespace interleave::lab {
namespace {

constexpr std::int64_t kRunsToLearnPlaces = 2'000;

Body WithFreshCores(const ScenarioPlan& plan) {
  return [&plan] {
    ResetVirtualCores(plan.cores);
    return plan.body();
  };
}

// The longest "@24" of the census: the places of all its schedules together.
std::string LearntPlaces(const ExploreReport& report) {
  std::string places;
  for (const CensusRow& row : report.census) {
    const std::size_t at = row.schedule.find('@');
    if (at != std::string::npos && row.schedule.size() - at > places.size()) {
      places = row.schedule.substr(at);
    }
  }
  return places;
}

}  // namespace

SimulatedRun RunSimulated(const ScenarioPlan& plan, const std::string& schedule,
                          std::optional<std::uint64_t> seed) {
  SimulatedRun run;
  SimulateOptions options;
  options.schedule = schedule;
  options.random = seed.has_value();
  options.seed = seed.value_or(1);
  options.start = plan.start;
  options.trace = true;
  options.output = [&run](int fd, std::string_view text) {
    (fd == kStdout ? run.out : run.err) += text;
  };
  run.report = Simulate(WithFreshCores(plan), options);
  return run;
}

std::string PlannedSchedule(const ScenarioPlan& plan) {
  if (!plan.shown_outcome.empty()) {
    const ExploreReport report = ExploreScenario(plan, {});
    for (const CensusRow& row : report.census) {
      if (row.outcome == plan.shown_outcome) return row.schedule;
    }
    throw std::runtime_error("no schedule of " + plan.name + " ends in '" + plan.shown_outcome +
                             "'");
  }
  if (plan.schedule.empty() || plan.schedule.find('@') != std::string::npos) return plan.schedule;
  ExploreOptions options;
  options.max_runs = kRunsToLearnPlaces;
  return plan.schedule + LearntPlaces(ExploreScenario(plan, options));
}

ExploreReport ExploreScenario(const ScenarioPlan& plan, ExploreOptions options) {
  options.start = plan.start;
  options.progress = true;
  options.stop_on_interrupt = true;
  return Explore(WithFreshCores(plan), options);
}

}  // namespace interleave::lab
