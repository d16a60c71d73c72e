// tests/lab/compute_test.cc
#include "runtime/lab/compute.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>

#include <ctime>
#include <thread>
#include <vector>

#include "runtime/engine/explore.h"
#include "runtime/lab/lanes.h"
#include "runtime/lab/timeline.h"

namespace interleave {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Virtual time that `threads` threads take to Compute a second each.
RunReport TakeTurns(int threads, int cores) {
  SimulateOptions options;
  options.trace = true;
  return Simulate(
      [=] {
        lab::ResetVirtualCores(cores);
        std::vector<std::thread> workers;
        for (int i = 0; i < threads; ++i) workers.emplace_back([] { Compute(seconds(1)); });
        for (std::thread& worker : workers) worker.join();
        return "";
      },
      options);
}

TEST(Compute, AThreadForEachCoreTakesTheTimeOfOne) {
  const RunReport run = TakeTurns(2, 2);
  EXPECT_EQ(run.ended - run.began, seconds(1));
}

TEST(Compute, NothingIsNoStep) {
  const ExploreReport report = Explore([] {
    std::thread other([] { Compute(seconds(0)); });
    Compute(seconds(0));
    other.join();
    return "";
  });
  EXPECT_EQ(report.runs, 1);
}

TEST(Compute, MoreThreadsThanCoresTakeTurns) {
  const RunReport three = TakeTurns(3, 2);
  EXPECT_EQ(three.ended - three.began, seconds(2));
  const RunReport eight = TakeTurns(8, 3);
  EXPECT_EQ(eight.ended - eight.began, seconds(3));
}

TEST(Compute, IsWorkOnTheTimelineAndWaitingForACoreIsReadiness) {
  EXPECT_EQ(lab::TimelineText(lab::MakeLanes(TakeTurns(2, 1))),
            "              0s    0.2s  0.4s  0.6s  0.8s  1s    1.2s  1.4s  1.6s  1.8s  2s\n"
            "  MainThread  ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~|\n"
            "  Thread-1    ##############################|\n"
            "  Thread-2    ..............................##############################|\n"
            "              # runs   ~ waits   . ready, not running   | ends\n");
}

// Threads with priorities on one core. Low begins at once, high after a second; each computes 2 s.
// With `raise`, low becomes the most urgent one half a second later.
RunReport LowAndHigh(bool raise) {
  SimulateOptions options;
  options.trace = true;
  options.by_priority = true;
  return Simulate(
      [=] {
        lab::ResetVirtualCores(1, true);
        const auto set_priority = [](pthread_t thread, int priority) {
          sched_param parameters{};
          parameters.sched_priority = priority;
          pthread_setschedparam(thread, SCHED_FIFO, &parameters);
        };
        std::thread low([&] {
          set_priority(pthread_self(), 1);
          Compute(seconds(2));
        });
        std::thread high([&] {
          set_priority(pthread_self(), 2);
          std::this_thread::sleep_for(seconds(1));
          Compute(seconds(2));
        });
        std::this_thread::sleep_for(milliseconds(1500));
        if (raise) set_priority(low.native_handle(), 3);
        low.join();
        high.join();
        lab::ResetVirtualCores(2);
        return "";
      },
      options);
}

TEST(Compute, ByPriorityACoreIsKeptOnlyUntilSomebodyMoreUrgentWantsIt) {
  EXPECT_EQ(lab::TimelineText(lab::MakeLanes(LowAndHigh(false))),
            "              0s    0.5s  1s    1.5s  2s    2.5s  3s    3.5s  4s\n"
            "  MainThread  ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~|\n"
            "  Thread-1    ############........................############|\n"
            "  Thread-2    ~~~~~~~~~~~~########################|\n"
            "              # runs   ~ waits   . ready, not running   | ends\n");
}

TEST(Compute, ByPriorityAChangeOfPrioritiesMovesTheCoreAtOnce) {
  EXPECT_EQ(lab::TimelineText(lab::MakeLanes(LowAndHigh(true))),
            "              0s    0.5s  1s    1.5s  2s    2.5s  3s    3.5s  4s\n"
            "  MainThread  ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~|\n"
            "  Thread-1    ############......############|\n"
            "  Thread-2    ~~~~~~~~~~~~######............##################|\n"
            "              # runs   ~ waits   . ready, not running   | ends\n");
}

TEST(Compute, OnARealThreadBurnsItsCost) {
  const std::clock_t before = std::clock();
  Compute(milliseconds(20));
  EXPECT_GE(std::clock() - before, CLOCKS_PER_SEC / 1000 * 19);
}

}  // namespace
}  // namespace interleave
