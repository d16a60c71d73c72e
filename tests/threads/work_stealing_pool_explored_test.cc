// tests/threads/work_stealing_pool_explored_test.cc
//
// The pool under the engine. With one worker, and while it starts and ends, in every schedule; two
// workers that fork have too many, so there in all with up to two preemptions, and in three
// thousand random ones with any number. The wrong versions at the end come from BUILD.bazel.

#include <gtest/gtest.h>

#include <latch>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>

#include "runtime/engine/explore.h"
#include "runtime/threads/work_stealing_pool.h"
#include "tests/engine/outcomes.h"
#include "tests/threads/no_second_look_pool.h"
#include "tests/threads/silent_end_pool.h"
#include "tests/threads/silent_fork_pool.h"

namespace interleave {
namespace {

using Texts = std::set<std::string>;

ExploreReport InEverySchedule(const Body& body) { return Explore(body); }

ExploreReport WithTwoPreemptions(const Body& body) {
  ExploreOptions options;
  options.strategy = Strategy::kPreemptions;
  options.bound = 2;
  options.stop_when = [](Ending ending, const std::string&) { return ending != Ending::kReturned; };
  return Explore(body, options);
}

ExploreReport AtRandom(const Body& body) {
  ExploreOptions options;
  options.strategy = Strategy::kRandom;
  options.max_runs = 3000;
  return Explore(body, options);
}

// Everything with two workers: one outcome, no race, and the exploration came to its end.
void ExpectOnly(const std::string& outcome, const Body& body) {
  for (const ExploreReport& report : {WithTwoPreemptions(body), AtRandom(body)}) {
    EXPECT_EQ(Outcomes(report), Texts({outcome}));
    EXPECT_TRUE(report.races.empty()) << report.races.front().Text();
    EXPECT_EQ(report.nondeterminism, "");
    EXPECT_TRUE(report.stopped_by == "the bound of 2 preemptions" ||
                report.stopped_by == "3000 runs")
        << report.stopped_by;
  }
}

// Both parts need the other one to go on, so both workers have to be awake.
template <typename Pool>
std::string PartsThatMeet() {
  std::latch both_running(2);
  Pool pool(2);
  pool.Invoke([&] { both_running.arrive_and_wait(); }, [&] { both_running.arrive_and_wait(); });
  return "met";
}

TEST(WorkStealingPoolExploredTest, PoolWithoutWorkEnds) {
  const ExploreReport report = InEverySchedule([] {
    WorkStealingPool pool(2);
    return "ended";
  });
  EXPECT_EQ(Outcomes(report), Texts({"ended"}));
  EXPECT_EQ(Complaints(report), "");
}

TEST(WorkStealingPoolExploredTest, OneWorkerRunsBothParts) {
  const ExploreReport report = InEverySchedule([] {
    std::string order;
    WorkStealingPool pool(1);
    pool.Invoke([&] { order += "a"; }, [&] { order += "b"; });
    return order;
  });
  EXPECT_EQ(Outcomes(report), Texts({"ab"}));
  EXPECT_EQ(Complaints(report), "");
}

TEST(WorkStealingPoolExploredTest, TwoThreadsMayRunOnOneWorker) {
  const ExploreReport report = InEverySchedule([] {
    int runs = 0;
    WorkStealingPool pool(1);
    std::thread other([&] { pool.Run([&] { ++runs; }); });
    pool.Run([&] { ++runs; });
    other.join();
    return std::to_string(runs);
  });
  EXPECT_EQ(Outcomes(report), Texts({"2"}));
  EXPECT_EQ(Complaints(report), "");
}

TEST(WorkStealingPoolExploredTest, BothPartsRunOnceAndAreSeen) {
  ExpectOnly("1 1", [] {
    int first = 0, second = 0;
    WorkStealingPool pool(2);
    pool.Invoke([&] { ++first; }, [&] { ++second; });
    return std::to_string(first) + " " + std::to_string(second);
  });
}

TEST(WorkStealingPoolExploredTest, NestedPartsRunOnceAndAreSeen) {
  ExpectOnly("1111", [] {
    int runs[4] = {};
    WorkStealingPool pool(2);
    pool.Invoke([&] { pool.Invoke([&] { ++runs[0]; }, [&] { ++runs[1]; }); },
                [&] { pool.Invoke([&] { ++runs[2]; }, [&] { ++runs[3]; }); });
    std::string text;
    for (int count : runs) text += std::to_string(count);
    return text;
  });
}

TEST(WorkStealingPoolExploredTest, WhatTheSecondPartThrewArrives) {
  ExpectOnly("broken, after the first part", [] {
    std::string text = "before the first part";
    WorkStealingPool pool(2);
    try {
      pool.Invoke([&] { text = "after the first part"; },
                  [] { throw std::runtime_error("broken"); });
    } catch (const std::runtime_error& e) {
      return std::string(e.what()) + ", " + text;
    }
    return std::string("nothing was thrown");
  });
}

TEST(WorkStealingPoolExploredTest, WorkerThatFallsAsleepIsNotMissed) {
  ExpectOnly("met", PartsThatMeet<WorkStealingPool>);
}

// The wrong versions: in each, somebody sleeps for ever in some schedule.

TEST(WorkStealingPoolExploredTest, WithoutASecondLookASleeperIsMissed) {
  EXPECT_TRUE(Outcomes(WithTwoPreemptions(PartsThatMeet<NoSecondLookPool>)).contains("deadlock"));
}

TEST(WorkStealingPoolExploredTest, WithoutAWordOfTheForkASleeperIsMissed) {
  EXPECT_TRUE(Outcomes(WithTwoPreemptions(PartsThatMeet<SilentForkPool>)).contains("deadlock"));
}

TEST(WorkStealingPoolExploredTest, WithoutAWordOfTheEndTheWaiterSleepsOn) {
  EXPECT_TRUE(Outcomes(WithTwoPreemptions(PartsThatMeet<SilentEndPool>)).contains("deadlock"));
}

}  // namespace
}  // namespace interleave
