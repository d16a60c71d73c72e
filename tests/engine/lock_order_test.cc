// tests/engine/lock_order_test.cc
//
// Two locks in two orders are reported by runs in which nothing happened; one order, or two that
// cannot meet, are not.
#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>
#include <vector>

#include "runtime/engine/explore.h"

namespace interleave {
namespace {

std::mutex left, right, gate;

void Both(std::mutex& first, std::mutex& second) {
  std::lock_guard one(first);
  std::lock_guard other(second);
}

void LeftRight() { Both(left, right); }
void RightLeft() { Both(right, left); }

// One after the other, but nothing says that it must be so.
std::string OneAfterTheOther(const std::function<void()>& first,
                             const std::function<void()>& second) {
  std::thread a(first), b([&] {
    std::this_thread::sleep_for(std::chrono::seconds(1));
    second();
  });
  a.join();
  b.join();
  return "passed";
}

std::vector<std::string> Inversions(const Body& body) {
  const RunReport report = Simulate(body);
  EXPECT_EQ(report.outcome, "passed");
  return report.lock_inversions;
}

std::vector<std::string> Inversions(const std::function<void()>& first,
                                    const std::function<void()>& second) {
  return Inversions([&] { return OneAfterTheOther(first, second); });
}

using None = std::vector<std::string>;

TEST(LockOrder, AnInversionIsReportedFromARunThatPassed) {
  const int line = __LINE__ + 3;
  const auto found = Inversions(
      [] {
        left.lock();
        right.lock();
        right.unlock();
        left.unlock();
      },
      [] {
        right.lock();
        left.lock();
        left.unlock();
        right.unlock();
      });
  const std::string file = "lock_order_test.cc:";
  EXPECT_EQ(
      found,
      None{"lock-order inversion: Thread-1 locks right (" + file + std::to_string(line + 1) +
           ") while it holds left and Thread-2 locks left (" + file + std::to_string(line + 7) +
           ") while it holds right; with other timing each waits for the next for ever"});
}

TEST(LockOrder, WhicheverThreadCameFirst) {
  EXPECT_EQ(Inversions(LeftRight, RightLeft).size(), 1u);
  EXPECT_EQ(Inversions(RightLeft, LeftRight).size(), 1u);
}

TEST(LockOrder, OneOrderIsNone) { EXPECT_EQ(Inversions(LeftRight, LeftRight), None{}); }

TEST(LockOrder, AThreadDoesNotWaitForItself) {
  EXPECT_EQ(Inversions(
                [] {
                  LeftRight();
                  RightLeft();
                },
                [] {}),
            None{});
}

TEST(LockOrder, AGateLetsOneAtATimeThrough) {
  const auto guarded = [](void (*both)()) {
    std::lock_guard one(gate);
    both();
  };
  EXPECT_EQ(Inversions([&] { guarded(LeftRight); }, [&] { guarded(RightLeft); }), None{});
  EXPECT_EQ(Inversions([&] { guarded(LeftRight); }, RightLeft).size(), 1u);
}

TEST(LockOrder, AThreadThatWasJoinedBeforeTheOtherBeganIsOver) {
  EXPECT_EQ(Inversions([] {
              std::thread(LeftRight).join();
              std::thread(RightLeft).join();
              return "passed";
            }),
            None{});
  EXPECT_EQ(Inversions([] {
              LeftRight();
              std::thread(RightLeft).join();
              return "passed";
            }),
            None{});
}

TEST(LockOrder, WhoeverWasWokenComesAfterWhatItWaitedFor) {
  EXPECT_EQ(Inversions([] {
              std::promise<void> done;
              std::thread a([&] {
                LeftRight();
                done.set_value();
              });
              done.get_future().wait();
              RightLeft();
              a.join();
              return "passed";
            }),
            None{});
}

TEST(LockOrder, AnAttemptDoesNotWait) {
  EXPECT_EQ(Inversions(LeftRight,
                       [] {
                         std::lock_guard one(right);
                         if (left.try_lock()) left.unlock();
                       }),
            None{});
  EXPECT_EQ(Inversions([] { std::scoped_lock both(left, right); },
                       [] { std::scoped_lock both(right, left); }),
            None{});
}

TEST(LockOrder, AttemptsThatSucceededAreHeldLikeAnyOther) {
  EXPECT_EQ(Inversions(LeftRight,
                       [] {
                         if (!right.try_lock()) return;
                         left.lock();
                         left.unlock();
                         right.unlock();
                       })
                .size(),
            1u);
}

TEST(LockOrder, RecursiveMutexesAreLockedOnce) {
  static std::recursive_mutex one, other;
  const auto nested = [](std::recursive_mutex& a, std::recursive_mutex& b) {
    std::lock_guard first(a), again(a), second(b), third(a);
  };
  EXPECT_EQ(Inversions([&] { nested(one, other); }, [&] { nested(one, other); }), None{});
  EXPECT_EQ(Inversions([&] { nested(one, other); }, [&] { nested(other, one); }).size(), 1u);
}

TEST(LockOrder, ReaderWriterLocksThatAreWritten) {
  static std::shared_mutex one, other;
  const auto nested = [](std::shared_mutex& a, std::shared_mutex& b) {
    std::lock_guard first(a), second(b);
  };
  EXPECT_EQ(Inversions([&] { nested(one, other); }, [&] { nested(one, other); }), None{});
  EXPECT_EQ(Inversions([&] { nested(one, other); }, [&] { nested(other, one); }).size(), 1u);
}

TEST(LockOrder, AWaitLocksAgain) {
  // A waits with left held: when it wakes it locks right with left held.
  static std::condition_variable never;
  EXPECT_EQ(Inversions(
                [] {
                  std::unique_lock outer(left);
                  std::unique_lock inner(right);
                  never.wait_for(inner, std::chrono::milliseconds(1));
                },
                RightLeft)
                .size(),
            1u);
}

TEST(LockOrder, ARingOfThree) {
  static std::mutex forks[3];
  const auto found = Inversions([] {
    std::vector<std::thread> philosophers;
    for (int me = 0; me < 3; ++me) {
      philosophers.emplace_back([me] {
        std::this_thread::sleep_for(std::chrono::seconds(me));
        Both(forks[me], forks[(me + 1) % 3]);
      });
    }
    for (std::thread& philosopher : philosophers) philosopher.join();
    return "passed";
  });
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].find("lock-order inversion: Thread-1 locks forks[1] ("), 0u) << found[0];
  EXPECT_NE(found[0].find(" while it holds forks[1] and Thread-3 locks forks[0] ("),
            std::string::npos)
      << found[0];
}

