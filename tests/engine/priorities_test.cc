// tests/engine/priorities_test.cc
//
// Threads with priorities: of those that can go on, only the most urgent do.
#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/engine/explore.h"
#include "tests/engine/outcomes.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;
using Set = std::set<std::string>;

int SetPriority(pthread_t thread, int priority) {
  sched_param parameters{};
  parameters.sched_priority = priority;
  return pthread_setschedparam(thread, priority == 0 ? SCHED_OTHER : SCHED_FIFO, &parameters);
}

int Priority(pthread_t thread) {
  int policy;
  sched_param parameters{};
  pthread_getschedparam(thread, &policy, &parameters);
  return parameters.sched_priority;
}

// Two threads of the given priorities that append to one word, letter by letter under a lock.
std::string TwoWriters(int first, int second) {
  std::mutex mutex;
  std::string word;
  auto write = [&](int priority, char letter) {
    SetPriority(pthread_self(), priority);
    for (int i = 0; i < 3; ++i) {
      std::lock_guard lock(mutex);
      word += letter;
    }
  };
  std::thread a([&] { write(first, 'a'); }), b([&] { write(second, 'b'); });
  a.join();
  b.join();
  return word;
}

TEST(Priorities, TheMostUrgentGoesOnAsLongAsItCan) {
  const SimulateOptions options{.by_priority = true};
  EXPECT_EQ(Simulate([] { return TwoWriters(1, 2); }, options).outcome, "bbbaaa");
  EXPECT_EQ(Simulate([] { return TwoWriters(2, 1); }, options).outcome, "aaabbb");
}

TEST(Priorities, EqualsTakeTurns) {
  const SimulateOptions options{.by_priority = true};
  EXPECT_EQ(Simulate([] { return TwoWriters(5, 5); }, options).outcome, "ababab");
}

TEST(Priorities, WithoutTheOptionTheyMeanNothing) {
  EXPECT_EQ(Simulate([] { return TwoWriters(1, 2); }).outcome, "ababab");
}

TEST(Priorities, NothingIsLeftToChooseWhereAllDiffer) {
  const ExploreReport report = Explore([] { return TwoWriters(1, 2); }, {.by_priority = true});
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"bbbaaa"}));
  EXPECT_EQ(report.runs, 1);
}

TEST(Priorities, AmongEqualsEveryScheduleIsRun) {
  const ExploreReport equal = Explore([] { return TwoWriters(3, 3); }, {.by_priority = true});
  const ExploreReport without = Explore([] { return TwoWriters(3, 3); });
  EXPECT_EQ(Complaints(equal), "");
  EXPECT_EQ(Counts(equal), Counts(without));
}

// Whatever way of exploring, also where schedules are made simpler afterwards and run again.
TEST(Priorities, EveryWayToExploreKeepsToThem) {
  const auto body = [] {
    std::mutex mutex;
    std::string word;
    auto write = [&](int priority, char letter) {
      SetPriority(pthread_self(), priority);
      for (int i = 0; i < 2; ++i) {
        std::lock_guard lock(mutex);
        word += letter;
      }
    };
    std::thread a([&] { write(2, 'a'); }), b([&] { write(2, 'b'); }), c([&] { write(1, 'c'); });
    for (std::thread* thread : {&a, &b, &c}) thread->join();
    return word;
  };
  const Set expected{"aabbcc", "ababcc", "abbacc", "baabcc", "babacc", "bbaacc"};
  for (const Strategy strategy : {Strategy::kAuto, Strategy::kAll, Strategy::kPreemptions,
                                  Strategy::kDelays, Strategy::kPct, Strategy::kRandom}) {
    const ExploreReport report =
        Explore(body, {.strategy = strategy, .bound = 6, .max_runs = 2000, .by_priority = true});
    EXPECT_EQ(report.nondeterminism, "");
    EXPECT_EQ(Outcomes(report), expected) << static_cast<int>(strategy);
    for (const CensusRow& row : report.census) {
      EXPECT_EQ(Simulate(body, {.schedule = row.schedule, .by_priority = true}).outcome,
                row.outcome);
    }
  }
}

TEST(Priorities, ForkedRunsKeepToThem) {
  const ExploreReport report =
      Explore([] { return TwoWriters(1, 2); }, {.by_priority = true, .fork_runs = true});
  EXPECT_EQ(report.nondeterminism, "");
  EXPECT_EQ(Outcomes(report), (Set{"bbbaaa"}));
}

TEST(Priorities, DistinctSchedulesAreRefused) {
  EXPECT_THROW(Explore([] { return TwoWriters(1, 2); },
                       {.strategy = Strategy::kDistinct, .by_priority = true}),
               std::invalid_argument);
}

