// tests/engine/determinism_test.cc
//
// The same seed gives the same bytes; what does not follow from the schedule is noticed; and every
// exploration ends.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "runtime/engine/explore.h"
#include "tests/engine/outcomes.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;

// Locks, sleeps, a race, output.
std::string Mixture() {
  std::mutex mutex;
  int total = 0, racy = 0;
  auto work = [&](int me) {
    for (int i = 0; i < 3; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(me + i));
      racy = racy + 1;
      std::lock_guard lock(mutex);
      total += me;
      std::printf("%d has %d\n", me, total);
    }
  };
  std::thread a(work, 1), b(work, 2), c(work, 3);
  a.join();
  b.join();
  c.join();
  return std::to_string(total) + " " + std::to_string(racy);
}

std::string Text(const RunReport& report) {
  std::string text = report.outcome + "\n" + report.schedule + "\n" + report.explanation;
  for (const Step& step : report.trace) {
    text += std::to_string(step.time.count()) + " " + std::to_string(step.thread) + " " +
            std::to_string(static_cast<int>(step.kind)) + (step.blocked ? " blocked " : " ") +
            step.object + " " + step.value + " " + step.place.Text() + "\n";
  }
  for (const Race& race : report.races) text += race.Text() + "\n";
  return text;
}

TEST(Determinism, OneSeedTenTimesIsOneTrace) {
  std::set<std::string> traces;
  for (int run = 0; run < 10; ++run) {
    SimulateOptions options;
    options.random = true;
    options.seed = 7;
    options.trace = true;
    options.output = [](int, std::string_view) {};
    traces.insert(Text(Simulate(Mixture, options)));
  }
  EXPECT_EQ(traces.size(), 1u);
  EXPECT_GT(traces.begin()->size(), 1000u);
}

TEST(Determinism, AnotherSeedIsAnotherTrace) {
  std::set<std::string> schedules;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    SimulateOptions options;
    options.random = true;
    options.seed = seed;
    options.output = [](int, std::string_view) {};
    schedules.insert(Simulate(Mixture, options).schedule);
  }
  EXPECT_GT(schedules.size(), 5u);
}

std::string Census(const ExploreReport& report) {
  std::string text;
  for (const CensusRow& row : report.census) {
    text += row.outcome + " " + std::to_string(row.runs) + " " + row.schedule + "\n";
  }
  for (const Race& race : report.races) text += race.Text() + "\n";
  return text;
}

TEST(Determinism, ARandomCensusIsTheSameEachTime) {
  ExploreOptions options;
  options.strategy = Strategy::kRandom;
  options.max_runs = 300;
  options.seed = 5;
  EXPECT_EQ(Census(Explore(Mixture, options)), Census(Explore(Mixture, options)));
}

TEST(Determinism, ACounterThatOutlivesTheRunIsNoticed) {
  int calls = 0;
  ExploreReport report = Explore([&] {
    std::mutex mutex;
    auto work = [&] {
      for (int i = 0; i < 2; ++i) std::lock_guard lock(mutex);
    };
    std::thread a(work), b(work);
    if (++calls % 3 == 0) std::thread(work).join();
    a.join();
    b.join();
    return "";
  });
  EXPECT_NE(report.nondeterminism.find("something besides the schedule"), std::string::npos)
      << report.nondeterminism;
}

TEST(Determinism, RealRandomNumbersAreNoticed) {
  std::random_device entropy;
  ExploreReport report = Explore([&] {
    int value = 0;
    std::thread a([&] { value = static_cast<int>(entropy()); }), b([&] { value = 1; });
    a.join();
    b.join();
    return std::to_string(value);
  });
  EXPECT_NE(report.nondeterminism, "");
}

TEST(Determinism, ThreadIdsAreTheSameInEveryRun) {
  ExploreReport report = Explore([] {
    std::thread a([] {});
    std::string text = std::to_string(std::hash<std::thread::id>()(a.get_id())) + " " +
                       std::to_string(std::hash<std::thread::id>()(std::this_thread::get_id()));
    a.join();
    std::thread b([] {}), c([] {});
    b.join();
    c.join();
    return text;
  });
  EXPECT_EQ(report.census.size(), 1u);
  EXPECT_EQ(report.nondeterminism, "");
}

