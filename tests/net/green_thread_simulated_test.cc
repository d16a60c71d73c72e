// tests/net/green_thread_simulated_test.cc
//
// Green threads in a simulation: the clock is virtual, a simulated thread may be stopped while it
// is on a green thread's stack, and what those do to shared memory is seen.

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/async/event_loop.h"
#include "runtime/engine/explore.h"
#include "runtime/net/green_thread.h"
#include "runtime/threads/thread_name.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;

std::string Outcome(const RunReport& report) {
  return report.ending == Ending::kReturned ? report.outcome : report.explanation;
}

// Runs it as a green thread of a loop of its own.
template <typename F>
void RunIt(F function) {
  EventLoop loop;
  loop.RunUntilComplete(RunGreen(std::move(function)));
}

// What happens when, in milliseconds.
class Log {
 public:
  void Add(const std::string& word) {
    text_ << word << "@" << (EventLoop::Clock::now() - start_) / 1ms << " ";
  }
  std::string text() const { return text_.str(); }

 private:
  const EventLoop::TimePoint start_ = EventLoop::Clock::now();
  std::ostringstream text_;
};

TEST(GreenThreadSimulated, SleepsTakeNoTimeAndEndExactly) {
  const RunReport report = Simulate([] {
    Log log;
    RunIt([&log] {
      TaskHandle<void> other = SpawnGreen([&log] {
        GreenSleep(150ms);
        log.Add("other");
      });
      GreenSleep(100ms);
      log.Add("half");
      GreenSleep(100ms);
      log.Add("whole");
      Await(other);
    });
    return log.text();
  });
  EXPECT_EQ(Outcome(report), "half@100 other@150 whole@200 ");
}

// Two threads with a loop each. The mutex stops a simulated thread in the middle of a green one.
std::string TwoLoops(int greens) {
  std::mutex mutex;
  int sum = 0;
  auto add = [&] {
    std::vector<TaskHandle<void>> threads;
    for (int i = 0; i < greens; ++i) {
      threads.push_back(SpawnGreen([&] {
        try {
          throw std::runtime_error("in hand while another thread runs");
        } catch (const std::runtime_error&) {
          const std::lock_guard lock(mutex);
          ++sum;
        }
        GreenYield();
        const std::lock_guard lock(mutex);
        ++sum;
      }));
    }
    for (TaskHandle<void>& thread : threads) Await(thread);
  };
  auto run = [&add](std::string name) {
    SetThreadName(name);
    RunIt(add);
  };
  std::thread a(run, "a"), b(run, "b");
  a.join();
  b.join();
  return "sum " + std::to_string(sum);
}

TEST(GreenThreadSimulated, EveryOrderOfTwoLoopsEndsAlike) {
  ExploreOptions options;
  options.strategy = Strategy::kDistinct;
  const ExploreReport report = Explore([] { return TwoLoops(1); }, options);
  EXPECT_TRUE(report.complete);
  EXPECT_EQ(report.nondeterminism, "");
  ASSERT_EQ(report.census.size(), 1u);
  EXPECT_EQ(report.census[0].outcome, "sum 4");
}

// The stack of one is unmapped, and mapped again for one of the other thread: no race.
TEST(GreenThreadSimulated, ThreadsMayHaveTheSameStackOneAfterTheOther) {
  SimulateOptions options;
  options.random = true;
  for (options.seed = 1; options.seed <= 20; ++options.seed) {
    const RunReport report = Simulate([] { return TwoLoops(5); }, options);
    EXPECT_EQ(Outcome(report), "sum 20");
    EXPECT_TRUE(report.races.empty()) << report.races[0].Text();
  }
}

int hits = 0;

TEST(GreenThreadSimulated, ARaceOfAGreenThreadIsSeen) {
  const RunReport report = Simulate([] {
    hits = 0;
    std::thread other([] { hits = hits + 1; });
    RunIt([] {
      GreenYield();
      hits = hits + 1;
    });
    other.join();
    return "";
  });
  ASSERT_FALSE(report.races.empty());
  const std::set<int> lines = {report.races[0].first.line, report.races[0].second.line};
  EXPECT_EQ(lines, (std::set<int>{__LINE__ - 10, __LINE__ - 7}));
}

// The trap of green_thread.h.
TEST(GreenThreadSimulated, AMutexHeldOverAnAwaitStopsTheLoop) {
  const RunReport report = Simulate([] {
    std::mutex mutex;
    auto careless = [&mutex] {
      const std::lock_guard lock(mutex);
      GreenSleep(1s);
    };
    RunIt([&careless] {
      TaskHandle<void> other = SpawnGreen(careless);
      careless();
      Await(other);
    });
    return "";
  });
  EXPECT_EQ(report.ending, Ending::kDeadlock) << report.explanation;
}

TEST(GreenThreadSimulated, AThousandSleepAtOnce) {
  const RunReport report = Simulate([] {
    Log log;
    RunIt([&log] {
      std::vector<TaskHandle<void>> threads;
      for (int i = 1; i <= 1000; ++i) {
        threads.push_back(SpawnGreen([i] { GreenSleep(i * 1ms); }));
      }
      for (TaskHandle<void>& thread : threads) Await(thread);
      log.Add("all");
    });
    return log.text();
  });
  EXPECT_EQ(Outcome(report), "all@1000 ");
}

}  // namespace
}  // namespace interleave