// A raised thread goes before the one that has raised it, from the next step on.
TEST(Priorities, AChangeCountsAtOnce) {
  const RunReport report = Simulate(
      [] {
        std::mutex mutex;
        std::string word;
        auto add = [&](char letter) {
          std::lock_guard lock(mutex);
          word += letter;
        };
        SetPriority(pthread_self(), 2);
        std::thread other([&] { add('o'); });
        SetPriority(other.native_handle(), 1);
        add('m');
        SetPriority(other.native_handle(), 3);
        add('m');
        other.join();
        return word;
      },
      {.by_priority = true});
  EXPECT_EQ(report.outcome, "mom");
}

TEST(Priorities, ALockGoesToTheMostUrgentWaiterAndSoDoesANotification) {
  const RunReport report = Simulate(
      [] {
        std::mutex mutex;
        std::condition_variable changed;
        int tickets = 0;
        std::string order;
        auto wait = [&](int priority) {
          SetPriority(pthread_self(), priority);
          std::this_thread::sleep_for(priority * 1s);
          std::unique_lock lock(mutex);
          changed.wait(lock, [&] { return tickets > 0; });
          --tickets;
          order += std::to_string(priority);
        };
        std::thread one(wait, 1), two(wait, 2), three(wait, 3);
        std::this_thread::sleep_for(10s);
        for (int i = 0; i < 3; ++i) {
          {
            std::lock_guard lock(mutex);
            ++tickets;
          }
          changed.notify_one();
        }
        for (std::thread* thread : {&one, &two, &three}) thread->join();
        return order;
      },
      {.by_priority = true});
  EXPECT_EQ(report.outcome, "321");
}

// The calls themselves, also without the option.

// What `body` says in a simulation.
std::string Said(std::string (*body)()) { return Simulate(body).outcome; }

TEST(Priorities, AThreadHasThatOfItsCreatorOrOfItsAttributes) {
  EXPECT_EQ(Said([] {
              SetPriority(pthread_self(), 7);
              int inherited = 0;
              std::thread([&] { inherited = Priority(pthread_self()); }).join();

              pthread_attr_t attributes;
              pthread_attr_init(&attributes);
              sched_param parameters{};
              parameters.sched_priority = 9;
              pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);
              pthread_attr_setschedpolicy(&attributes, SCHED_RR);
              pthread_attr_setschedparam(&attributes, &parameters);
              pthread_t thread;
              static int explicit_one;
              pthread_create(
                  &thread, &attributes,
                  [](void*) -> void* {
                    explicit_one = Priority(pthread_self());
                    return nullptr;
                  },
                  nullptr);
              pthread_join(thread, nullptr);
              pthread_attr_destroy(&attributes);
              return std::to_string(inherited) + " " + std::to_string(explicit_one);
            }),
            "7 9");
}

TEST(Priorities, SchedFunctionsAreAboutTheCaller) {
  EXPECT_EQ(Said([] {
              sched_param parameters{};
              parameters.sched_priority = 4;
              EXPECT_EQ(sched_setscheduler(0, SCHED_RR, &parameters), 0);
              EXPECT_EQ(Priority(pthread_self()), 4);
              EXPECT_EQ(sched_getscheduler(gettid()), SCHED_RR);
              parameters.sched_priority = 5;
              EXPECT_EQ(sched_setparam(0, &parameters), 0);
              parameters.sched_priority = 0;
              EXPECT_EQ(sched_getparam(0, &parameters), 0);
              EXPECT_EQ(pthread_setschedprio(pthread_self(), 6), 0);
              return std::to_string(parameters.sched_priority) + " " +
                     std::to_string(Priority(pthread_self()));
            }),
            "5 6");
}

TEST(Priorities, WhatTheKernelRefusesIsRefused) {
  EXPECT_EQ(Said([] {
              sched_param parameters{};
              parameters.sched_priority = 100;
              EXPECT_EQ(pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters), EINVAL);
              parameters.sched_priority = 0;
              EXPECT_EQ(pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters), EINVAL);
              parameters.sched_priority = 1;
              EXPECT_EQ(pthread_setschedparam(pthread_self(), SCHED_OTHER, &parameters), EINVAL);
              EXPECT_EQ(sched_setscheduler(0, SCHED_OTHER, &parameters), -1);
              EXPECT_EQ(errno, EINVAL);
              return std::to_string(Priority(pthread_self()));
            }),
            "0");
}

int changes = 0;

TEST(Priorities, AListenerHearsOfChanges) {
  SetPriorityListener([] { ++changes; });
  Simulate([] {
    changes = 0;  // the body may run more than once
    SetPriority(pthread_self(), 3);
    SetPriority(pthread_self(), 3);
    SetPriority(pthread_self(), 0);
    return "";
  });
  SetPriorityListener(nullptr);
  EXPECT_EQ(changes, 2);
}

}  // namespace
}  // namespace interleave
