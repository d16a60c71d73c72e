// tests/lab/step_table_test.cc
#include "runtime/lab/step_table.h"

#include <gtest/gtest.h>

#include "tests/lab/run_builder.h"

namespace interleave::lab {
namespace {

using K = StepKind;

RunReport LostUpdate() {
  return RunBuilder({"MainThread", "adder-1", "adder-2"})
      .From("03_race_condition.cc", 24)
      .Step(0, K::kWrite, "counter", "0")
      .Step(1, K::kStart)
      .Step(2, K::kStart)
      .Blocked(0, K::kJoin, "adder-1")
      .Step(1, K::kRead, "counter", "0")
      .Step(2, K::kRead, "counter", "0")
      .Step(1, K::kWrite, "counter", "1")
      .Step(1, K::kEnd)
      .Step(0, K::kJoin, "adder-1")
      .Step(2, K::kWrite, "counter", "1")
      .Step(2, K::kEnd)
      .Step(0, K::kRead, "counter", "1")
      .Returned("counter 1");
}

TEST(StepTable, ALostUpdateCanBeReadOff) {
  EXPECT_EQ(StepTable(LostUpdate(), "counter"),
            "   #  adder-1           adder-2           counter\n"
            "   1  reads 0                             0\n"
            "   2                    reads 0           0\n"
            "   3  writes 1                            1\n"
            "   4                    writes 1          1        overwrites what adder-1 wrote\n");
}

TEST(StepTable, OfALogsLineTheMessageIsEnough) {
  const RunReport run = RunBuilder({"MainThread", "teller-1"})
                            .Step(1, K::kOutput, "00:00:00:teller-1:sees 100: enough\n")
                            .Step(1, K::kOutput, "plain: 1:2\n")
                            .Returned("");
  EXPECT_EQ(StepTable(run, ""),
            "   #  teller-1\n"
            "   1  prints \"sees 100: enough\"\n"
            "   2  prints \"plain: 1:2\"\n");
}

TEST(StepTable, WhatTheEventLoopDoesForItselfIsNoStepOfTheLesson) {
  const RunReport run = RunBuilder({"MainThread", "helper"})
                            .From("runtime/async/loop_inbox.cc", 60)
                            .Step(1, K::kLock, "mutex 1")
                            .From("25_async_race.cc", 57)
                            .Step(1, K::kOutput, "alice reads 0\n")
                            .Returned("");
  EXPECT_EQ(StepTable(run, ""),
            "   #  helper\n"
            "   1  prints \"alice reads 0\"\n");
}

TEST(StepTable, AWriteThatFollowsItsOwnReadOverwritesNothing) {
  const RunReport run = RunBuilder({"MainThread", "one", "two"})
                            .Step(1, K::kRead, "x", "0")
                            .Step(1, K::kWrite, "x", "1")
                            .Step(2, K::kRead, "x", "1")
                            .Step(2, K::kWrite, "x", "2")
                            .Returned("");
  EXPECT_EQ(StepTable(run, "x").find("overwrites"), std::string::npos);
}

TEST(StepTable, AWaitingThreadSaysWhoHoldsTheLock) {
  const RunReport run = RunBuilder({"MainThread", "alice", "bob"})
                            .Step(1, K::kLock, "left")
                            .Step(2, K::kLock, "right")
                            .Blocked(1, K::kLock, "right")
                            .Blocked(2, K::kLock, "left")
                            .Returned("deadlock");
  EXPECT_EQ(StepTable(run, ""),
            "   #  alice             bob\n"
            "   1  locks left\n"
            "   2                    locks right\n"
            "   3  waits for right                     held by bob\n"
            "   4                    waits for left    held by alice\n");
}

TEST(StepTable, AnotherVariableThanTheWatchedOneIsNamed) {
  const RunReport run = RunBuilder({"MainThread", "one"})
                            .Step(1, K::kRead, "flag", "1")
                            .Step(1, K::kWrite, "x", "2")
                            .Returned("");
  EXPECT_EQ(StepTable(run, "x"),
            "   #  one               x\n"
            "   1  reads flag 1\n"
            "   2  writes 2          2\n");
}

TEST(StepTable, ManyThreadsShareOneColumn) {
  std::vector<std::string> names = {"MainThread"};
  for (int i = 1; i <= 8; ++i) names.push_back("philosopher-" + std::to_string(i));
  RunBuilder builder(names);
  for (int i = 1; i <= 8; ++i) builder.Step(i, K::kLock, "fork-" + std::to_string(i));
  const std::string table = StepTable(builder.Returned(""), "");
  EXPECT_EQ(table.substr(0, table.find('\n', table.find('\n') + 1) + 1),
            "   #  thread         step\n"
            "   1  philosopher-1  locks fork-1\n");
}

TEST(StepTable, ALongRunIsCutAndCounted) {
  RunBuilder builder({"MainThread", "one"});
  for (int i = 0; i < 65; ++i) builder.Step(1, K::kYield);
  const std::string table = StepTable(builder.Returned(""), "");
  EXPECT_NE(table.find("  40  yields\n      ... 5 more steps\n  46  yields\n"), std::string::npos)
      << table;
}

TEST(FirstPlace, IsThatOfTheWatchedVariable) {
  EXPECT_EQ(FirstPlace(LostUpdate(), "counter"), "03_race_condition.cc:24");
  EXPECT_EQ(FirstPlace(LostUpdate(), "other"), "");
}

}  // namespace
}  // namespace interleave::lab
