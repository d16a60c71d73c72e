// tests/async/virtual_time_test.cc
//
// The loop in a simulation: the clock stands still while anybody can run, and jumps to the next
// deadline when all wait.

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>

#include "runtime/async/event_loop.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/engine/explore.h"
#include "tests/async/timed_words.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;

TEST(VirtualTimeTest, ATimerFiresExactlyWhenItIsDue) {  // A05
  EXPECT_EQ(OutcomeOf([] {
              TimedWords log;
              EventLoop loop;
              loop.CallLater(2500us, [&] { log.Add("b"); });
              loop.CallLater(1h, [&] { loop.Stop(); });
              loop.CallLater(1ms, [&] { log.Add("a"); });
              loop.CallLater(3ms + 1ns, [&] { log.Add("c"); });
              loop.RunForever();
              log.Add("end");
              return log.text();
            }),
            "a@1 b@2.5 c@3 end@3.6e+06 ");
}

TEST(VirtualTimeTest, ACancelledTimerDoesNotDecideHowLongTheLoopSleeps) {  // A07
  EXPECT_EQ(OutcomeOf([] {
              TimedWords log;
              EventLoop loop;
              Handle early = loop.CallLater(1s, [&] { log.Add("cancelled"); });
              loop.CallLater(5s, [&] {
                log.Add("five");
                loop.Stop();
              });
              early.Cancel();
              loop.RunForever();
              return log.text();
            }),
            "five@5000 ");
}

TEST(VirtualTimeTest, SleepsAddUp) {  // D01
  EXPECT_EQ(OutcomeOf([] {
              TimedWords log;
              EventLoop loop;
              loop.RunUntilComplete([](TimedWords& log) -> Task<void> {
                TaskHandle<void> other = Spawn([](TimedWords& log) -> Task<void> {
                  co_await SleepFor(150ms);
                  log.Add("other");
                }(log));
                co_await SleepFor(100ms);
                log.Add("half");
                co_await SleepFor(100ms);
                log.Add("whole");
              }(log));
              return log.text();
            }),
            "half@100 other@150 whole@200 ");
}

TEST(VirtualTimeTest, ACancelledSleepEndsAtOnce) {  // D03
  EXPECT_EQ(OutcomeOf([] {
              TimedWords log;
              EventLoop loop;
              TaskHandle<void> sleeper = SpawnOn(loop, [](TimedWords& log) -> Task<void> {
                try {
                  co_await SleepFor(5000s);
                } catch (const TaskCancelled&) {
                  log.Add("cancelled");
                }
              }(log));
              loop.CallLater(100ms, [&] { sleeper.Cancel(); });
              loop.RunUntilComplete(sleeper);
              return log.text();
            }),
            "cancelled@100 ");
}

TEST(VirtualTimeTest, AnotherThreadWakesTheLoopAtItsTime) {
  EXPECT_EQ(OutcomeOf([] {
              TimedWords log;
              EventLoop loop;
              std::thread other([&] {
                std::this_thread::sleep_for(30ms);
                loop.CallSoonThreadSafe([&] {
                  log.Add("woken");
                  loop.Stop();
                });
              });
              loop.CallLater(10ms, [&] { log.Add("timer"); });
              loop.RunForever();
              other.join();
              return log.text();
            }),
            "timer@10 woken@30 ");
}

TEST(VirtualTimeTest, ATaskThatBlocksHoldsUpTheOthersAndIsReported) {
  EXPECT_EQ(OutcomeOf([] {
              std::string text;
              EventLoop loop;
              loop.SetSlowStepHandler(100ms, [&](const SlowStep& step) {
                text = step.name + " held the loop for " + std::to_string(step.duration / 1ms) +
                       " ms;";
                for (const std::string& name : step.were_ready) text += " " + name;
              });
              SpawnOn(
                  loop,
                  []() -> Task<void> {
                    std::this_thread::sleep_for(250ms);
                    co_return;
                  }(),
                  "blocker");
              SpawnOn(
                  loop, []() -> Task<void> { co_return; }(), "other");
              TaskHandle<void> last = SpawnOn(
                  loop, []() -> Task<void> { co_return; }(), "third");
              loop.RunUntilComplete(last);
              return text;
            }),
            "blocker held the loop for 250 ms; other third");
}

// Two loops on two threads, and every order of what they do: all end, and none loses a call.
TEST(VirtualTimeTest, ACallFromAnotherThreadIsLostInNoSchedule) {
  ExploreOptions options;
  options.strategy = Strategy::kDistinct;
  const ExploreReport report = Explore(
      [] {
        std::string text;
        EventLoop loop;
        std::thread other([&] {
          loop.CallSoonThreadSafe([&] { text += "a"; });
          loop.CallSoonThreadSafe([&] {
            text += "b";
            loop.Stop();
          });
        });
        loop.RunForever();
        other.join();
        return text;
      },
      options);
  EXPECT_TRUE(report.complete);
  EXPECT_EQ(report.nondeterminism, "");
  ASSERT_EQ(report.census.size(), 1u);
  EXPECT_EQ(report.census[0].outcome, "ab");
}

}  // namespace
}  // namespace interleave
