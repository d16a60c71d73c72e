// PCT finds a bug of depth d with a probability of at least 1 / (n * k^(d-1)) in each run: here
// with bugs whose depth is known.
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

#include "runtime/engine/explore.h"
#include "tests/engine/outcomes.h"

namespace interleave {
namespace {

constexpr int kThreads = 3;  // with the main one
constexpr int kSteps = 40;   // that the busy thread makes

ExploreReport ByPct(const Body& body, int depth, std::int64_t runs) {
  ExploreOptions options;
  options.strategy = Strategy::kPct;
  options.depth = depth;
  options.max_runs = runs;
  return Explore(body, options);
}

std::int64_t CountOf(const ExploreReport& report, const std::string& outcome) {
  return Counts(report)[outcome];
}

// One ordering is enough: all of the busy thread's steps before the first of the other.
std::string LateStart() {
  std::atomic<int> ready = 0, busy = 0;
  bool late = false;
  std::thread other([&] { ready = 1; });
  std::thread worker([&] {
    for (int i = 0; i < kSteps; ++i) busy = i;
    late = ready == 0;
  });
  other.join();
  worker.join();
  return late ? "late" : "in time";
}

// Two: behind one certain step of the busy thread, and before its next one.
std::string Window() {
  std::atomic<int> open = 0;
  bool seen = false;
  std::thread worker([&] {
    for (int i = 0; i < kSteps; ++i) open = i == kSteps / 2;
  });
  std::thread other([&] { seen = open == 1; });
  worker.join();
  other.join();
  return seen ? "seen" : "not seen";
}

TEST(Pct, FindsABugOfDepthOneInOneRunOutOfTheNumberOfThreads) {
  ExploreReport report = ByPct(LateStart, 1, 300);
  EXPECT_EQ(report.runs, 300);
  EXPECT_GE(CountOf(report, "late"), 300 / kThreads);
}

TEST(Pct, FindsABugOfDepthTwoAsOftenAsThePaperSays) {
  constexpr int kRuns = 20'000, kChoices = kSteps + 1;
  ExploreReport report = ByPct(Window, 2, kRuns);
  EXPECT_EQ(report.runs, kRuns);
  // Half of what is expected: the count is the seed's, and never changes.
  EXPECT_GE(CountOf(report, "seen"), kRuns / (kThreads * kChoices) / 2);
}

TEST(Pct, ADepthThatIsTooSmallFindsNothing) {
  EXPECT_EQ(CountOf(ByPct(Window, 1, 5000), "seen"), 0);
}

TEST(Pct, TheSameSeedGivesTheSameCounts) {
  EXPECT_EQ(Counts(ByPct(Window, 3, 2000)), Counts(ByPct(Window, 3, 2000)));
}

TEST(Pct, AThreadThatWaitsInALoopFallsBehind) {
  ExploreReport report = ByPct(
      [] {
        std::atomic<bool> set = false;
        std::thread waiter([&] {
          while (!set) {
          }
        });
        std::thread setter([&] { set = true; });
        waiter.join();
        setter.join();
        return std::string("over");
      },
      3, 200);
  EXPECT_EQ(Counts(report), (std::map<std::string, std::int64_t>{{"over", 200}}));
}

}  // namespace
}  // namespace interleave
