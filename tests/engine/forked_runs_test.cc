// tests/engine/forked_runs_test.cc
//
// A run in a process of its own: the world is fresh each time, whatever ends the process is an
// outcome, and what is counted is what runs in this process would count.
#include <dirent.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "runtime/engine/explore.h"
#include "tests/engine/outcomes.h"

namespace interleave {
namespace {

using CountMap = std::map<std::string, std::int64_t>;
using Set = std::set<std::string>;

ExploreOptions Forked() {
  ExploreOptions options;
  options.fork_runs = true;
  return options;
}

ExploreOptions ForkedRandom(std::int64_t runs) {
  ExploreOptions options = Forked();
  options.strategy = Strategy::kRandom;
  options.max_runs = runs;
  return options;
}

int counter = 0;

std::string Increments() {
  auto add = [] { counter = counter + 1; };
  std::thread a(add), b(add);
  a.join();
  b.join();
  return std::to_string(counter);
}

std::string LocksAndANotify() {
  std::mutex one, two;
  std::condition_variable changed;
  bool set = false;
  std::thread a([&] {
    std::lock_guard first(one);
    std::lock_guard second(two);
  });
  std::thread b([&] {
    std::lock_guard first(two);
    std::lock_guard second(one);
    set = true;
    changed.notify_one();
  });
  {
    std::unique_lock lock(one);
    if (!set) changed.wait(lock);
  }
  a.join();
  b.join();
  return "done";
}

TEST(ForkedRuns, AStrategyThatLearnsFromTheStepsOfARunLearnsTheSame) {
  ExploreOptions options;
  options.strategy = Strategy::kDistinct;
  ExploreReport here = Explore(LocksAndANotify, options);
  EXPECT_TRUE(here.complete);
  EXPECT_EQ(Outcomes(here), (Set{"deadlock", "done"}));
  options.fork_runs = true;
  ExploreReport forked = Explore(LocksAndANotify, options);
  EXPECT_TRUE(forked.complete);
  EXPECT_EQ(Counts(forked), Counts(here));
  EXPECT_EQ(forked.phases.back().redundant, here.phases.back().redundant);
}

TEST(ForkedRuns, AGlobalIsFreshInEachRun) {
  ExploreReport report = Explore(Increments, Forked());
  EXPECT_EQ(report.nondeterminism, "");
  EXPECT_TRUE(report.complete);
  EXPECT_EQ(Counts(report), (CountMap{{"1", 4}, {"2", 2}}));
  EXPECT_EQ(counter, 0);
}

TEST(ForkedRuns, WithoutThemAGlobalIsNotFresh) {
  EXPECT_NE(Explore(Increments).nondeterminism, "");
  counter = 0;
}

struct Once {
  Once() { ++built; }
  static inline int built = 0;
};

TEST(ForkedRuns, AFunctionsStaticIsBuiltInEachRun) {
  ExploreReport report = Explore(
      [] {
        auto use = [] { static Once once; };
        std::thread a(use), b(use);
        a.join();
        b.join();
        return "built " + std::to_string(Once::built);
      },
      Forked());
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"built 1"}));
}

// A body that leaves nothing behind is explored the same in both ways.
void ExpectTheSameInBothWays(const Body& body, ExploreOptions options) {
  ExploreReport here = Explore(body, options);
  options.fork_runs = true;
  ExploreReport forked = Explore(body, options);
  EXPECT_EQ(forked.runs, here.runs);
  EXPECT_EQ(forked.complete, here.complete);
  EXPECT_EQ(forked.cut_spins, here.cut_spins);
  EXPECT_EQ(forked.nondeterminism, here.nondeterminism);
  ASSERT_EQ(forked.census.size(), here.census.size());
  for (std::size_t i = 0; i < here.census.size(); ++i) {
    EXPECT_EQ(forked.census[i].outcome, here.census[i].outcome);
    EXPECT_EQ(forked.census[i].ending, here.census[i].ending);
    EXPECT_EQ(forked.census[i].runs, here.census[i].runs);
    EXPECT_EQ(forked.census[i].schedule, here.census[i].schedule);
    EXPECT_EQ(forked.census[i].preemptions, here.census[i].preemptions);
  }
  ASSERT_EQ(forked.races.size(), here.races.size());
  for (std::size_t i = 0; i < here.races.size(); ++i) {
    EXPECT_EQ(forked.races[i].Text(), here.races[i].Text());
  }
}

