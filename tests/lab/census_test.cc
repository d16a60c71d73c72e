// tests/lab/census_test.cc
#include "runtime/lab/census.h"

#include <gtest/gtest.h>

namespace interleave::lab {
namespace {

CensusRow Row(const std::string& outcome, std::int64_t runs, const std::string& schedule) {
  CensusRow row;
  row.outcome = outcome;
  row.runs = runs;
  row.schedule = schedule;
  return row;
}

ExploreReport SixSchedules() {
  ExploreReport report;
  report.runs = 6;
  report.complete = true;
  report.census = {Row("counter 1", 4, "1.2.2@24"), Row("counter 2", 2, "1.1@24")};
  return report;
}

TEST(Census, SaysHowManyAndThatTheyAreAll) {
  EXPECT_EQ(CensusText(SixSchedules(), {}),
            "every schedule of it (6, all)\n"
            "  counter 1   4  ################          --schedule=1.2.2@24\n"
            "  counter 2   2  ########                  --schedule=1.1@24\n");
}

TEST(Census, ASingleOutcomeNeedsNoBar) {
  ExploreReport report;
  report.runs = 2;
  report.complete = true;
  report.census = {Row("counter 2", 2, "1")};
  EXPECT_EQ(CensusText(report, {}), "  counter 2   every schedule (2, all)\n");
}

TEST(Census, OneOfEachClassIsNotCalledEverySchedule) {
  ExploreReport report;
  report.runs = 1007;
  report.complete = true;
  report.census = {Row("3 meals", 1007, "1")};
  report.phases = {{.name = "all", .runs = 1000}, {.name = "distinct", .runs = 7, .ended = true}};
  EXPECT_EQ(CensusText(report, {}, "chairs"),
            "  3 meals   every distinct schedule of chairs (7, all)\n"
            "  tried all (1,000), distinct (7, all)\n");
  report.phases.erase(report.phases.begin());
  EXPECT_EQ(CensusText(report, {}), "  3 meals   every distinct schedule (7, all)\n");
}

TEST(Census, ASingleOutcomeWithinABoundNamesTheBound) {
  ExploreReport report;
  report.runs = 1175;
  report.census = {Row("peak 2", 1175, "0.0.0")};
  report.stopped_by = "the bound of 2 delays";
  ExploreOptions options;
  options.strategy = Strategy::kDelays;
  options.bound = 2;
  EXPECT_EQ(CensusText(report, options),
            "  peak 2   every schedule with at most 2 delays (1,175, all)\n");
  options.bound = 1;
  EXPECT_EQ(CensusText(report, options, "two_permits"),
            "  peak 2   every schedule of two_permits with at most 1 delay (1,175, all)\n");
  report.stopped_by = "60 s";
  EXPECT_TRUE(CensusText(report, options)
                  .starts_with("1,175 schedules of it with at most 1 delay, not all of them: "
                               "stopped by 60 s\n"));
}

TEST(Census, SaysWhenItIsNotAll) {
  ExploreReport report = SixSchedules();
  report.complete = false;
  report.stopped_by = "6 runs";
  EXPECT_TRUE(CensusText(report, {}, "unlocked")
                  .starts_with("6 schedules of unlocked, not all of them: stopped by 6 runs\n"));
}

TEST(Census, ARandomOneNamesItsSeed) {
  ExploreReport report = SixSchedules();
  report.runs = 1000;
  report.complete = false;
  ExploreOptions options;
  options.strategy = Strategy::kRandom;
  options.seed = 7;
  EXPECT_TRUE(CensusText(report, options).starts_with("1,000 random schedules of it (seed 7)\n"));
}

TEST(Census, AScheduleThatDoesNotFitHasALineOfItsOwn) {
  ExploreReport report = SixSchedules();
  report.census[0].schedule = std::string(60, '1');
  EXPECT_EQ(CensusText(report, {}),
            "every schedule of it (6, all)\n"
            "  counter 1   4  ################\n"
            "      --schedule=" +
                std::string(60, '1') +
                "\n"
                "  counter 2   2  ########                  --schedule=1.1@24\n");
}

TEST(Census, AScheduleThatNobodyWouldCopyIsCounted) {
  ExploreReport report = SixSchedules();
  std::string choices = "1";
  for (int i = 1; i < 1'141; ++i) choices += ".2";
  report.census = {Row("livelock", 6, choices + "@24"), Row("done", 1, "1")};
  EXPECT_EQ(CensusText(report, {}),
            "every schedule of it (6, all)\n"
            "  livelock   6  #####################     a schedule of 1,141 choices\n"
            "  done       1  ###                       --schedule=1\n");
}

TEST(Census, InALessonOneOfMoreThanTwoLinesIsCountedAndExploringShowsIt) {
  ExploreReport report = SixSchedules();
  const std::string schedule = "1.2.1@" + std::string(200, '1');
  report.census[0].schedule = schedule;
  EXPECT_NE(CensusText(report, {}).find("   a schedule of 3 choices\n"), std::string::npos);
  EXPECT_EQ(CensusText(report, {}).find(schedule), std::string::npos);
  EXPECT_NE(CensusText(report, {}, "it").find("\n      --schedule=" + schedule + "\n"),
            std::string::npos);
}

TEST(Census, SaysWhenRoundsOfAWaitingLoopWereLeftOut) {
  ExploreReport report = SixSchedules();
  report.cut_spins = true;
  EXPECT_TRUE(
      CensusText(report, {})
          .starts_with("every schedule of it (6, all but repeated looks of a waiting loop)\n"));
  report.census.pop_back();
  EXPECT_EQ(CensusText(report, {}),
            "  counter 1   every schedule (6, all but repeated looks of a waiting loop)\n");
}

TEST(Census, CountsOfANondeterministicBodyAreCalledVoid) {
  ExploreReport report = SixSchedules();
  report.nondeterminism = "step 17 offered 3 choices, 2 the first time";
  EXPECT_NE(CensusText(report, {}).find("  These counts are void: step 17"), std::string::npos);
}

TEST(Tally, TheMostFrequentComesFirst) {
  EXPECT_EQ(TallyText({{"counter 1", 1}, {"counter 2", 999}}),
            "  counter 2   999  ########################\n"
            "  counter 1     1  #\n");
}

}  // namespace
}  // namespace interleave::lab
