// tests/engine/known_bugs_test.cc
//
// Every bug of tests/programs is found within 10,000 schedules by what the engine does when nobody
// tells it how, one hard one aside, and no correct twin of them raises an alarm.
#include "tests/engine/known_bugs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include "runtime/engine/explore.h"
#include "tests/programs/programs.h"

namespace interleave {
// What GoogleTest says of a parameter.
static void PrintTo(const Program& program, std::ostream* out) { *out << program.name; }

namespace {

ExploreOptions DefaultChoice() {
  ExploreOptions options;
  options.strategy = Strategy::kAuto;
  options.max_runs = 10'000;
  return options;
}

class KnownBugs : public testing::TestWithParam<Program> {};
class EasyBugs : public testing::TestWithParam<Program> {};

std::vector<Program> EasyPrograms() {
  std::vector<Program> programs = Programs();
  std::erase_if(programs, [](const Program& program) { return program.hard; });
  return programs;
}

TEST_P(EasyBugs, AreFound) {
  const Hunt hunt = HuntBug(GetParam(), DefaultChoice());
  EXPECT_TRUE(hunt.found) << "no " << GetParam().failure << " in " << hunt.runs << " schedules; "
                          << hunt.what;
}

TEST_P(KnownBugs, IsNotSeenInTheCorrectTwin) {
  const Hunt hunt = HuntAlarm(GetParam(), DefaultChoice());
  EXPECT_EQ(hunt.what, "");
}

INSTANTIATE_TEST_SUITE_P(, EasyBugs, testing::ValuesIn(EasyPrograms()),
                         [](const auto& tested) { return tested.param.name; });
INSTANTIATE_TEST_SUITE_P(, KnownBugs, testing::ValuesIn(Programs()),
                         [](const auto& tested) { return tested.param.name; });

// The choices are those of a breadth-first search through a model of the program: none with fewer
// than eight preemptions lets two threads write to one item. Which lines are scheduling points is
// what any exploration finds.
TEST(SafeStack, FailsInTheSimplestScheduleThatThereIs) {
  const std::vector<Program> programs = Programs();
  const auto safe_stack =
      std::find_if(programs.begin(), programs.end(),
                   [](const Program& program) { return program.name == "safe_stack"; });
  ASSERT_NE(safe_stack, programs.end());
  const Body body = [main = safe_stack->main] { return std::to_string(main()); };
  ExploreOptions options;
  options.strategy = Strategy::kRandom;
  options.max_runs = 500;
  const ExploreReport few = Explore(body, options);
  EXPECT_TRUE(few.races.empty());
  const std::string& schedule = few.census.at(0).schedule;

  options.beginning = "3.3.1.1.1.1.1.1.1.2.2.2.2.2.2.2.3.1.1.1.1.1.3.1.1.2.2.2.2.2.2.2.2.1.1.2" +
                      schedule.substr(schedule.find('@'));
  options.max_runs = 1;
  const ExploreReport report = Explore(body, options);
  ASSERT_FALSE(report.races.empty());
  EXPECT_NE(report.races[0].Text().find("both at safe_stack.cc:"), std::string::npos)
      << report.races[0].Text();
}

TEST(KnownBugsSuite, HasAtLeastFortyPrograms) { EXPECT_GE(Programs().size(), 40u); }

}  // namespace
}  // namespace interleave