std::string LocalIncrements() {
  int local = 0;
  auto add = [&] { local = local + 1; };
  std::thread a(add), b(add);
  a.join();
  b.join();
  return std::to_string(local);
}

// Which waiter is woken is a choice of data.
std::string Waiters() {
  std::mutex mutex;
  std::condition_variable condition;
  bool open = false;
  std::string order;
  auto wait = [&](char name) {
    std::unique_lock lock(mutex);
    condition.wait(lock, [&] { return open; });
    order += name;
    open = true;
    condition.notify_one();
  };
  std::thread a(wait, 'a'), b(wait, 'b');
  {
    std::lock_guard lock(mutex);
    open = true;
  }
  condition.notify_one();
  a.join();
  b.join();
  return order;
}

std::string OppositeLocks() {
  std::mutex left, right;
  auto both = [](std::mutex& first, std::mutex& second) {
    std::lock_guard outer(first);
    std::lock_guard inner(second);
  };
  std::thread a(both, std::ref(left), std::ref(right));
  std::thread b(both, std::ref(right), std::ref(left));
  a.join();
  b.join();
  return "done";
}

TEST(ForkedRuns, CountWhatRunsInThisProcessCount) {
  for (const Body& body : {Body(LocalIncrements), Body(Waiters), Body(OppositeLocks)}) {
    for (Strategy strategy : {Strategy::kAll, Strategy::kPreemptions, Strategy::kDelays,
                              Strategy::kPct, Strategy::kRandom}) {
      ExploreOptions options;
      options.strategy = strategy;
      options.max_runs = 200;
      ExpectTheSameInBothWays(body, options);
    }
  }
}

TEST(ForkedRuns, AllThatEndsAProcessIsAnOutcome) {
  auto outcomes = [](const Body& body) { return Outcomes(Explore(body, Forked())); };
  EXPECT_EQ(outcomes([]() -> std::string {
              syscall(SYS_kill, getpid(), SIGKILL);  // past the boundary
              return "";
            }),
            (Set{"killed by SIGKILL"}));
  EXPECT_EQ(outcomes([]() -> std::string {
              kill(getpid(), SIGTERM);
              return "";
            }),
            (Set{"killed by SIGTERM in MainThread"}));
  EXPECT_EQ(outcomes([]() -> std::string {
              syscall(SYS_exit_group, 7);
              return "";
            }),
            (Set{"exit status 7"}));
  EXPECT_EQ(outcomes([]() -> std::string { std::exit(3); }), (Set{"exit status 3 in MainThread"}));
  EXPECT_EQ(outcomes([]() -> std::string { std::abort(); }), (Set{"abort in MainThread"}));
  EXPECT_EQ(outcomes([]() -> std::string {
              volatile int* nowhere = nullptr;
              *nowhere = 1;
              return "";
            }),
            (Set{"crash in MainThread: SIGSEGV, null pointer"}));
}

TEST(ForkedRuns, WhatOneScheduleDoesToItsProcessLeavesTheOthersAlone) {
  ExploreReport report = Explore(
      [] {
        counter = 0;
        auto add = [] { counter = counter + 1; };
        std::thread a(add), b(add);
        a.join();
        b.join();
        if (counter == 1) syscall(SYS_kill, getpid(), SIGKILL);
        return std::to_string(counter);
      },
      Forked());
  EXPECT_TRUE(report.complete);
  EXPECT_EQ(Counts(report), (CountMap{{"killed by SIGKILL", 4}, {"2", 2}}));
  for (const CensusRow& row : report.census) EXPECT_NE(row.schedule, "");
}

