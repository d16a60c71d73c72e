#include <gtest/gtest.h>

#include <chrono>

#include "runtime/async/gather.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/engine/explore.h"

using namespace interleave;
using namespace std::chrono_literals;

Task<void> Nap(std::chrono::hours duration) { co_await SleepFor(duration); }

Task<void> TwoNaps() { co_await Gather(Nap(2h), Nap(3h)); }

TEST(FirstTest, NapsOverlapAndTakeNoTime) {
  const RunReport report = Simulate([] {
    interleave::Run(TwoNaps());
    return "rested";
  });
  EXPECT_EQ(report.outcome, "rested");
  EXPECT_EQ(report.ended - report.began, 3h);
}
