// tests/threads/waiting_explored_test.cc
//
// Event, BoundedSemaphore and Barrier in every schedule of small cases.

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>

#include "runtime/engine/explore.h"
#include "runtime/threads/barrier.h"
#include "runtime/threads/bounded_semaphore.h"
#include "runtime/threads/event.h"
#include "tests/engine/outcomes.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;
using std::this_thread::sleep_for;
using Set = std::set<std::string>;

// L05. The waiters wait since before, so Clear must not send them back to sleep.
TEST(EventExploredTest, WaitReturnsForAllWaitersEvenIfClearedRightAfterSet) {
  const ExploreReport report = Explore([] {
    Event event;
    std::thread one([&] { event.Wait(); }), two([&] { event.Wait(); });
    sleep_for(1s);
    event.Set();
    event.Clear();
    one.join();
    two.join();
    return "both went on";
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"both went on"}));
}

TEST(EventExploredTest, SetBeforeWaitIsNotForgotten) {
  const ExploreReport report = Explore([] {
    Event event;
    int result = 0;
    std::thread setter([&] {
      result = 42;
      event.Set();
    });
    event.Wait();
    const std::string text = std::to_string(result);
    setter.join();
    return text;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"42"}));
}

TEST(EventExploredTest, SetAtTheMomentWhenTimeRunsOutIsOneOrTheOther) {
  const ExploreReport report = Explore([] {
    Event event;
    std::string text;
    std::thread waiter([&] { text = event.WaitFor(1s) ? "in time" : "too late"; });
    sleep_for(1s);
    event.Set();
    waiter.join();
    return text;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"in time", "too late"}));
}

TEST(EventExploredTest, WaitForWaitsExactlySoLong) {
  const RunReport report = Simulate([] {
    Event event;
    return std::string(event.WaitFor(3s) ? "set" : "not set");
  });
  EXPECT_EQ(report.outcome, "not set");
  EXPECT_EQ(report.ended - report.began, 3s);
}

TEST(BoundedSemaphoreExploredTest, EveryReleaseLetsAWaiterIn) {
  const ExploreReport report = Explore(
      [] {
        BoundedSemaphore semaphore(1);
        int inside = 0;  // plain: one at a time
        auto use = [&] {
          semaphore.Acquire();
          ++inside;
          semaphore.Release();
        };
        std::thread one(use), two(use), three(use);
        one.join();
        two.join();
        three.join();
        return std::to_string(inside) + " were inside, " + std::to_string(semaphore.available()) +
               " free";
      },
      {.strategy = Strategy::kDistinct});
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"3 were inside, 1 free"}));
}

// The notification of a release goes to a waiter whose time runs out just then.
TEST(BoundedSemaphoreExploredTest, WhoGivesUpTakesNoReleaseWithIt) {
  const ExploreReport report = Explore(
      [] {
        BoundedSemaphore semaphore(1);
        semaphore.Acquire();
        std::thread hasty([&] {
          if (semaphore.AcquireFor(1s)) semaphore.Release();
        });
        std::thread patient([&] {
          semaphore.Acquire();
          semaphore.Release();
        });
        sleep_for(1s);
        semaphore.Release();
        hasty.join();
        patient.join();
        return std::to_string(semaphore.available()) + " free";
      },
      {.strategy = Strategy::kDistinct});
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"1 free"}));
}

std::string WaitAt(Barrier& barrier) {
  try {
    barrier.Wait();
  } catch (const BrokenBarrier&) {
    return "broken ";
  }
  return "passed ";
}

TEST(BarrierExploredTest, AbortAgainstWaitIsTheSameForBoth) {
  const ExploreReport report = Explore([] {
    Barrier barrier(2);
    std::string one, two;
    std::thread first([&] { one = WaitAt(barrier); }), second([&] { two = WaitAt(barrier); });
    barrier.Abort();
    first.join();
    second.join();
    return one + two;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"broken broken ", "passed passed "}));
}

// Who is slow to wake up from the first round must not be counted in the second.
TEST(BarrierExploredTest, TwoRoundsOfTwoThreads) {
  const ExploreReport report = Explore([] {
    int actions = 0;
    Barrier barrier(2, [&] { ++actions; });
    auto twice = [&] {
      barrier.Wait();
      barrier.Wait();
    };
    std::thread one(twice), two(twice);
    one.join();
    two.join();
    return std::to_string(actions) + " actions";
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"2 actions"}));
}

TEST(BarrierExploredTest, ResetSendsAwayWhoWaitsAndNobodyWhoComesLater) {
  const ExploreReport report = Explore([] {
    Barrier barrier(2);
    std::string came;
    std::thread other([&] { came = WaitAt(barrier); });
    barrier.Reset();
    sleep_for(1s);
    const std::string mine = barrier.waiting() == 1 ? WaitAt(barrier) : "away ";
    other.join();
    return mine + came;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"away broken ", "passed passed "}));
}

TEST(BarrierExploredTest, TimeRunsOutForOneAsTheOtherComes) {
  const ExploreReport report = Explore([] {
    Barrier barrier(2);
    std::string one, two;
    std::thread hasty([&] {
      try {
        barrier.WaitFor(1s);
        one = "passed ";
      } catch (const BrokenBarrier&) {
        one = "broken ";
      }
    });
    sleep_for(1s);
    two = WaitAt(barrier);
    hasty.join();
    return one + two;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"broken broken ", "passed passed "}));
}

TEST(BarrierExploredTest, AnActionThatHasBegunInTimeIsWaitedFor) {
  EXPECT_EQ(Simulate([] {
              Barrier barrier(2, [] { sleep_for(10s); });
              std::thread other([&] { barrier.Wait(); });
              try {
                barrier.WaitFor(1s);
              } catch (const BrokenBarrier&) {
                return "broken";
              }
              other.join();
              return "passed";
            }).outcome,
            "passed");
}

}  // namespace
}  // namespace interleave
