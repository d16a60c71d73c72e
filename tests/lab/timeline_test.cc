// tests/lab/timeline_test.cc
#include "runtime/lab/timeline.h"

#include <gtest/gtest.h>

#include "runtime/lab/lanes.h"
#include "tests/lab/run_builder.h"

namespace interleave::lab {
namespace {

using K = StepKind;
using std::chrono::milliseconds;
using std::chrono::seconds;

// Two threads sleep two and three seconds; main joins them.
RunReport TwoSleepers() {
  return RunBuilder({"MainThread", "TWO", "THREE"})
      .Step(1, K::kStart)
      .Blocked(1, K::kSleep)
      .Step(2, K::kStart)
      .Blocked(2, K::kSleep)
      .Blocked(0, K::kJoin, "TWO")
      .At(seconds(2))
      .Step(1, K::kSleep)
      .Step(1, K::kEnd)
      .Step(0, K::kJoin, "TWO")
      .Blocked(0, K::kJoin, "THREE")
      .At(seconds(3))
      .Step(2, K::kSleep)
      .Step(2, K::kEnd)
      .Step(0, K::kJoin, "THREE")
      .Returned("");
}

RunReport OneSleeper(const std::string& name, std::chrono::nanoseconds length) {
  return RunBuilder({"MainThread", name})
      .Step(1, K::kStart)
      .Blocked(1, K::kSleep)
      .At(length)
      .Step(1, K::kEnd)
      .Returned("");
}

// Both compute a second on one core.
RunReport OneCore() {
  return RunBuilder({"MainThread", "one", "two"})
      .Step(1, K::kStart)
      .Step(2, K::kStart)
      .Blocked(0, K::kJoin, "one")
      .From("compute.cc", 30)
      .Blocked(1, K::kSleep)
      .Blocked(2, K::kWait)
      .At(seconds(1))
      .Step(1, K::kSleep)
      .Step(2, K::kWait)
      .Blocked(2, K::kSleep)
      .Step(1, K::kEnd)
      .At(seconds(2))
      .Step(2, K::kSleep)
      .Step(2, K::kEnd)
      .Returned("");
}

TEST(TimelineText, ShowsWaitsAndEndsAlongTheClock) {
  EXPECT_EQ(TimelineText(MakeLanes(TwoSleepers())),
            "              0s    0.5s  1s    1.5s  2s    2.5s  3s\n"
            "  MainThread  ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~|\n"
            "  TWO         ~~~~~~~~~~~~~~~~~~~~~~~~|\n"
            "  THREE       ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~|\n"
            "              # runs   ~ waits   . ready, not running   | ends\n");
}

TEST(TimelineText, AThreadWithoutACoreIsReadyNotWaiting) {
  EXPECT_EQ(TimelineText(MakeLanes(OneCore())),
            "              0s    0.2s  0.4s  0.6s  0.8s  1s    1.2s  1.4s  1.6s  1.8s  2s\n"
            "  MainThread  ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~|\n"
            "  one         ##############################|\n"
            "  two         ..............................##############################|\n"
            "              # runs   ~ waits   . ready, not running   | ends\n");
}

TEST(TimelineText, ARunWithoutTimeIsDrawnAlongItsSteps) {
  const RunReport run = RunBuilder({"MainThread", "one", "two"})
                            .Step(1, K::kStart)
                            .Step(2, K::kStart)
                            .Blocked(0, K::kJoin, "one")
                            .Step(1, K::kWrite, "x", "1")
                            .Step(1, K::kEnd)
                            .Step(2, K::kEnd)
                            .Step(0, K::kJoin, "one")
                            .Returned("");
  EXPECT_EQ(TimelineText(MakeLanes(run)),
            "  step        0    5    10\n"
            "  MainThread    ~~~~#|\n"
            "  one         #..##|\n"
            "  two          #...#|\n"
            "              # runs   ~ waits   . ready, not running   | ends\n");
}

TEST(TimelineText, StaysOnThePage) {
  for (const auto length : {milliseconds(1), milliseconds(70), milliseconds(12'001),
                            milliseconds(3'600'000), milliseconds(99'000'000)}) {
    const std::string text = TimelineText(MakeLanes(OneSleeper("ThreadPoolExecutor-0_0", length)));
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      EXPECT_LE(end - at, 100u) << text;
      at = end + 1;
    }
  }
}

// The first line: where the axis is marked.
std::string AxisOf(std::chrono::nanoseconds length) {
  const std::string text = TimelineText(MakeLanes(OneSleeper("one", length)));
  return text.substr(0, text.find('\n'));
}

TEST(TimelineText, LabelsNeverTouch) {
  EXPECT_EQ(AxisOf(milliseconds(3)), "              0ms   1ms   2ms   3ms");
  EXPECT_EQ(AxisOf(milliseconds(20)),
            "              0ms   2ms   4ms   6ms   8ms   10ms  12ms  "
            "14ms  16ms  18ms  20ms");
  EXPECT_EQ(AxisOf(milliseconds(50)).substr(0, 31), "              0ms   5ms   10ms ");
  EXPECT_EQ(AxisOf(milliseconds(80)).substr(0, 31), "              0s    0.01s 0.02s");
  EXPECT_EQ(AxisOf(seconds(60'000)), "              0s    10000s      30000s      50000s");
}

TEST(TimelineSvg, HasABoxForEachSpanAndEscapesNames) {
  RunReport run = TwoSleepers();
  run.threads[1] = "<TWO>";
  const std::string svg = TimelineSvg(MakeLanes(run), "lab & scenario");
  EXPECT_TRUE(svg.starts_with("<svg xmlns="));
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
  EXPECT_NE(svg.find("lab &amp; scenario"), std::string::npos);
  EXPECT_NE(svg.find("&lt;TWO&gt;"), std::string::npos);
  EXPECT_NE(svg.find("<title>sleeps</title>"), std::string::npos);
}

TEST(Lanes, WhatIsNoPartOfTheLessonIsLeftOut) {
  TaskLane task;
  task.thread = 1;
  task.lane.name = "a task of TWO";
  const Lanes lanes = WithoutThreads(MakeLanes(TwoSleepers(), {task}), {"TWO"});
  ASSERT_EQ(lanes.lanes.size(), 2u);
  EXPECT_EQ(lanes.lanes[0].name, "MainThread");
  EXPECT_EQ(lanes.lanes[1].name, "THREE");
}

TEST(Lanes, AThreadThatNeverEndedWaitsUntilTheRunWasOver) {
  RunReport run = RunBuilder({"MainThread", "alice"})
                      .Step(1, K::kStart)
                      .Blocked(1, K::kLock, "left")
                      .At(seconds(1))
                      .Returned("deadlock");
  run.ending = Ending::kDeadlock;
  const Lanes lanes = MakeLanes(run);
  ASSERT_EQ(lanes.lanes[1].spans.size(), 1u);
  EXPECT_EQ(lanes.lanes[1].spans[0].what, "waits for left");
  EXPECT_EQ(lanes.lanes[1].spans[0].to, 1e9);
  EXPECT_FALSE(lanes.lanes[1].has_ended);
}

}  // namespace
}  // namespace interleave::lab
