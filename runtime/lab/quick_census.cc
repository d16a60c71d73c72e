// runtime/lab/quick_census.cc
#include "runtime/lab/quick_census.h"

#include <algorithm>
#include <chrono>

#include "runtime/lab/flags.h"
#include "runtime/lab/page.h"
#include "runtime/lab/simulated_run.h"

namespace interleave::lab {
namespace {

constexpr std::int64_t kMostOfAll = 20'000;
constexpr std::int64_t kSample = 1'000;
constexpr std::chrono::seconds kPatience{2};

}  // namespace

QuickCensus TakeQuickCensus(const ScenarioPlan& plan, const std::string& beginning) {
  QuickCensus census;
  if (plan.shows_census && beginning.empty()) {
    census.options = ParseStrategy("ShowsCensus", plan.census_strategy);
    census.options.memory = plan.memory;
    census.report = ExploreScenario(plan, census.options);
    return census;
  }
  census.options.memory = plan.memory;
  census.options.beginning = beginning;
  census.options.minimise = false;
  census.options.max_time = kPatience;
  census.options.max_runs = kMostOfAll;
  census.report = ExploreScenario(plan, census.options);
  if (census.report.complete || !census.report.nondeterminism.empty()) return census;
  // The first so many, depth first, differ in their last choices only; a sample is fairer.
  census.options.strategy = Strategy::kRandom;
  census.options.max_runs = kSample;
  census.report = ExploreScenario(plan, census.options);
  return census;
}

std::string PlaceInCensus(const QuickCensus& census, const std::string& outcome) {
  const ExploreReport& report = census.report;
  const auto row = std::find_if(report.census.begin(), report.census.end(),
                                [&](const CensusRow& one) { return one.outcome == outcome; });
  const std::int64_t runs = row == report.census.end() ? 0 : row->runs;
  const auto outcomes = static_cast<std::int64_t>(report.census.size());
  if (!report.complete) {
    return (runs == 0 ? "none" : Grouped(runs)) + " of " + Counted(report.runs, "other schedule") +
           (runs == 1 ? " leads here" : " lead here") + ", of many more that there are";
  }
  std::int64_t all = 0;
  for (const CensusRow& one : report.census) all += one.runs;
  if (outcomes == 1) {
    return "the only outcome: " + (all == 1 ? std::string("there is one schedule")
                                            : "all " + Counted(all, "schedule") + " lead here");
  }
  return "1 of " + Counted(outcomes, "outcome") + "; " + Grouped(runs) + " of " +
         Counted(all, "schedule") + (runs == 1 ? " leads here" : " lead here");
}

}  // namespace interleave::lab
