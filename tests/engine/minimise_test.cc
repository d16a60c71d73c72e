// tests/engine/minimise_test.cc
//
// The schedule that a census shows: after random runs it is nearly as good as the best of all.
#include <gtest/gtest.h>

#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "runtime/engine/explore.h"
#include "tests/engine/outcomes.h"

namespace interleave {
namespace {

// ---- Random programs: two or three threads that lock, unlock, read and write ----

struct Operation {
  enum Kind { kLock, kUnlock, kRead, kWrite, kAdd } kind;
  std::size_t object;
};
using Program = std::vector<std::vector<Operation>>;

Program MakeProgram(std::uint32_t seed) {
  std::mt19937 random(seed);
  Program program(2 + random() % 2);
  for (std::vector<Operation>& thread : program) {
    bool held[2] = {};
    const std::size_t length = program.size() == 2 ? 4 : 2;
    while (thread.size() < length) {
      const std::size_t object = random() % 2;
      switch (random() % 4) {
        case 0:
          thread.push_back({held[object] ? Operation::kUnlock : Operation::kLock, object});
          held[object] = !held[object];
          break;
        case 1:
          thread.push_back({Operation::kRead, object});
          break;
        case 2:
          thread.push_back({Operation::kWrite, object});
          break;
        default:
          thread.push_back({Operation::kAdd, object});
          break;
      }
    }
    for (std::size_t object : {0, 1}) {
      if (held[object]) thread.push_back({Operation::kUnlock, object});
    }
  }
  return program;
}

std::string Perform(const Program& program) {
  std::mutex mutexes[2];
  int plain[2] = {};
  std::string seen[3];
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < program.size(); ++t) {
    threads.emplace_back([&, t] {
      int next = static_cast<int>(10 * t);
      for (const Operation& operation : program[t]) {
        int& variable = plain[operation.object];
        switch (operation.kind) {
          case Operation::kLock:
            mutexes[operation.object].lock();
            break;
          case Operation::kUnlock:
            mutexes[operation.object].unlock();
            break;
          case Operation::kRead:
            seen[t] += std::to_string(variable) + " ";
            break;
          case Operation::kWrite:
            variable = ++next;
            break;
          case Operation::kAdd:
            variable = variable + 1;
            break;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return seen[0] + "," + seen[1] + "," + seen[2] + "," + std::to_string(plain[0]) + "," +
         std::to_string(plain[1]);
}

const CensusRow* Find(const ExploreReport& report, const std::string& outcome) {
  for (const CensusRow& row : report.census) {
    if (row.outcome == outcome) return &row;
  }
  return nullptr;
}

TEST(Minimise, OneSwitchIsEnoughToLoseAnUpdate) {
  const auto body = [] {
    int counter = 0, others[3] = {};
    const auto work = [&] {
      for (int& other : others) other = other + 1;
      counter = counter + 1;
      for (int& other : others) other = other + 1;
    };
    std::thread a(work), b(work);
    a.join();
    b.join();
    return std::string(counter == 1 ? "lost" : "both");
  };
  ExploreOptions options;
  options.strategy = Strategy::kRandom;
  options.max_runs = 200;
  const ExploreReport report = Explore(body, options);
  ASSERT_EQ(report.census.size(), 2u);
  EXPECT_EQ(Find(report, "lost")->preemptions, 1);
  EXPECT_EQ(Find(report, "both")->preemptions, 0);
}

// Too many schedules to try those with few preemptions, and a random one has a hundred: what is
// left of them has nothing to do with it.
TEST(Minimise, WhatIsLeftOfALongScheduleIsWhatMatters) {
  const auto body = [] {
    int other = 0, first = 0, second = 0;
    const auto work = [&] {
      for (int i = 0; i < 8; ++i) other = other + 1;
    };
    // Lost are both only where this thread is stopped twice.
    std::thread a([&] {
      work();
      first = first + 1;
      work();
      second = second + 1;
      work();
    });
    std::thread b([&] {
      work();
      first = first + 1;
      work();
      second = second + 1;
      work();
    });
    a.join();
    b.join();
    return std::string(first == 1 && second == 1 ? "lost both" : "not both");
  };
  ExploreOptions options;
  options.strategy = Strategy::kRandom;
  options.max_runs = 4'000;
  const ExploreReport report = Explore(body, options);
  ASSERT_EQ(report.census.size(), 2u);
  for (const CensusRow& row : report.census) {
    EXPECT_EQ(row.preemptions, row.outcome == "lost both" ? 2 : 0) << row.schedule;
    SimulateOptions replay;
    replay.schedule = row.schedule;
    EXPECT_EQ(Simulate(body, replay).outcome, row.outcome);
  }
}

// Two waiters; who is woken is a choice of data, and the first is the usual one.
TEST(Minimise, ChoicesOfDataAreTheUsualOnesWhereTheyDoNotMatter) {
  const auto body = [] {
    std::mutex mutex;
    std::condition_variable woken;
    bool go = false;
    int first = 0;
    const auto wait = [&](int me) {
      std::unique_lock lock(mutex);
      woken.wait(lock, [&] { return go; });
      if (first == 0) first = me;
    };
    std::thread a(wait, 1), b(wait, 2);
    {
      std::lock_guard lock(mutex);
      go = true;
    }
    woken.notify_one();
    woken.notify_one();
    a.join();
    b.join();
    return "first " + std::to_string(first);
  };
  ExploreOptions options;
  options.strategy = Strategy::kRandom;
  options.max_runs = 300;
  const ExploreReport report = Explore(body, options);
  for (const CensusRow& row : report.census) {
    EXPECT_EQ(row.preemptions, 0) << row.outcome << " " << row.schedule;
    SimulateOptions replay;
    replay.schedule = row.schedule;
    EXPECT_EQ(Simulate(body, replay).outcome, row.outcome);
  }
}

TEST(Minimise, IsNearlyAlwaysAsGoodAsTheBestOfAllSchedules) {
  int schedules = 0, fewest = 0, shortest = 0;
  for (std::uint32_t seed = 1; seed <= 12; ++seed) {
    const Program program = MakeProgram(seed);
    const auto body = [&] { return Perform(program); };
    ExploreOptions options;
    options.max_runs = 2'000;
    const ExploreReport all = Explore(body, options);
    if (!all.complete) continue;
    options.strategy = Strategy::kRandom;
    options.max_runs = 30;
    const ExploreReport some = Explore(body, options);
    ASSERT_EQ(some.nondeterminism, "");
    for (const CensusRow& row : some.census) {
      const CensusRow* best = Find(all, row.outcome);
      ASSERT_NE(best, nullptr) << row.outcome;
      ++schedules;
      ASSERT_GE(row.preemptions, best->preemptions);
      fewest += row.preemptions == best->preemptions;
      shortest += row.preemptions == best->preemptions && row.length == best->length;
      SimulateOptions replay;
      replay.schedule = row.schedule;
      const RunReport again = Simulate(body, replay);
      ASSERT_EQ(again.outcome, row.outcome);
      ASSERT_EQ(again.preemptions, row.preemptions);
    }
  }
  std::printf("%d schedules, %d with the fewest preemptions, %d of these the shortest\n", schedules,
              fewest, shortest);
  EXPECT_GT(schedules, 40);
  EXPECT_GE(fewest, schedules * 99 / 100) << "of " << schedules;
  EXPECT_GE(shortest, schedules * 90 / 100) << "of " << schedules;
}

}  // namespace
}  // namespace interleave
