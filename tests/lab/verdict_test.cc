// tests/lab/verdict_test.cc
#include "runtime/lab/verdict.h"

#include <gtest/gtest.h>

#include "runtime/lab/scenario.h"

namespace interleave::lab {
namespace {

Scenario Plain() {
  return Scenario("plain", [] { return ""; });
}

RunReport Ended(Ending ending, const std::string& outcome) {
  RunReport report;
  report.ending = ending;
  report.outcome = outcome;
  return report;
}

Race RaceFor(const std::string& object, bool first_writes, bool second_writes) {
  Race race;
  race.object = object;
  race.first_writes = first_writes;
  race.second_writes = second_writes;
  return race;
}

TEST(Verdict, WhateverABodyReturnsIsRightUnlessOutcomesAreDeclared) {
  EXPECT_EQ(Complaint(Plain().plan(), Ended(Ending::kReturned, "anything")), "");
  Scenario strict = Plain();
  strict.Outcome("counter 1").Outcome("counter 2");
  EXPECT_EQ(Complaint(strict.plan(), Ended(Ending::kReturned, "counter 2")), "");
  EXPECT_EQ(Complaint(strict.plan(), Ended(Ending::kReturned, "counter 3")),
            "it ended in 'counter 3', the lesson expects 'counter 1' or 'counter 2'");
}

TEST(Verdict, AnUncaughtExceptionIsWrongWithoutAnyDeclaration) {
  EXPECT_EQ(ComplaintOfOutcome(Plain().plan(), "anything"), "");
  EXPECT_EQ(ComplaintOfOutcome(Plain().plan(), "uncaught int in MainThread"),
            "it ended in 'uncaught int in MainThread'");
}

TEST(Verdict, ADeadlockIsWrongUnlessItIsTaught) {
  EXPECT_EQ(Complaint(Plain().plan(), Ended(Ending::kDeadlock, "deadlock")),
            "it ended in 'deadlock'");
  Scenario taught = Plain();
  taught.Outcome("deadlock");
  EXPECT_EQ(Complaint(taught.plan(), Ended(Ending::kDeadlock, "deadlock")), "");
  EXPECT_TRUE(EndsTheProcess(taught.plan()));
  EXPECT_FALSE(EndsTheProcess(Plain().plan()));
}

TEST(Verdict, AThreadLeftRunningIsWrongUnlessItIsTaught) {
  RunReport report = Ended(Ending::kReturned, "");
  report.still_running = {"downloader"};
  EXPECT_EQ(Complaint(Plain().plan(), report), "downloader was still running when it returned");
  Scenario taught = Plain();
  taught.LeavesThreadsRunning();
  EXPECT_EQ(Complaint(taught.plan(), report), "");
}

TEST(Verdict, ARaceIsWrongUnlessItIsTaught) {
  RunReport report = Ended(Ending::kReturned, "");
  report.races = {RaceFor("counter", true, true)};
  EXPECT_NE(Complaint(Plain().plan(), report), "");
  Scenario taught = Plain();
  taught.ShowsRaces();
  EXPECT_EQ(Complaint(taught.plan(), report), "");
}

TEST(Verdict, OneWrongRowOfACensusIsEnough) {
  ExploreReport report;
  CensusRow good, bad;
  good.outcome = "counter 2";
  bad.outcome = "counter 1";
  bad.schedule = "1.2.1@24";
  report.census = {good, bad};
  Scenario strict = Plain();
  strict.Outcome("counter 2");
  EXPECT_EQ(Complaint(strict.plan(), report),
            "it ended in 'counter 1', the lesson expects 'counter 2' by --schedule=1.2.1@24");
}

TEST(Verdict, ALongRunMustSayThatItTakesTime) {
  RunReport report = Ended(Ending::kReturned, "");
  report.ended = std::chrono::seconds(2);
  EXPECT_EQ(Complaint(Plain().plan(), report), "it took 2 s, the scenario says Takes(0 s)");
  Scenario long_one = Plain();
  long_one.Takes(std::chrono::seconds(2));
  EXPECT_EQ(Complaint(long_one.plan(), report), "");
}

TEST(Verdict, OfEachObjectOneRaceIsNamedAReadAgainstAWriteIfThereIsOne) {
  const std::vector<Race> races =
      OnePerObject({RaceFor("counter", true, true), RaceFor("counter", false, true),
                    RaceFor("flag", true, true)});
  ASSERT_EQ(races.size(), 2u);
  EXPECT_FALSE(races[0].first_writes);
  EXPECT_EQ(races[1].object, "flag");
}

TEST(Scenario, StartsAtATimeOfDayOrADate) {
  Scenario scenario = Plain();
  EXPECT_EQ(scenario.StartsAt("1970-01-02 00:00:01").plan().start, std::chrono::seconds(86'401));
  EXPECT_EQ(scenario.StartsAt("20:28:15").plan().start.count() / 1'000'000'000 % 86'400,
            (20 * 60 + 28) * 60 + 15);
  EXPECT_THROW(scenario.StartsAt("half past eight"), std::invalid_argument);
}

}  // namespace
}  // namespace interleave::lab
