// tests/threads/mutexes_explored_test.cc
//
// Who gets the lock next, in every schedule. Arrivals are put in order by the virtual clock.

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "runtime/engine/explore.h"
#include "runtime/threads/fair_mutex.h"
#include "runtime/threads/priority_mutex.h"
#include "runtime/threads/thread_priority.h"
#include "runtime/threads/unfair_mutex.h"
#include "tests/engine/outcomes.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;
using std::this_thread::sleep_for;
using Set = std::set<std::string>;

// One holds the lock for 10 s, three come one after the other; in which order they get it.
template <typename Mutex>
std::string ThreeInLine() {
  Mutex mutex;
  std::string order;
  std::vector<std::thread> waiters;
  mutex.lock();
  for (int i = 1; i <= 3; ++i) {
    waiters.emplace_back([&, i] {
      sleep_for(i * 1s);
      std::lock_guard lock(mutex);
      order += std::to_string(i);
    });
  }
  sleep_for(10s);
  mutex.unlock();
  for (std::thread& waiter : waiters) waiter.join();
  return order;
}

TEST(FairMutexExploredTest, WaitersAcquireInArrivalOrder) {
  const ExploreReport report = Explore(ThreeInLine<FairMutex>);
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"123"}));
}

TEST(UnfairMutexExploredTest, WaitersAcquireInAnyOrder) {
  const ExploreReport report = Explore(ThreeInLine<UnfairMutex>, {.strategy = Strategy::kDistinct});
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"123", "132", "213", "231", "312", "321"}));
}

// One unlocks and wants the lock again at once; the other waits since before that.
template <typename Mutex>
std::string UnlockAndLockAgain() {
  Mutex mutex;
  std::string order;
  mutex.lock();
  std::thread patient([&] {
    sleep_for(1s);
    std::lock_guard lock(mutex);
    order += "patient ";
  });
  sleep_for(2s);
  mutex.unlock();
  mutex.lock();
  order += "greedy ";
  mutex.unlock();
  patient.join();
  return order;
}

TEST(FairMutexExploredTest, NobodyComesBeforeAWaiter) {
  const ExploreReport report = Explore(UnlockAndLockAgain<FairMutex>);
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"patient greedy "}));
}

TEST(UnfairMutexExploredTest, WhoComesFirstTakesIt) {
  const ExploreReport report = Explore(UnlockAndLockAgain<UnfairMutex>);
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"greedy patient ", "patient greedy "}));
}

// The time of a waiter runs out at the instant of the unlock. Whichever comes first, the lock is
// free in the end, and the one behind in the line has had it.
TEST(FairMutexExploredTest, GivingUpAtTheMomentOfUnlockLosesNothing) {
  const ExploreReport report = Explore([] {
    FairMutex mutex;
    bool got_it = false;
    mutex.lock();
    std::thread hasty([&] {
      got_it = mutex.try_lock_for(1s);
      if (got_it) mutex.unlock();
    });
    std::thread behind([&] {
      sleep_for(500ms);
      std::lock_guard lock(mutex);
    });
    sleep_for(1s);
    mutex.unlock();
    hasty.join();
    behind.join();
    return std::string(got_it ? "got it" : "gave up") + (mutex.try_lock() ? ", free" : ", held");
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"gave up, free", "got it, free"}));
}

// All that two threads can do with one of them; plain memory is watched.
template <typename Mutex>
std::string Count() {
  Mutex mutex;
  int counter = 0, tried = 0;
  auto add = [&] {
    std::lock_guard lock(mutex);
    ++counter;
  };
  auto try_to_add = [&] {
    std::unique_lock lock(mutex, std::try_to_lock);
    if (!lock) return;
    ++counter;
    ++tried;
  };
  std::thread one(add), two(add), three(try_to_add);
  one.join();
  two.join();
  three.join();
  return std::to_string(counter - tried);
}

TEST(MutexesExploredTest, NothingIsLostAndNothingRaces) {
  for (std::string (*body)() : {Count<FairMutex>, Count<UnfairMutex>, Count<PriorityMutex>}) {
    const ExploreReport report = Explore(body, {.strategy = Strategy::kDistinct});
    EXPECT_EQ(Complaints(report), "");
    EXPECT_EQ(Outcomes(report), (Set{"2"}));
  }
}

// Priorities.

std::thread WithPriority(int priority, std::chrono::seconds starts, std::function<void()> body) {
  return std::thread([=] {
    SetThreadPriority(priority);
    sleep_for(starts);
    body();
  });
}