// More schedules than anybody can wait for.
std::string Endless() {
  int counter = 0;
  auto add = [&] {
    for (int i = 0; i < 100; ++i) counter = counter + 1;
  };
  std::thread a(add), b(add);
  a.join();
  b.join();
  return std::to_string(counter);
}

TEST(Determinism, ExploringEndsAfterItsRuns) {
  ExploreOptions options;
  options.max_runs = 100;
  ExploreReport report = Explore(Endless, options);
  EXPECT_FALSE(report.complete);
  EXPECT_EQ(report.runs, 100);
  EXPECT_EQ(report.stopped_by, "100 runs");
}

TEST(Determinism, ExploringEndsAfterItsTime) {
  ExploreOptions options;
  options.max_time = 300ms;
  ExploreReport report = Explore(Endless, options);
  EXPECT_FALSE(report.complete);
  EXPECT_EQ(report.stopped_by, "0.3 s");
  EXPECT_GT(report.runs, 0);
}

TEST(Determinism, ALoopThatWaitsForNobodyIsALivelock) {
  SimulateOptions options;
  options.step_budget = 1000;
  RunReport report = Simulate(
      [] {
        std::mutex mutex;
        for (;;) std::lock_guard lock(mutex);
        return "";
      },
      options);
  EXPECT_EQ(report.ending, Ending::kLivelock);
  EXPECT_EQ(report.outcome, "livelock");
  EXPECT_NE(report.explanation.find("the budget of 1,000 steps is used up"), std::string::npos)
      << report.explanation;
}

// Of a correct ticket lock: an unfair schedule could go on with those two for ever.
TEST(Determinism, TwoThatSpinAndGiveWayToEachOtherAreNoLivelock) {
  ExploreOptions options;
  options.strategy = Strategy::kPreemptions;
  options.bound = 1;
  options.max_runs = 7'500;
  ExploreReport report = Explore(
      [] {
        std::atomic<int> next{0}, serving{0}, inside{0};
        const auto work = [&] {
          const int mine = next.fetch_add(1);
          while (serving < mine) std::this_thread::yield();
          ++inside;
          --inside;
          ++serving;
        };
        std::thread a(work), b(work), c(work);
        a.join();
        b.join();
        c.join();
        return std::to_string(serving);
      },
      options);
  EXPECT_EQ(Outcomes(report), (std::set<std::string>{"3"}));
}

TEST(Determinism, ALivelocksReportSaysWhoGoesOnAndWhoWaits) {
  SimulateOptions options;
  options.step_budget = 100;
  RunReport report = Simulate(
      [] {
        const auto for_ever = [] {
          std::mutex mutex;
          for (;;) std::lock_guard lock(mutex);
        };
        std::thread a(for_ever), b(for_ever);
        a.join();
        b.join();
        return "";
      },
      options);
  ASSERT_EQ(report.ending, Ending::kLivelock);
  std::istringstream lines(report.explanation);
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(line,
            "livelock at 0.000 s: the budget of 100 steps is used up and the run is not over");
  std::getline(lines, line);
  EXPECT_TRUE(line.starts_with("  MainThread  waits for Thread-1 to end")) << line;
  std::getline(lines, line);
  EXPECT_TRUE(line.starts_with("  Thread-1    goes on after ")) << line;
  std::getline(lines, line);
  EXPECT_TRUE(line.starts_with("  Thread-2    goes on after ")) << line;
  EXPECT_FALSE(std::getline(lines, line)) << line;
}

TEST(Determinism, ALoopThatDoesNothingIsALivelock) {
  SimulateOptions options;
  options.step_budget = 10'000;
  volatile bool never = false;
  RunReport report = Simulate(
      [&] {
        while (!never) {
        }
        return "";
      },
      options);
  EXPECT_EQ(report.ending, Ending::kLivelock);
}

TEST(Determinism, TwoThreadsThatGiveWayToEachOtherForEverAreALivelock) {
  SimulateOptions options;
  options.step_budget = 10'000;
  RunReport report = Simulate(
      [] {
        std::atomic<bool> a_done{false}, b_done{false};
        std::thread a([&] {
          while (!b_done) std::this_thread::yield();
          a_done = true;
        });
        std::thread b([&] {
          while (!a_done) std::this_thread::yield();
          b_done = true;
        });
        a.join();
        b.join();
        return "";
      },
      options);
  EXPECT_EQ(report.ending, Ending::kLivelock);
}

}  // namespace
}  // namespace interleave