std::string TwoOrders() {
  std::thread a(LeftRight), b(RightLeft);
  a.join();
  b.join();
  return "passed";
}

TEST(LockOrder, AnExplorationNamesItOnce) {
  ExploreOptions options;
  const ExploreReport all = Explore(TwoOrders, options);
  EXPECT_EQ(all.lock_inversions.size(), 1u);
  options.strategy = Strategy::kRoundRobin;
  options.max_runs = 1;
  EXPECT_EQ(Explore([] { return OneAfterTheOther(LeftRight, RightLeft); }, options)
                .lock_inversions.size(),
            1u);
}

// The flag orders them in a way that lock_order does not see; all schedules together do.
TEST(LockOrder, WhereNoScheduleOfAllDeadlocksThereIsNone) {
  const auto body = [] {
    bool done = false;
    std::thread a([&] {
      LeftRight();
      std::lock_guard lock(gate);
      done = true;
    });
    std::thread b([&] {
      gate.lock();
      const bool go = done;
      gate.unlock();
      if (go) RightLeft();
    });
    a.join();
    b.join();
    return "passed";
  };
  const ExploreReport all = Explore(body);
  EXPECT_TRUE(all.complete);
  EXPECT_EQ(all.lock_inversions, None{});
}

}  // namespace
}  // namespace interleave
