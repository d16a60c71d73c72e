// tests/engine/schedule_test.cc
//
// A schedule is a text that leads a program to the same outcome again: in this process, and in one
// that has explored nothing.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "runtime/engine/explore.h"

namespace interleave {
namespace {

std::string Increments() {
  int counter = 0;
  auto add = [&] { counter = counter + 1; };
  std::thread a(add), b(add);
  a.join();
  b.join();
  return std::to_string(counter);
}

RunReport Replay(const Body& body, const std::string& schedule) {
  SimulateOptions options;
  options.schedule = schedule;
  return Simulate(body, options);
}

// What the program prints.
std::string Output(const std::string& arguments) {
  const char* root = std::getenv("TEST_SRCDIR");
  const char* workspace = std::getenv("TEST_WORKSPACE");
  std::string command = "tests/engine/replayed_program " + arguments;
  if (root != nullptr) command = std::string(root) + "/" + workspace + "/" + command;
  std::FILE* pipe = popen(command.c_str(), "r");
  std::string output;
  char buffer[4096];
  while (std::size_t size = std::fread(buffer, 1, sizeof buffer, pipe)) output.append(buffer, size);
  EXPECT_EQ(pclose(pipe), 0) << command;
  return output;
}

TEST(Schedule, EveryRowOfACensusIsReplayedByAFreshProcess) {
  std::string to_replay, outcomes;
  int rows = 0;
  std::istringstream census(Output(""));
  for (std::string program, schedule, outcome;
       std::getline(census, program, '\t') && std::getline(census, schedule, '\t') &&
       std::getline(census, outcome);
       ++rows) {
    to_replay += program + " '" + schedule + "' ";
    outcomes += program + " " + outcome + "\n";
  }
  EXPECT_GT(rows, 14);
  EXPECT_EQ(Output(to_replay), outcomes) << to_replay;
}

TEST(Schedule, EveryRowOfACensusIsReplayedByTheSameProcess) {
  for (const CensusRow& row : Explore(Increments).census) {
    RunReport report = Replay(Increments, row.schedule);
    EXPECT_EQ(report.outcome, row.outcome);
    EXPECT_EQ(report.ending, Ending::kReturned);
    EXPECT_EQ(report.schedule, row.schedule);
    EXPECT_EQ(report.preemptions, row.preemptions);
  }
}

TEST(Schedule, OfASimulationReplaysIt) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SimulateOptions options;
    options.random = true;
    options.seed = seed;
    RunReport random = Simulate(Increments, options);
    ASSERT_EQ(random.ending, Ending::kReturned);
    RunReport again = Replay(Increments, random.schedule);
    EXPECT_EQ(again.outcome, random.outcome) << random.schedule;
    EXPECT_EQ(again.steps, random.steps);
  }
}

std::string PlacesOf(const std::string& schedule) { return schedule.substr(schedule.find('@')); }

TEST(Schedule, TooShortIsSaid) {
  std::string places = PlacesOf(Explore(Increments).census[0].schedule);
  RunReport report = Replay(Increments, "1" + places);
  EXPECT_EQ(report.ending, Ending::kBadSchedule);
  EXPECT_EQ(report.explanation,
            "the schedule ends after 1 of the choices; the next is thread 1 or 2");
}

TEST(Schedule, TooLongIsSaid) {
  std::string places = PlacesOf(Explore(Increments).census[0].schedule);
  RunReport report = Replay(Increments, "1.1.1.1.2" + places);
  EXPECT_EQ(report.ending, Ending::kBadSchedule);
  EXPECT_EQ(report.explanation, "the run was over after 2 of the schedule's 5 choices");
}

TEST(Schedule, AnImpossibleChoiceIsSaid) {
  std::string places = PlacesOf(Explore(Increments).census[0].schedule);
  RunReport report = Replay(Increments, "1.7.1" + places);
  EXPECT_EQ(report.ending, Ending::kBadSchedule);
  EXPECT_EQ(report.explanation,
            "choice 2 of the schedule is 7, but the choice there is thread 1 or 2");
}

TEST(Schedule, WithoutItsPlacesDoesNotFit) {
  RunReport report = Replay(Increments, "1.2.2");
  EXPECT_EQ(report.ending, Ending::kBadSchedule);
}

TEST(Schedule, APlaceThatIsNowhereIsSaid) {
  const auto explanation = [](const std::string& schedule) {
    RunReport report = Replay(Increments, schedule);
    EXPECT_EQ(report.ending, Ending::kBadSchedule) << schedule;
    return report.explanation;
  };
  EXPECT_EQ(explanation("@nowhere.cc:1"), "this program has no code on line 1 of nowhere.cc");
  EXPECT_EQ(explanation("@schedule_test.cc:99999"),
            "this program has no code on line 99999 of schedule_test.cc");
  EXPECT_EQ(explanation("1.2.1@99999"), "this program has no code on line 99999");
  // A line that has code, but no access that two threads make.
  EXPECT_EQ(explanation("1.2.1@schedule_test.cc:33"),
            "the run was over after 0 of the schedule's 3 choices");
}

std::string WhatIsWrongWith(const std::string& text) {
  try {
    CheckSchedule(text);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

TEST(Schedule, GoodTextIsAccepted) {
  for (const char* text :
       {"", "0", "1.2.1", "1.2.1@24", "@24", "@24#2#3", "1@queue.h:10,24#1,a.h:5", "4294967295"}) {
    EXPECT_EQ(WhatIsWrongWith(text), "") << text;
  }
}

TEST(Schedule, BadTextIsRefusedWithItsBadPart) {
  const std::string example = "; a schedule looks like 1.2.1@24";
  EXPECT_EQ(WhatIsWrongWith("1.x.2"), "'x' is no thread number" + example);
  EXPECT_EQ(WhatIsWrongWith("1..2"), "'' is no thread number" + example);
  EXPECT_EQ(WhatIsWrongWith("1.2."), "'' is no thread number" + example);
  EXPECT_EQ(WhatIsWrongWith(" 1"), "' 1' is no thread number" + example);
  EXPECT_EQ(WhatIsWrongWith("-1"), "'-1' is no thread number" + example);
  EXPECT_EQ(WhatIsWrongWith("4294967296"), "'4294967296' is no thread number" + example);
  EXPECT_EQ(WhatIsWrongWith("1@"), "'' is no line number" + example);
  EXPECT_EQ(WhatIsWrongWith("1@a.h:"), "'' is no line number" + example);
  EXPECT_EQ(WhatIsWrongWith("1@24#"), "'' is no number of an access" + example);
  EXPECT_EQ(WhatIsWrongWith("1@24@25"), "'24@25' is no line number" + example);
  EXPECT_THROW(Replay(Increments, "nonsense"), std::invalid_argument);
}

TEST(Schedule, ABadOneLeavesTheProcessFit) {
  EXPECT_THROW(Replay(Increments, "nonsense"), std::invalid_argument);
  EXPECT_EQ(Explore(Increments).runs, 6);
}

}  // namespace
}  // namespace interleave
