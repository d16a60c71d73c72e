// tests/engine/known_bugs_test.cc
//
// Every bug of tests/programs is found within 10,000 schedules by what the engine does when nobody
// tells it how, and no correct twin of them raises an alarm.
#include "tests/engine/known_bugs.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

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

TEST_P(KnownBugs, IsFound) {
  const Hunt hunt = HuntBug(GetParam(), DefaultChoice());
  EXPECT_TRUE(hunt.found) << "no " << GetParam().failure << " in " << hunt.runs << " schedules; "
                          << hunt.what;
}

TEST_P(KnownBugs, IsNotSeenInTheCorrectTwin) {
  const Hunt hunt = HuntAlarm(GetParam(), DefaultChoice());
  EXPECT_EQ(hunt.what, "");
}

INSTANTIATE_TEST_SUITE_P(, KnownBugs, testing::ValuesIn(Programs()),
                         [](const auto& tested) { return tested.param.name; });

TEST(KnownBugsSuite, HasAtLeastFortyPrograms) { EXPECT_GE(Programs().size(), 40u); }

}  // namespace
}  // namespace interleave