TEST(PriorityMutexExploredTest, TheMostUrgentWaiterIsNextAmongEqualsTheFirst) {
  const ExploreReport report = Explore([] {
    PriorityMutex mutex;
    std::string order;
    auto use = [&](char name) {
      std::lock_guard lock(mutex);
      order += name;
    };
    mutex.lock();
    std::thread a = WithPriority(2, 1s, [&] { use('a'); });
    std::thread b = WithPriority(5, 2s, [&] { use('b'); });
    std::thread c = WithPriority(2, 3s, [&] { use('c'); });
    sleep_for(10s);
    mutex.unlock();
    for (std::thread* thread : {&a, &b, &c}) thread->join();
    return order;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"bac"}));
}

// What `body` says, by the round-robin schedule.
std::string Simulated(std::string (*body)()) { return Simulate(body).outcome; }

std::string Priority() { return std::to_string(ThreadPriority()) + " "; }

TEST(PriorityMutexExploredTest, HolderIsAsUrgentAsTheMostUrgentWaiterUntilItUnlocks) {
  EXPECT_EQ(Simulated([] {
              PriorityMutex mutex;
              std::string seen;
              auto use = [&] { std::lock_guard lock(mutex); };
              std::thread low = WithPriority(1, 0s, [&] {
                mutex.lock();
                sleep_for(500ms);
                for (int second = 0; second < 3; ++second) {
                  seen += Priority();
                  sleep_for(1s);
                }
                mutex.unlock();
                seen += Priority();
              });
              std::thread mid = WithPriority(2, 1s, use), high = WithPriority(3, 2s, use);
              for (std::thread* thread : {&low, &mid, &high}) thread->join();
              return seen;
            }),
            "1 2 3 1 ");
}

// low holds a; mid holds b and waits for a; high waits for b.
TEST(PriorityMutexExploredTest, TheWholeChainOfHoldersInherits) {
  EXPECT_EQ(Simulated([] {
              PriorityMutex a, b;
              std::string seen_by_low = "low ", seen_by_mid = "mid ";
              std::thread low = WithPriority(1, 0s, [&] {
                a.lock();
                sleep_for(5s);
                seen_by_low += Priority();
                a.unlock();
                seen_by_low += Priority();
              });
              std::thread mid = WithPriority(2, 1s, [&] {
                b.lock();
                a.lock();
                seen_by_mid += Priority();
                a.unlock();
                seen_by_mid += Priority();  // high still waits for b
                b.unlock();
                seen_by_mid += Priority();
              });
              std::thread high = WithPriority(9, 2s, [&] { std::lock_guard lock(b); });
              for (std::thread* thread : {&low, &mid, &high}) thread->join();
              return seen_by_low + seen_by_mid;
            }),
            "low 9 1 mid 9 9 2 ");
}

TEST(PriorityMutexExploredTest, OfTwoLocksEachUnlockTakesBackWhatItBrought) {
  EXPECT_EQ(Simulated([] {
              PriorityMutex a, b;
              std::string seen;
              std::thread low = WithPriority(1, 0s, [&] {
                a.lock();
                b.lock();
                sleep_for(5s);
                seen += Priority();
                a.unlock();
                seen += Priority();
                b.unlock();
                seen += Priority();
              });
              std::thread for_a = WithPriority(7, 1s, [&] { std::lock_guard lock(a); });
              std::thread for_b = WithPriority(4, 1s, [&] { std::lock_guard lock(b); });
              for (std::thread* thread : {&low, &for_a, &for_b}) thread->join();
              return seen;
            }),
            "7 4 1 ");
}

// A waiter that inherits while it waits moves forward in its line.
TEST(PriorityMutexExploredTest, AWaiterThatInheritsMovesForward) {
  EXPECT_EQ(Simulated([] {
              PriorityMutex a, b;
              std::string order;
              auto use_a = [&](const char* name) {
                std::lock_guard lock(a);
                order += name;
              };
              std::thread holder = WithPriority(1, 0s, [&] {
                std::lock_guard lock(a);
                sleep_for(5s);
              });
              std::thread mid = WithPriority(5, 1s, [&] { use_a("mid "); });
              std::thread low = WithPriority(2, 1s, [&] {
                std::lock_guard lock(b);
                use_a("low ");
              });
              std::thread high = WithPriority(9, 2s, [&] { std::lock_guard lock(b); });
              for (std::thread* thread : {&holder, &mid, &low, &high}) thread->join();
              return order;
            }),
            "low mid ");
}

TEST(PriorityMutexExploredTest, ACircleOfWaitersIsADeadlockAndNoEndlessWalk) {
  const RunReport report = Simulate([] {
    PriorityMutex a, b;
    auto both = [](PriorityMutex& first, PriorityMutex& second) {
      std::lock_guard one(first);
      sleep_for(1s);
      std::lock_guard two(second);
    };
    std::thread low = WithPriority(1, 0s, [&] { both(a, b); });
    std::thread high = WithPriority(2, 0s, [&] { both(b, a); });
    low.join();
    high.join();
    return "both had both";
  });
  EXPECT_EQ(report.outcome, "deadlock");
}

}  // namespace
}  // namespace interleave
