// tests/lab/loop_watch_test.cc
#include "runtime/lab/loop_watch.h"

#include <gtest/gtest.h>

#include <cctype>
#include <chrono>
#include <csignal>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>

#include "runtime/async/async_future.h"
#include "runtime/async/event_loop.h"
#include "runtime/async/gather.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/lab/log.h"
#include "runtime/lab/real_run.h"
#include "runtime/lab/scenario.h"
#include "runtime/lab/simulated_run.h"

namespace interleave::lab {
namespace {

using namespace std::chrono_literals;

// What a simulated run of it prints on stdout. Line numbers become N.
std::string Prints(const Body& body) {
  Scenario scenario("watched", body);
  scenario.StartsAt("11:07:31");
  const SimulatedRun run = RunSimulated(scenario.plan(), "");
  EXPECT_EQ(run.report.ending, Ending::kReturned) << run.report.explanation;
  std::string text;
  for (std::size_t at = 0; at < run.out.size(); ++at) {
    text += run.out[at];
    if (!text.ends_with("_test.cc:")) continue;
    while (std::isdigit(static_cast<unsigned char>(run.out[at + 1]))) ++at;
    text += "N";
  }
  return text;
}

Task<void> Say(std::string word) {
  Print(word);
  co_return;
}

Task<void> SleepAndSay(std::chrono::seconds duration, std::string word) {
  co_await SleepFor(duration);
  Print(word);
}

Task<void> Block(std::chrono::milliseconds duration) {
  std::this_thread::sleep_for(duration);
  co_return;
}

Task<void> Fail() {
  throw std::runtime_error("no such book");
  co_return;
}

TEST(LoopWatch, AStepThatHoldsTheLoopIsNamedWithThoseWhoWaited) {
  EXPECT_EQ(
      Prints([] {
        interleave::Run([]() -> Task<void> {
          TaskHandle<void> one = Spawn(SleepAndSay(1s, "one"), "ONE");
          co_await Yield();
          TaskHandle<void> three = Spawn(Block(3000ms), "THREE");
          TaskHandle<void> four = Spawn(Say("four"), "FOUR");
          co_await Gather(one, three, four);
        }());
        return "";
      }),
      "11:07:34  the loop stood still for 3 s: THREE ran without awaiting, up to the end of "
      "Block\n"
      "          (loop_watch_test.cc:N); FOUR was ready all that time, ONE was due at 11:07:32\n"
      "four\n"
      "one\n");
}

TEST(LoopWatch, AShortStepIsNoneOfItsBusiness) {
  EXPECT_EQ(Prints([] {
              interleave::Run(Block(100ms));
              return "";
            }),
            "");
}

TEST(LoopWatch, ACoroutineThatNobodyAwaitsIsReportedWhetherOrNotALoopRuns) {
  EXPECT_EQ(Prints([] {
              { [[maybe_unused]] Task<void> dropped = Say("never"); }
              interleave::Run([]() -> Task<void> {
                co_await SleepFor(1500ms);
                { [[maybe_unused]] Task<void> dropped = Say("never"); }
                Print("here");
              }());
              return "";
            }),
            "11:07:31  coroutine 'Say' was never awaited (loop_watch_test.cc:N)\n"
            "11:07:32.500  coroutine 'Say' was never awaited (loop_watch_test.cc:N)\n"
            "here\n");
}

TEST(LoopWatch, AnExceptionThatNobodyRetrievesIsReported) {
  EXPECT_EQ(Prints([] {
              interleave::Run([]() -> Task<void> {
                Spawn(Fail(), "lookup");
                co_await SleepFor(1s);
                Print("end");
              }());
              return "";
            }),
            "11:07:31  Task exception was never retrieved, lookup: no such book\n"
            "end\n");
}

TEST(LoopWatch, TasksThatOutliveRunAreNamed) {
  EXPECT_EQ(Prints([] {
              interleave::Run([]() -> Task<void> {
                Spawn(SleepAndSay(60s, "late"), "heartbeat");
                Spawn(SleepAndSay(60s, "late"), "logger");
                co_await SleepFor(1s);
              }());
              return "";
            }),
            "11:07:32  Run ends before heartbeat and logger do: they are cancelled\n");
}

TEST(LoopWatch, TasksThatWaitForEachOtherAreDrawn) {
  EXPECT_EQ(Prints([] {
              interleave::Run([]() -> Task<void> {
                AsyncFuture<void> other;
                auto awaits = [](AsyncFuture<void>& future) -> Task<void> { co_await future; };
                TaskHandle<void> alice = Spawn(awaits(other), "alice");
                AsyncFuture<void> first = alice;
                TaskHandle<void> bob = Spawn(awaits(first), "bob");
                other = bob;
                co_await SleepFor(1s);
                alice.Cancel();
                co_await SleepFor(1s);
              }());
              return "";
            }),
            "11:07:31  tasks wait for each other: bob -> alice -> bob\n");
}

// Three tasks that are ready at the same time have six orders.
TEST(LoopWatch, OrdersOfReadyTasksAreSchedulesWherePermuted) {
  const Body body = [] {
    std::string order;
    interleave::Run([](std::string& order) -> Task<void> {
      auto append = [](std::string& order, const char* word) -> Task<void> {
        order += word;
        co_return;
      };
      TaskHandle<void> a = Spawn(append(order, "a"));
      TaskHandle<void> b = Spawn(append(order, "b"));
      TaskHandle<void> c = Spawn(append(order, "c"));
      co_await Gather(a, b, c);
    }(order));
    return order;
  };
  Scenario permuted("permuted", body);
  permuted.PermutesTasks();
  const ExploreReport all = ExploreScenario(permuted.plan(), {});
  EXPECT_TRUE(all.complete);
  EXPECT_EQ(all.nondeterminism, "");
  EXPECT_EQ(all.runs, 6);
  std::map<std::string, std::string> schedules;
  for (const CensusRow& row : all.census) {
    EXPECT_EQ(RunSimulated(permuted.plan(), row.schedule).report.outcome, row.outcome);
    schedules[row.outcome] = row.schedule;
  }
  EXPECT_EQ(schedules, (std::map<std::string, std::string>{{"abc", "0.0"},
                                                           {"acb", "0.1"},
                                                           {"bac", "1.0"},
                                                           {"bca", "1.1"},
                                                           {"cab", "2.0"},
                                                           {"cba", "2.1"}}));

  const Scenario in_turn("in_turn", body);
  EXPECT_EQ(ExploreScenario(in_turn.plan(), {}).runs, 1);
  EXPECT_EQ(RunReal(permuted.plan(), 1, "lab"), "abc");
}

// The clock of a simulation must not move because somebody measures.
TEST(LoopWatch, WatchingManyStepsTakesNoTime) {
  EXPECT_EQ(Prints([] {
              EventLoop loop;
              loop.RunUntilComplete([]() -> Task<void> {
                for (int i = 0; i < 100'000; ++i) co_await Yield();
                Log("still");
              }());
              return "";
            }),
            "11:07:31:MainThread:still\n");
}

TEST(LoopWatch, OnRealThreadsAQuitSignalPrintsWhoWaitsForWhom) {
  const Scenario scenario("real", [] {
    interleave::Run([]() -> Task<void> {
      EventLoop::Current().CallLater(1ms, [] { std::raise(SIGQUIT); });
      TaskHandle<void> sleeper = Spawn(SleepAndSay(1s, "one"), "sleeper");
      co_await sleeper;
    }());
    return "";
  });
  testing::internal::CaptureStdout();
  const auto began = std::chrono::steady_clock::now();
  RunReal(scenario.plan(), 0.01, "lab");
  const std::string text = testing::internal::GetCapturedStdout();
  EXPECT_NE(text.find("  who waits for whom:\n  Task-"), std::string::npos) << text;
  EXPECT_NE(text.find("\n    sleeper  SleepAndSay (loop_watch_test.cc:"), std::string::npos)
      << text;
  EXPECT_LT(std::chrono::steady_clock::now() - began, 1s) << "a hundredth of a second of sleep";
}

}  // namespace
}  // namespace interleave::lab
