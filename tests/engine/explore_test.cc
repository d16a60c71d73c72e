// tests/engine/explore_test.cc
//
// Every schedule is counted, each once: the numbers here can be worked out by hand, or are worked
// out by a few lines that know nothing of the engine.
#include "runtime/engine/explore.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/engine/outcomes.h"

namespace interleave {
namespace {

using CountMap = std::map<std::string, std::int64_t>;
using Set = std::set<std::string>;

// Each of `threads` threads adds 1 to the same int `rounds` times.
Body Increments(int threads, int rounds) {
  return [=] {
    int counter = 0;
    std::vector<std::thread> all;
    for (int t = 0; t < threads; ++t) {
      all.emplace_back([&] {
        for (int i = 0; i < rounds; ++i) counter = counter + 1;
      });
    }
    for (std::thread& thread : all) thread.join();
    return std::to_string(counter);
  };
}

// The same by hand: a load and a store are two steps, and any thread may make the next one.
void CountByHand(std::vector<int>& steps, std::vector<int>& loaded, int counter, int last,
                 CountMap& counts) {
  bool over = true;
  for (std::size_t t = 0; t < steps.size(); ++t) {
    if (steps[t] == last) continue;
    over = false;
    int saved = loaded[t];
    int next = counter;
    if (steps[t] % 2 == 0) {
      loaded[t] = counter;
    } else {
      next = loaded[t] + 1;
    }
    ++steps[t];
    CountByHand(steps, loaded, next, last, counts);
    --steps[t];
    loaded[t] = saved;
  }
  if (over) ++counts[std::to_string(counter)];
}

CountMap CountByHand(int threads, int rounds) {
  CountMap counts;
  std::vector<int> steps(static_cast<std::size_t>(threads)), loaded(steps);
  CountByHand(steps, loaded, 0, 2 * rounds, counts);
  return counts;
}

TEST(Explore, AllSchedulesOfTwoIncrements) {
  ExploreReport report = Explore([] {
    int counter = 0;
    auto add = [&] { counter = counter + 1; };
    std::thread a(add), b(add);
    a.join();
    b.join();
    return "counter " + std::to_string(counter);
  });
  EXPECT_TRUE(report.complete);
  EXPECT_EQ(report.runs, 6);
  EXPECT_EQ(Counts(report), (CountMap{{"counter 1", 4}, {"counter 2", 2}}));
  EXPECT_EQ(report.census[0].outcome, "counter 1");  // most runs first
  EXPECT_EQ(report.nondeterminism, "");
}

TEST(Explore, TwoIncrementsWrittenWithPlusPlusHaveTheSameSixSchedules) {
  ExploreReport report = Explore([] {
    int counter = 0;
    auto add = [&] { ++counter; };
    std::thread a(add), b(add);
    a.join();
    b.join();
    return std::to_string(counter);
  });
  EXPECT_EQ(Counts(report), (CountMap{{"1", 4}, {"2", 2}}));
}

TEST(Explore, ThreeIncrementsHaveNinetySchedules) { EXPECT_EQ(Explore(Increments(3, 1)).runs, 90); }

TEST(Explore, IncrementsHaveAsManySchedulesAsTheyHaveByHand) {
  for (auto [threads, rounds] : {std::pair{1, 3}, {2, 1}, {2, 2}, {2, 3}, {3, 1}, {4, 1}}) {
    ExploreReport report = Explore(Increments(threads, rounds));
    EXPECT_TRUE(report.complete);
    EXPECT_EQ(Counts(report), CountByHand(threads, rounds)) << threads << " x " << rounds;
  }
}

TEST(Explore, LockedIncrementsHaveOneOutcomeAndNoRace) {
  ExploreReport report = Explore([] {
    int counter = 0;
    std::mutex mutex;
    auto add = [&] {
      std::lock_guard lock(mutex);
      ++counter;
    };
    std::thread a(add), b(add);
    a.join();
    b.join();
    return std::to_string(counter);
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Counts(report), (CountMap{{"2", 2}}));  // who locks first is all that is open
}

TEST(Explore, EachCensusRowNamesTheScheduleWithTheFewestPreemptions) {
  ExploreReport report = Explore(Increments(2, 1));
  for (const CensusRow& row : report.census) {
    EXPECT_EQ(row.preemptions, row.outcome == "2" ? 0 : 1) << row.schedule;
  }
}

TEST(Explore, AThreadThatNobodyDisturbsHasOneSchedule) {
  ExploreReport report = Explore([] {
    int counter = 0;
    std::thread([&] { ++counter; }).join();
    std::thread([&] { ++counter; }).join();
    return std::to_string(counter);
  });
  EXPECT_EQ(report.runs, 1);
  EXPECT_EQ(Complaints(report), "");
}

TEST(Explore, TheHeapIsWatched) {
  ExploreReport report = Explore([] {
    auto value = std::make_unique<int>(0);
    std::thread a([&] { *value = 1; }), b([&] { *value = 2; });
    a.join();
    b.join();
    return std::to_string(*value);
  });
  EXPECT_EQ(Counts(report), (CountMap{{"1", 1}, {"2", 1}}));
  EXPECT_EQ(report.races.size(), 1u);
}

struct Account {
  int balance = 0;
  int limit = 0;
};

TEST(Explore, MembersBesideEachOtherAreNoRace) {
  ExploreReport report = Explore([] {
    Account account;
    std::thread a([&] { ++account.balance; }), b([&] { ++account.limit; });
    a.join();
    b.join();
    return std::to_string(account.balance + account.limit);
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(report.runs, 1);
}

TEST(Explore, ACopyOfAStructMeetsAWriteOfOneMember) {
  ExploreReport report = Explore([] {
    Account account, copy;
    std::thread a([&] { account.limit = 7; }), b([&] { copy = account; });
    a.join();
    b.join();
    return std::to_string(copy.limit);
  });
  EXPECT_EQ(Outcomes(report), (Set{"0", "7"}));
  EXPECT_EQ(report.races.size(), 1u);
}

struct __attribute__((packed)) Packed {
  char before;
  int number;  // at an odd address
  char after;
};

TEST(Explore, UnalignedNeighboursAreNoRace) {
  ExploreReport report = Explore([] {
    alignas(8) Packed packed{};
    std::thread a([&] { packed.number = -1; });
    std::thread b([&] { packed.before = 1; });
    std::thread c([&] { packed.after = 1; });
    a.join();
    b.join();
    c.join();
    return std::to_string(packed.number);
  });
  EXPECT_EQ(Complaints(report), "");
}

TEST(Explore, OverlappingAccessesOfDifferentSizeAreARace) {
  ExploreReport report = Explore([] {
    alignas(8) unsigned char bytes[16] = {};
    std::thread a([&] { *reinterpret_cast<volatile std::uint32_t*>(bytes + 5) = ~0u; });  // 5..8
    std::thread b([&] { bytes[8] = 1; });
    a.join();
    b.join();
    return std::to_string(bytes[8]);
  });
  EXPECT_EQ(Outcomes(report), (Set{"1", "255"}));
  EXPECT_EQ(report.races.size(), 1u);
}

TEST(Explore, BitFieldsOfOneWordAreARace) {
  struct Flags {
    unsigned left : 4 = 0, right : 4 = 0;
  };
  ExploreReport report = Explore([] {
    Flags flags;
    std::thread a([&] { flags.left = 1; }), b([&] { flags.right = 1; });
    a.join();
    b.join();
    return std::to_string(flags.left) + std::to_string(flags.right);
  });
  EXPECT_FALSE(report.races.empty());
}

TEST(Explore, ElementsOfAnArrayAreNoRace) {
  ExploreReport report = Explore([] {
    std::vector<char> letters(4);
    std::vector<std::thread> threads;
    for (char& letter : letters) threads.emplace_back([&] { letter = 'x'; });
    for (std::thread& thread : threads) thread.join();
    return std::string(letters.begin(), letters.end());
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(report.runs, 1);
}

TEST(Explore, WithinASimulationIsALogicError) {
  RunReport report = Simulate([]() -> std::string {
    try {
      Explore([] { return ""; });
    } catch (const std::logic_error&) {
      return "refused";
    }
    return "accepted";
  });
  EXPECT_EQ(report.outcome, "refused");
}

TEST(Explore, ALimitThatIsReachedByTheLastScheduleIsNoLimit) {
  ExploreOptions options;
  options.max_runs = 6;
  ExploreReport report = Explore(Increments(2, 1), options);
  EXPECT_EQ(report.runs, 6);
  EXPECT_TRUE(report.complete) << report.stopped_by;
}

std::string PhaseNames(const ExploreReport& report) {
  std::string names;
  for (const ExplorePhase& phase : report.phases) {
    names += (names.empty() ? "" : " ") + phase.name + (phase.ended ? "!" : "");
  }
  return names;
}

ExploreReport WithTheDefaultChoice(const Body& body) {
  ExploreOptions options;
  options.strategy = Strategy::kAuto;
  options.max_runs = 10'000;
  return Explore(body, options);
}

TEST(ExploreAuto, RunsAllSchedulesIfTheyAreFew) {
  ExploreReport report = WithTheDefaultChoice([] {
    std::atomic<int> number = 0;
    std::thread other([&] { number += 1; });
    number += 2;
    other.join();
    return std::to_string(number);
  });
  EXPECT_EQ(PhaseNames(report), "all!");
  EXPECT_TRUE(report.complete);
}

TEST(ExploreAuto, RunsTheDistinctOnesIfThoseAreFew) {
  ExploreReport report = WithTheDefaultChoice([] {
    const auto lock_its_own = [] {
      std::mutex mutex;
      for (int i = 0; i < 12; ++i) std::lock_guard lock(mutex);
    };
    std::thread one(lock_its_own), other(lock_its_own);
    one.join();
    other.join();
    return std::string("done");
  });
  EXPECT_EQ(PhaseNames(report), "all distinct!");
  EXPECT_TRUE(report.complete);
  EXPECT_EQ(report.runs - report.phases[0].runs, 1);
}

TEST(ExploreAuto, GoesOnWithDelaysAndChanceIfThereAreTooMany) {
  ExploreReport report = WithTheDefaultChoice([] {
    std::atomic<int> number = 0;
    const auto add = [&] {
      for (int i = 0; i < 20; ++i) number += 1;
    };
    std::thread one(add), two(add), three(add);
    one.join();
    two.join();
    three.join();
    return std::to_string(number);
  });
  EXPECT_EQ(PhaseNames(report), "all distinct delay:0! delay:1! delay:2! delay:3 random pct");
  EXPECT_FALSE(report.complete);
  EXPECT_EQ(report.stopped_by, "10000 runs");
  EXPECT_EQ(report.census.size(), 1u);
}

// One of many threads has to come between the two stages of the first: it must keep pace with a
// crowd that runs evenly. Delays would have to hold back everybody else, and so would priorities.
TEST(ExploreAuto, FindsWhatOnlyEvenChoicesFind) {
  ExploreOptions options;
  options.strategy = Strategy::kAuto;
  options.max_runs = 3'000;
  const auto crowded = [] {
    std::mutex first_lock, second_lock;
    int first = 0, second = 0;
    const auto both_stages = [&] {
      {
        std::lock_guard lock(first_lock);
        first = 1;
      }
      {
        std::lock_guard lock(second_lock);
        second = 2;
      }
    };
    int seen_first = 0, seen_second = 0;
    const auto look = [&] {
      {
        std::lock_guard lock(first_lock);
        seen_first = first;
      }
      {
        std::lock_guard lock(second_lock);
        seen_second = second;
      }
    };
    std::vector<std::thread> crowd;
    for (int i = 0; i < 30; ++i) crowd.emplace_back(both_stages);
    crowd.emplace_back(look);
    for (std::thread& thread : crowd) thread.join();
    return std::string(seen_first == 1 && seen_second == 0 ? "halfway" : "fine");
  };
  const ExploreReport report = Explore(crowded, options);
  EXPECT_EQ(report.census.size(), 2u);
}

std::size_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t pages = 0, resident = 0;
  statm >> pages >> resident;
  return resident * 4096;
}

TEST(Explore, WhatRunsLeaveBehindIsBounded) {
  ExploreOptions options;
  options.strategy = Strategy::kRandom;
  options.max_runs = 1500;
  const std::size_t before = ResidentBytes();
  ExploreReport report = Explore(
      [] {
        std::mutex mutex;
        std::thread stuck([&] {
          std::vector<char> lost(300 << 10, 'x');
          mutex.lock();
          mutex.lock();
        });
        stuck.join();
        return std::string("not reached");
      },
      options);
  EXPECT_EQ(Counts(report), (CountMap{{"deadlock", 1500}}));
  EXPECT_LT(ResidentBytes(), before + (200 << 20));  // all of them would have left 450 MB
}

TEST(Explore, RoundRobinIsOneRun) {
  ExploreOptions options;
  options.strategy = Strategy::kRoundRobin;
  EXPECT_EQ(Explore(Increments(2, 1), options).runs, 1);
}

}  // namespace
}  // namespace interleave
