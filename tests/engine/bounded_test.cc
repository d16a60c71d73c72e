// Bounded explorations against counts by brute force: threads that make k visible steps each have
// interleavings that a few lines can list, with the preemptions and delays of each.
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "runtime/engine/explore.h"

namespace interleave {
namespace {

struct Case {
  std::vector<int> steps;  // of each thread
};

std::string MakeSteps(const Case& program) {
  std::atomic<int> shared = 0;
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < program.steps.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < program.steps[t]; ++i) {
        shared.store(static_cast<int>(t));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return "";
}

// How many interleavings cost how much. `turn` is who made the last step, 0 at first; threads are
// numbered from 1.
using Histogram = std::map<int, std::int64_t>;
using Price = int (*)(const std::vector<int>& left, std::size_t last, std::size_t next);

void Count(std::vector<int>& left, std::size_t last, int cost, Price price, Histogram& histogram) {
  bool over = true;
  for (std::size_t next = 1; next <= left.size(); ++next) {
    if (left[next - 1] == 0) continue;
    over = false;
    int more = price(left, last, next);
    --left[next - 1];
    Count(left, next, cost + more, price, histogram);
    ++left[next - 1];
  }
  if (over) ++histogram[cost];
}

int Preemption(const std::vector<int>& left, std::size_t last, std::size_t next) {
  return last != 0 && left[last - 1] > 0 && next != last ? 1 : 0;
}

// The threads that could go on and are passed over, beginning with the last.
int Delay(const std::vector<int>& left, std::size_t last, std::size_t next) {
  int delays = 0;
  std::size_t turn = last == 0 ? 1 : last;
  for (; turn != next; turn = turn % left.size() + 1) delays += left[turn - 1] > 0 ? 1 : 0;
  return delays;
}

std::int64_t UpTo(int bound, const Histogram& histogram) {
  std::int64_t sum = 0;
  for (const auto& [cost, count] : histogram) sum += cost <= bound ? count : 0;
  return sum;
}

class BoundedTest : public testing::TestWithParam<Case> {
 protected:
  ExploreReport With(Strategy strategy, int bound) {
    ExploreOptions options;
    options.strategy = strategy;
    options.bound = bound;
    return Explore([&] { return MakeSteps(GetParam()); }, options);
  }

  void CompareWithBruteForce(Strategy strategy, Price price) {
    Histogram histogram;
    std::vector<int> left = GetParam().steps;
    Count(left, 0, 0, price, histogram);
    const int most = histogram.rbegin()->first;
    for (int bound = 0; bound <= most; ++bound) {
      ExploreReport report = With(strategy, bound);
      EXPECT_EQ(report.runs, UpTo(bound, histogram)) << "bound " << bound;
      EXPECT_EQ(report.complete, bound == most) << "bound " << bound;
      ASSERT_EQ(report.phases.size(), static_cast<std::size_t>(bound) + 1);
      for (int level = 0; level <= bound; ++level) {
        EXPECT_EQ(report.phases[static_cast<std::size_t>(level)].runs, histogram[level]) << level;
      }
    }
    EXPECT_EQ(With(Strategy::kAll, 0).runs, UpTo(most, histogram));
  }
};

TEST_P(BoundedTest, PreemptionsAreThoseOfBruteForce) {
  CompareWithBruteForce(Strategy::kPreemptions, Preemption);
}

TEST_P(BoundedTest, DelaysAreThoseOfBruteForce) { CompareWithBruteForce(Strategy::kDelays, Delay); }

INSTANTIATE_TEST_SUITE_P(Programs, BoundedTest,
                         testing::Values(Case{{1, 1}}, Case{{2, 2}}, Case{{3, 1}}, Case{{4, 4}},
                                         Case{{1, 1, 1}}, Case{{2, 2, 2}}, Case{{3, 1, 2}},
                                         Case{{1, 2, 1, 1}}));

}  // namespace
}  // namespace interleave
