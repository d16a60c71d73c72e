// tests/lab/task_lanes_test.cc
#include "runtime/lab/task_lanes.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>

#include "runtime/async/async_event.h"
#include "runtime/async/gather.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/lab/compute.h"
#include "runtime/lab/scenario.h"
#include "runtime/lab/simulated_run.h"
#include "runtime/lab/timeline.h"

namespace interleave::lab {
namespace {

using namespace std::chrono_literals;

// The timeline of a run, without its legend.
std::string Timeline(const Body& body) {
  Scenario scenario("drawn", body);
  const SimulatedRun run = RunSimulated(scenario.plan(), "");
  EXPECT_EQ(run.report.ending, Ending::kReturned) << run.report.explanation;
  const std::string text = TimelineText(run.lanes);
  return text.substr(0, text.rfind("              # runs"));
}

Task<void> Awaits(std::chrono::seconds duration) { co_await SleepFor(duration); }

Task<void> Blocks(std::chrono::seconds duration) {
  std::this_thread::sleep_for(duration);
  co_return;
}

Task<void> Await(AsyncEvent& event) { co_await event.Wait(); }

TEST(TaskLanes, WhoHoldsTheLoopRunsAndTheOthersAreReadyOrWait) {
  EXPECT_EQ(Timeline([] {
              interleave::Run([]() -> Task<void> {
                TaskHandle<void> one = Spawn(Awaits(1s), "ONE"), two = Spawn(Awaits(2s), "TWO");
                TaskHandle<void> three = Spawn(Blocks(3s), "THREE");
                TaskHandle<void> four = Spawn(Awaits(4s), "FOUR"), five = Spawn(Awaits(5s), "FIVE");
                co_await Gather(one, two, three, four, five);
              }());
              return "";
            }),
            "              0s    1s    2s    3s    4s    5s    6s    7s    8s\n"
            "  MainThread  ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~|\n"
            "   Task-1     ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~|\n"
            "   ONE        ~~~~~~............|\n"
            "   TWO        ~~~~~~~~~~~~......|\n"
            "   THREE      ##################|\n"
            "   FOUR       ..................~~~~~~~~~~~~~~~~~~~~~~~~|\n"
            "   FIVE       ..................~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~|\n");
}

TEST(TaskLanes, WhoIsWokenInTheMiddleOfALongStepIsReadyFromThen) {
  EXPECT_EQ(Timeline([] {
              interleave::Run([]() -> Task<void> {
                AsyncEvent event;
                TaskHandle<void> waiter = Spawn(Await(event), "waiter");
                co_await Yield();
                Compute(1s);
                event.Set();
                Compute(2s);
                co_await waiter;
                co_await SleepFor(1s);
              }());
              return "";
            }),
            "              0s    0.5s  1s    1.5s  2s    2.5s  3s    3.5s  4s\n"
            "  MainThread  ####################################~~~~~~~~~~~~|\n"
            "   Task-1     ####################################~~~~~~~~~~~~|\n"
            "   waiter     ~~~~~~~~~~~~........................|\n");
}

TEST(TaskLanes, EachThreadHasItsOwn) {
  EXPECT_EQ(Timeline([] {
              std::thread other([] { interleave::Run(Awaits(2s)); });
              interleave::Run(Awaits(1s));
              other.join();
              return "";
            }),
            "              0s    0.2s  0.4s  0.6s  0.8s  1s    1.2s  1.4s  1.6s  1.8s  2s\n"
            "  MainThread  ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~|\n"
            "   Task-1     ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~|\n"
            "  Thread-1    ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~|\n"
            "   Task-1     ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~|\n");
}

// Their tasks may have the same address.
TEST(TaskLanes, ALoopThatIsClosedEndsTheLanesOfItsTasks) {
  EXPECT_EQ(Timeline([] {
              for (int i = 0; i < 2; ++i) {
                EventLoop loop;
                loop.SetExceptionHandler([](EventLoop&, const LoopError&) {});
                TaskHandle<void> pending = SpawnOn(loop, Awaits(5s), "pending");
                loop.RunUntilComplete(Awaits(1s));
              }
              return "";
            }),
            "              0s    0.2s  0.4s  0.6s  0.8s  1s    1.2s  1.4s  1.6s  1.8s  2s\n"
            "  MainThread  ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~|\n"
            "   pending    ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~|\n"
            "   Task-2     ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~|\n"
            "   pending                                  ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~|\n"
            "   Task-4                                   ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~|\n");
}

TEST(TaskLanes, ARunThatDoesNotEndCutsThemOff) {
  Scenario scenario("drawn", [] {
    interleave::Run([]() -> Task<void> {
      co_await SleepFor(1s);
      AsyncEvent never;
      co_await never.Wait();
    }());
    return "";
  });
  const SimulatedRun run = RunSimulated(scenario.plan(), "");
  EXPECT_EQ(run.report.ending, Ending::kDeadlock);
  const Lane& lane = run.lanes.lanes.at(1);
  EXPECT_FALSE(lane.has_ended);
  EXPECT_EQ(lane.ended, 1e9);
}

}  // namespace
}  // namespace interleave::lab
