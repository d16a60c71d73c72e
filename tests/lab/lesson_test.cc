// tests/lab/lesson_test.cc
#include "runtime/lab/lesson.h"

#include <gtest/gtest.h>

#include "tests/lab/run_builder.h"

namespace interleave::lab {
namespace {

Race RaceAt(const std::string& first_file, int first_line, int second_line) {
  Race race;
  race.object = "counter";
  race.first_thread = "adder-2";
  race.second_thread = "adder-1";
  race.second_writes = true;
  race.first = {first_file, first_line};
  race.second = {"03_race.cc", second_line};
  return race;
}

TEST(Lesson, AProgramWithANumberIsALabAndOneWithoutAnExample) {
  EXPECT_EQ(Label("03_race_condition"), "//labs:03_race_condition");
  EXPECT_EQ(Label("coffee_shop"), "//examples:coffee_shop");
}

RunTextOptions Options() {
  RunTextOptions options;
  options.lab = "06_deadlock";
  return options;
}

TEST(Lesson, OfARaceInTheLabsOwnFileALineIsEnough) {
  EXPECT_EQ(RaceText({RaceAt("03_race.cc", 47, 47)}, "03_race"),
            "data race: adder-2 reads and adder-1 writes counter, both at line 47; nothing orders "
            "them\n");
  EXPECT_EQ(RaceText({RaceAt("03_race.cc", 46, 47)}, "03_race"),
            "data race: adder-2 reads counter at line 46, adder-1 writes it at line 47; nothing "
            "orders them\n");
  EXPECT_EQ(RaceText({RaceAt("queue.h", 10, 47)}, "03_race"),
            "data race: adder-2 reads counter at queue.h:10, adder-1 writes it at line 47; nothing "
            "orders them\n");
}

TEST(Lesson, AnExplanationStaysOnThePageAndInItsColumns) {
  const Scenario scenario("one", [] { return ""; });
  SimulatedRun run;
  run.report.ending = Ending::kDeadlock;
  run.report.explanation =
      "deadlock\n  alice  holds left,  waits\n  " + std::string(94, 'x') + " would be too long\n";
  EXPECT_EQ(RunText(scenario.plan(), run, Options()),
            "  deadlock\n"
            "    alice  holds left,  waits\n"
            "    " +
                std::string(94, 'x') +
                "\n"
                "    would be too long\n"
                "  again:  bazel run //labs:06_deadlock -- --scenario=one\n");
}

TEST(Lesson, ThreadsThatStillRunAtTheEndAreNamed) {
  const Scenario scenario("one", [] { return ""; });
  SimulatedRun run;
  run.report.still_running = {"alice", "bob"};
  const std::string text = RunText(scenario.plan(), run, Options());
  EXPECT_TRUE(text.starts_with("  still running at the end, and cut off: alice, bob\n")) << text;
}

TEST(Lesson, ALongScheduleHasALineOfItsOwn) {
  EXPECT_EQ(AgainText(Options(), "one", "1.2"),
            "  again:  bazel run //labs:06_deadlock -- --scenario=one --schedule=1.2\n");
  const std::string schedule(60, '1');
  EXPECT_EQ(AgainText(Options(), "one", schedule),
            "  again:  bazel run //labs:06_deadlock -- --scenario=one \\\n            --schedule=" +
                schedule + "\n");
}

TEST(Lesson, OfAScheduleThatNobodyWouldCopyTheCommandThatFindsItIsNamed) {
  std::string schedule = "1";
  for (int i = 1; i < 20'000; ++i) schedule += ".2";
  RunTextOptions options = Options();
  EXPECT_EQ(AgainText(options, "one", schedule + "@24"),
            "  again:  bazel run //labs:06_deadlock -- --scenario=one\n"
            "          (its schedule has 20,000 choices)\n");
  options.found_by = "--seed=7";
  EXPECT_EQ(AgainText(options, "one", schedule),
            "  again:  bazel run //labs:06_deadlock -- --scenario=one --seed=7\n"
            "          (its schedule has 20,000 choices)\n");
}

TEST(Lesson, ARunThatPrintsSaysAlsoHowToSeeItAgainIfItWasDrawn) {
  const Scenario scenario("one", [] { return ""; });
  SimulatedRun run;
  run.report.schedule = "2.1";
  run.out = "hello\n";
  RunTextOptions options = Options();
  EXPECT_EQ(RunText(scenario.plan(), run, options), "  hello\n");
  options.again = true;
  EXPECT_EQ(RunText(scenario.plan(), run, options),
            "  hello\n"
            "  again:  bazel run //labs:06_deadlock -- --scenario=one --schedule=2.1\n");
}

}  // namespace
}  // namespace interleave::lab