// Nothing in here is a scheduling point, so no budget of steps ends it.
TEST(ForkedRuns, ARunWithoutEndIsKilled) {
  ExploreOptions options = Forked();
  options.fork_limit = std::chrono::milliseconds(50);
  options.max_runs = 1;
  ExploreReport report = Explore(
      []() -> std::string {
        for (;;) asm volatile("");
      },
      options);
  ASSERT_EQ(report.census.size(), 1u);
  EXPECT_EQ(report.census[0].outcome, "not over after 0.05 s");
  EXPECT_EQ(report.census[0].ending, Ending::kLivelock);
}

TEST(ForkedRuns, ExitFunctionsAndBuffersOfTheParentAreItsOwn) {
  char path[] = "/tmp/forked_runs_XXXXXX";
  int file = mkstemp(path);
  std::FILE* stream = fdopen(file, "w");
  std::fputs("once\n", stream);  // still in the buffer when children are forked
  Explore(LocalIncrements, Forked());
  std::fclose(stream);
  std::ifstream read(path);
  std::string all((std::istreambuf_iterator<char>(read)), {});
  unlink(path);
  EXPECT_EQ(all, "once\n");
}

int OpenDescriptors() {
  int count = 0;
  DIR* directory = opendir("/proc/self/fd");
  while (readdir(directory) != nullptr) ++count;
  closedir(directory);
  return count;
}

std::int64_t ResidentKilobytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word != "VmRSS:") continue;
    std::int64_t kilobytes = 0;
    status >> kilobytes;
    return kilobytes;
  }
  return 0;
}

// Deadlocking runs among them: what they leave behind is gone with their process.
TEST(ForkedRuns, ManyLeaveNeitherMemoryNorProcessesNorDescriptors) {
  Explore(OppositeLocks, ForkedRandom(50));
  const int descriptors = OpenDescriptors();
  const std::int64_t resident = ResidentKilobytes();
  Explore(OppositeLocks, ForkedRandom(1500));
  EXPECT_EQ(OpenDescriptors(), descriptors);
  EXPECT_LT(ResidentKilobytes() - resident, 1024);
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

// What given-up runs leave behind soon is too much here, and a child makes the next ones, several
// in a row. The same choices lead to the same census.
TEST(ForkedRuns, MadeAheadAreCountedAsThoseThatAreNot) {
  const auto census = [](std::size_t left_behind, Strategy strategy) {
    ExploreOptions options;
    options.strategy = strategy;
    options.max_runs = 2'000;
    return Explore(
        [left_behind]() -> std::string {
          std::mutex one, two;
          std::string text;
          text.reserve(left_behind);
          const auto lock = [](std::mutex& first, std::mutex& second, int times) {
            for (int i = 0; i < times; ++i) {
              std::scoped_lock outer(first);
              std::scoped_lock inner(second);
            }
          };
          std::thread a(lock, std::ref(one), std::ref(two), 3);
          std::thread b(lock, std::ref(two), std::ref(one), 3);
          a.join();
          b.join();
          return "went well";
        },
        options);
  };
  for (Strategy strategy : {Strategy::kRandom, Strategy::kAll, Strategy::kPct}) {
    const ExploreReport in_one_process = census(10, strategy);
    const ExploreReport in_many = census(1 << 20, strategy);
    EXPECT_EQ(Complaints(in_many), Complaints(in_one_process));
    EXPECT_EQ(Counts(in_many), Counts(in_one_process));
    EXPECT_EQ(in_many.runs, in_one_process.runs);
    EXPECT_EQ(in_many.complete, in_one_process.complete);
    ASSERT_EQ(in_many.census.size(), in_one_process.census.size());
    for (std::size_t i = 0; i < in_many.census.size(); ++i) {
      EXPECT_EQ(in_many.census[i].schedule, in_one_process.census[i].schedule);
    }
  }
}

TEST(ForkedRuns, TheProgramMayUseAllProcessorsThatThereAre) {
  unsigned here = std::thread::hardware_concurrency();
  ExploreReport report =
      Explore([] { return std::to_string(std::thread::hardware_concurrency()); }, ForkedRandom(5));
  EXPECT_EQ(Outcomes(report), (Set{std::to_string(here)}));
  EXPECT_EQ(std::thread::hardware_concurrency(), here);
}

}  // namespace
}  // namespace interleave
