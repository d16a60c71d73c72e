// tests/engine/parallel_algorithms_test.cc
//
// oneTBB's workers are threads like any others: a parallel_for and the standard's parallel
// algorithms, which run on it, are explored at random and by priorities. Their workers come to work
// where somebody makes a step, hence the yields. TBB itself is a shared library that no hook
// watches. It reads the processor's time-stamp counter while it spins, but makes the same steps
// whatever it reads.
#include <gtest/gtest.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <chrono>
#include <execution>
#include <numeric>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "runtime/engine/explore.h"
#include "tests/engine/outcomes.h"

namespace interleave {
namespace {

using Set = std::set<std::string>;

class ParallelAlgorithms : public testing::TestWithParam<Strategy> {
 protected:
  static ExploreReport ExploreWith(const Body& body) {
    ExploreOptions options;
    options.strategy = GetParam();
    options.max_runs = 5;
    options.max_time = std::chrono::seconds(5);
    options.fork_runs = true;  // TBB keeps its workers for the next run
    return Explore(body, options);
  }
};

TEST_P(ParallelAlgorithms, ALoopWithARaceIsReported) {
  ExploreReport report = ExploreWith([] {
    int count = 0;
    const auto add = [&](int) {
      std::this_thread::yield();
      count = count + 1;
    };
    tbb::parallel_for(0, 4, add, tbb::simple_partitioner());
    return std::to_string(count);
  });
  EXPECT_FALSE(report.races.empty());
  EXPECT_EQ(report.nondeterminism, "");
}

TEST_P(ParallelAlgorithms, ALoopOverElementsHasNone) {
  ExploreReport report = ExploreWith([] {
    std::vector<int> numbers(4);
    const auto set = [&](int i) { numbers[static_cast<std::size_t>(i)] = i; };
    tbb::parallel_for(0, 4, set, tbb::simple_partitioner());
    return std::to_string(std::accumulate(numbers.begin(), numbers.end(), 0));
  });
  EXPECT_TRUE(report.races.empty());
  EXPECT_EQ(Outcomes(report), (Set{"6"}));
}

TEST_P(ParallelAlgorithms, ForEachVisitsEachElement) {
  ExploreReport report = ExploreWith([] {
    std::vector<int> numbers(6, 1);
    std::for_each(std::execution::par, numbers.begin(), numbers.end(), [](int& n) { n *= 2; });
    return std::to_string(std::accumulate(numbers.begin(), numbers.end(), 0));
  });
  EXPECT_EQ(Outcomes(report), (Set{"12"}));
}

TEST_P(ParallelAlgorithms, SortSorts) {
  ExploreReport report = ExploreWith([] {
    std::vector<int> numbers{5, 3, 8, 1, 9, 2};
    std::sort(std::execution::par, numbers.begin(), numbers.end());
    std::string text;
    for (int n : numbers) text += std::to_string(n);
    return text;
  });
  EXPECT_EQ(Outcomes(report), (Set{"123589"}));
}

INSTANTIATE_TEST_SUITE_P(Strategies, ParallelAlgorithms,
                         testing::Values(Strategy::kRandom, Strategy::kPct), [](const auto& info) {
                           return info.param == Strategy::kRandom ? "Random" : "Pct";
                         });

}  // namespace
}  // namespace interleave
