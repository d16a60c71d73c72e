// tests/engine/stop_test.cc
//
// Being told to stop: std::jthread, std::stop_token, std::stop_callback, and
// std::condition_variable_any, which waits with any lock and for a stop as well.
#include <gtest/gtest.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "runtime/engine/explore.h"
#include "tests/engine/outcomes.h"

// g++ 12 sees std::stop_source hand itself to its own constructor's parts.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

namespace interleave {
namespace {

using Set = std::set<std::string>;

ExploreOptions Random(std::int64_t runs) {
  ExploreOptions options;
  options.strategy = Strategy::kRandom;
  options.max_runs = runs;
  return options;
}

TEST(Jthread, IsAskedToStopBeforeItIsJoined) {
  ExploreReport report = Explore([] {
    int rounds = 0;
    {
      std::jthread worker([&](std::stop_token stop) {
        while (!stop.stop_requested() && rounds < 2) ++rounds;
      });
    }
    return std::to_string(rounds);
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"0", "1", "2"}));
}

TEST(StopSource, TellsOneThreadOnly) {
  ExploreReport report = Explore([] {
    std::stop_source source;
    bool first[2] = {};
    auto ask = [&](int me) { first[me] = source.request_stop(); };
    std::thread a(ask, 0), b(ask, 1);
    a.join();
    b.join();
    return std::string(first[0] ? "a" : "") + (first[1] ? "b" : "");
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"a", "b"}));
}

// It runs in the thread that asks, or, if that has happened already, in the one that registers; and
// once in any case.
TEST(StopCallback, RunsOnceInEitherThread) {
  ExploreReport report = Explore([] {
    std::stop_source source;
    std::thread::id asker, runner;
    int runs = 0;
    std::thread other([&] {
      asker = std::this_thread::get_id();
      source.request_stop();
    });
    {
      std::stop_callback callback(source.get_token(), [&] {
        ++runs;
        runner = std::this_thread::get_id();
      });
      other.join();
    }
    return std::to_string(runs) + (runner == asker ? " asker" : " registrar");
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"1 asker", "1 registrar"}));
}

// Its destructor waits while it runs in another thread: what it uses may be destroyed afterwards.
TEST(StopCallback, IsOverWhenItsDestructorReturns) {
  ExploreReport report = Explore(
      [] {
        std::stop_source source;
        std::thread other([&] { source.request_stop(); });
        int runs = 0;
        {
          std::stop_callback callback(source.get_token(), [&] { ++runs; });
        }
        int seen = runs;
        other.join();
        return std::to_string(seen) + std::to_string(runs);
      },
      Random(3000));
  EXPECT_TRUE(report.races.empty()) << report.races[0].Text();
  EXPECT_EQ(Outcomes(report), (Set{"00", "11"}));
}

TEST(ConditionVariableAny, WaitsWithASharedLock) {
  ExploreReport report = Explore(
      [] {
        std::shared_mutex mutex;
        std::condition_variable_any changed;
        bool open = false;
        int seen[2] = {};
        auto wait = [&](int me) {
          std::shared_lock lock(mutex);
          changed.wait(lock, [&] { return open; });
          seen[me] = 1;
        };
        std::thread a(wait, 0), b(wait, 1);
        {
          std::lock_guard lock(mutex);
          open = true;
        }
        changed.notify_all();
        a.join();
        b.join();
        return std::to_string(seen[0] + seen[1]);
      },
      Random(3000));
  EXPECT_TRUE(report.races.empty()) << report.races[0].Text();
  EXPECT_EQ(Outcomes(report), (Set{"2"}));
}

TEST(ConditionVariableAny, LosesANotifyBeforeTheWait) {
  ExploreReport report = Explore([] {
    std::mutex mutex;
    std::condition_variable_any changed;
    std::thread waiter([&] {
      std::unique_lock lock(mutex);
      changed.wait(lock);
    });
    changed.notify_one();
    waiter.join();
    return "woken";
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"deadlock", "woken"}));
}

TEST(ConditionVariableAny, AStopWakesItWheneverItComes) {
  ExploreReport report = Explore(
      [] {
        std::mutex mutex;
        std::condition_variable_any changed;
        bool item = false, found = false;
        {
          std::jthread worker([&](std::stop_token stop) {
            std::unique_lock lock(mutex);
            found = changed.wait(lock, stop, [&] { return item; });
          });
          std::jthread producer([&] {
            std::lock_guard lock(mutex);
            item = true;
            changed.notify_one();
          });
        }
        return found ? "found" : "stopped";
      },
      Random(3000));
  EXPECT_TRUE(report.races.empty()) << report.races[0].Text();
  EXPECT_EQ(Outcomes(report), (Set{"found"}));  // the producer is joined first
}

TEST(ConditionVariableAny, AStopAndAnItemComeInEitherOrder) {
  ExploreReport report = Explore(
      [] {
        std::mutex mutex;
        std::condition_variable_any changed;
        bool item = false, found = false;
        std::jthread producer([&] {
          std::lock_guard lock(mutex);
          item = true;
          changed.notify_one();
        });
        {
          std::jthread worker([&](std::stop_token stop) {
            std::unique_lock lock(mutex);
            found = changed.wait(lock, stop, [&] { return item; });
          });
        }
        return found ? "found" : "stopped";
      },
      Random(3000));
  EXPECT_TRUE(report.races.empty()) << report.races[0].Text();
  EXPECT_EQ(Outcomes(report), (Set{"found", "stopped"}));
}

}  // namespace
}  // namespace interleave
