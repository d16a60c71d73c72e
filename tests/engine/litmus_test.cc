// tests/engine/litmus_test.cc
//
// The litmus tests come out as the standard has it, and their schedules replay with the values in
// them.
#include "tests/engine/litmus.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "runtime/engine/explore.h"
#include "tests/engine/outcomes.h"

namespace interleave {
namespace {

const Litmus& Named(const std::string& name) {
  const auto& all = LitmusTests();
  return *std::find_if(all.begin(), all.end(), [&](const Litmus& one) { return one.name == name; });
}

ExploreReport Explored(const Litmus& litmus, MemoryMode mode) {
  ExploreOptions options;
  options.memory = mode;
  if (litmus.large) {
    options.strategy = Strategy::kRandom;
    options.max_runs = 20'000;
  }
  return Explore(litmus.body, options);
}

TEST(Litmus, WhatTheStandardForbidsIsNotFoundAndWhatItAllowsIs) {
  for (const Litmus& litmus : LitmusTests()) {
    const ExploreReport report = Explored(litmus, MemoryMode::kCpp);
    EXPECT_EQ(IsFound(litmus, report), litmus.verdict == Verdict::kAllowed) << litmus.name;
    EXPECT_EQ(report.complete, !litmus.large) << litmus.name << ": " << report.stopped_by;
    EXPECT_EQ(report.nondeterminism, "") << litmus.name;
  }
}

TEST(Litmus, AnX86ReordersAStoreAndALaterLoadAndNothingElse) {
  for (const Litmus& litmus : LitmusTests()) {
    const ExploreReport report = Explored(litmus, MemoryMode::kTso);
    if (litmus.asks == kDataRace) continue;  // what is a race is the same everywhere
    const bool buffers = litmus.verdict == Verdict::kAllowed &&
                         (litmus.name.starts_with("SB") || litmus.name.starts_with("R ") ||
                          litmus.name.starts_with("Dekker") || litmus.name.starts_with("Peterson"));
    EXPECT_EQ(IsFound(litmus, report), buffers) << litmus.name;
  }
}

TEST(Litmus, NothingIsFoundUnderSequentialConsistency) {
  for (const Litmus& litmus : LitmusTests()) {
    if (litmus.asks == kDataRace) continue;
    EXPECT_FALSE(IsFound(litmus, Explored(litmus, MemoryMode::kSc))) << litmus.name;
  }
}

TEST(Litmus, TheOrdinaryRunIsOneOfSequentialConsistency) {
  for (const Litmus& litmus : LitmusTests()) {
    if (litmus.asks == kDataRace) continue;
    for (MemoryMode mode : {MemoryMode::kCpp, MemoryMode::kTso}) {
      SimulateOptions options;
      options.memory = mode;
      EXPECT_NE(Simulate(litmus.body, options).outcome, litmus.asks) << litmus.name;
    }
  }
}

// The steps of the run in which both threads read 0.
std::string Steps(MemoryMode mode) {
  const Litmus& litmus = Named("SB relaxed");
  const ExploreReport report = Explored(litmus, mode);
  std::string text;
  for (const CensusRow& row : report.census) {
    if (row.outcome != litmus.asks) continue;
    SimulateOptions options;
    options.schedule = row.schedule;
    options.memory = mode;
    options.trace = true;
    const RunReport run = Simulate(litmus.body, options);
    EXPECT_EQ(run.outcome, row.outcome) << row.schedule;
    for (const Step& step : run.trace) {
      if (!step.object.starts_with("x") && !step.object.starts_with("y")) continue;
      text += std::to_string(step.thread) + " " + step.object + " " + step.value +
              (step.note.empty() ? "" : " " + step.note) + "\n";
    }
  }
  return text;
}

TEST(Litmus, AScheduleHasTheValuesAndTheTraceSaysWhatALoadMissed) {
  EXPECT_EQ(Steps(MemoryMode::kCpp),
            "1 x 1\n1 y 0\n2 y 1\n2 x 0 from the start, although Thread-1 stored 1\n");
  EXPECT_EQ(Steps(MemoryMode::kTso),
            "1 x 1 into its store buffer\n1 y 0\n2 y 1 into its store buffer\n"
            "2 x 0 although Thread-1 stored 1, still in a store buffer\n");
}

TEST(Litmus, MinimisingTakesOutOldValuesThatDoNotMatter) {
  const Litmus& litmus = Named("SB relaxed");
  ExploreOptions options;
  options.memory = MemoryMode::kCpp;
  options.strategy = Strategy::kRandom;
  options.max_runs = 500;
  const ExploreReport all = Explored(litmus, MemoryMode::kCpp);
  for (const CensusRow& row : Explore(litmus.body, options).census) {
    const auto same = [&](const CensusRow& other) { return other.outcome == row.outcome; };
    const auto best = std::find_if(all.census.begin(), all.census.end(), same);
    ASSERT_NE(best, all.census.end()) << row.outcome;
    EXPECT_EQ(row.preemptions, best->preemptions) << row.schedule << " " << best->schedule;
    EXPECT_EQ(row.length, best->length) << row.schedule << " " << best->schedule;
  }
}

TEST(Litmus, DistinctSchedulesAreThoseOfTheDefaultModeOnly) {
  ExploreOptions options;
  options.memory = MemoryMode::kCpp;
  options.strategy = Strategy::kDistinct;
  EXPECT_THROW(Explore(Named("SB relaxed").body, options), std::invalid_argument);
}

}  // namespace
}  // namespace interleave
