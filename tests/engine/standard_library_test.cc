// tests/engine/standard_library_test.cc
//
// More of the standard library, explored: latch, barrier, atomic wait, atomic<shared_ptr>,
// atomic_ref, call_once, function-local statics.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <barrier>
#include <functional>
#include <latch>
#include <map>
#include <memory>
#include <mutex>
#include <semaphore>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>

#include "runtime/engine/explore.h"
#include "tests/engine/outcomes.h"

namespace interleave {
namespace {

using Map = std::map<std::string, std::int64_t>;
using Set = std::set<std::string>;

ExploreOptions Random(std::int64_t runs) {
  ExploreOptions options;
  options.strategy = Strategy::kRandom;
  options.max_runs = runs;
  return options;
}

std::string Both(const std::function<void(int)>& work) {
  std::thread a(work, 0), b(work, 1);
  a.join();
  b.join();
  return "";
}

TEST(Latch, ArrivingAndWaitingMeetsTheOthers) {
  ExploreReport report = Explore(
      [] {
        std::latch latch(2);
        int done[2] = {}, seen[2] = {};
        Both([&](int me) {
          done[me] = 1;
          latch.arrive_and_wait();
          seen[me] = done[1 - me];
        });
        return std::to_string(seen[0]) + std::to_string(seen[1]);
      },
      Random(2000));
  EXPECT_TRUE(report.races.empty()) << report.races[0].Text();
  EXPECT_EQ(Outcomes(report), (Set{"11"}));
}

TEST(Latch, ThatIsCountedTooLittleIsADeadlock) {
  RunReport report = Simulate([] {
    std::latch latch(2);
    latch.arrive_and_wait();
    return "never";
  });
  EXPECT_EQ(report.ending, Ending::kDeadlock);
}

TEST(StdBarrier, RunsItsCompletionBetweenThePhases) {
  ExploreReport report = Explore(
      [] {
        int phase = 0;
        auto completion = [&]() noexcept { ++phase; };
        std::barrier barrier(2, completion);
        int seen[2] = {};
        Both([&](int me) {
          barrier.arrive_and_wait();
          seen[me] = phase;
          barrier.arrive_and_wait();
          seen[me] = 10 * seen[me] + phase;
        });
        return std::to_string(seen[0]) + " " + std::to_string(seen[1]);
      },
      Random(2000));
  EXPECT_TRUE(report.races.empty()) << report.races[0].Text();
  EXPECT_EQ(Outcomes(report), (Set{"12 12"}));
}

TEST(StdBarrier, GoesOnWithoutOneWhoDropsOut) {
  ExploreReport report = Explore(
      [] {
        std::barrier<> barrier(2);
        int rounds = 0;
        Both([&](int me) {
          if (me == 0) {
            barrier.arrive_and_drop();
          } else {
            for (; rounds < 3; ++rounds) barrier.arrive_and_wait();
          }
        });
        return std::to_string(rounds);
      },
      Random(2000));
  EXPECT_TRUE(report.races.empty()) << report.races[0].Text();
  EXPECT_EQ(Outcomes(report), (Set{"3"}));
}

TEST(BinarySemaphore, HandsOverWhatWasWritten) {
  ExploreReport report = Explore([] {
    std::binary_semaphore full(0);
    int data = 0;
    std::thread producer([&] {
      data = 5;
      full.release();
    });
    full.acquire();
    std::string seen = std::to_string(data);
    producer.join();
    return seen;
  });
  EXPECT_TRUE(report.races.empty()) << report.races[0].Text();
  EXPECT_EQ(Outcomes(report), (Set{"5"}));
}

TEST(AtomicFlag, WaitsAndIsNotified) {
  ExploreReport report = Explore([] {
    std::atomic_flag flag;
    int data = 0;
    std::thread setter([&] {
      data = 3;
      flag.test_and_set();
      flag.notify_all();
    });
    flag.wait(false);
    std::string seen = std::to_string(data);
    setter.join();
    return seen;
  });
  EXPECT_TRUE(report.races.empty()) << report.races[0].Text();
  EXPECT_EQ(Outcomes(report), (Set{"3"}));
}

struct Pair {
  int first, second;
};

TEST(AtomicSharedPtr, IsReadWholeWhileItIsReplaced) {
  ExploreReport report = Explore(
      [] {
        std::atomic<std::shared_ptr<Pair>> current(std::make_shared<Pair>(1, 1));
        std::string seen;
        std::thread writer([&] { current.store(std::make_shared<Pair>(2, 2)); });
        std::thread reader([&] {
          std::shared_ptr<Pair> mine = current.load();
          seen = std::to_string(mine->first) + std::to_string(mine->second);
        });
        writer.join();
        reader.join();
        return seen;
      },
      Random(2000));
  EXPECT_TRUE(report.races.empty()) << report.races[0].Text();
  EXPECT_EQ(Outcomes(report), (Set{"11", "22"}));
}

TEST(AtomicSharedPtr, ExchangesLoseNothing) {
  ExploreReport report = Explore(
      [] {
        std::atomic<std::shared_ptr<int>> current(std::make_shared<int>(0));
        Both([&](int) {
          std::shared_ptr<int> old = current.load();
          while (!current.compare_exchange_weak(old, std::make_shared<int>(*old + 1))) {
          }
        });
        return std::to_string(*current.load());
      },
      Random(2000));
  EXPECT_TRUE(report.races.empty()) << report.races[0].Text();
  EXPECT_EQ(Outcomes(report), (Set{"2"}));
}

TEST(SharedPtr, ThatIsAssignedByOneAndCopiedByTheOtherIsARace) {
  ExploreReport report = Explore(
      [] {
        auto current = std::make_shared<int>(1);
        std::shared_ptr<int> copy;
        std::thread writer([&] { current = std::make_shared<int>(2); });
        std::thread reader([&] { copy = current; });
        writer.join();
        reader.join();
        return "";
      },
      Random(500));
  EXPECT_FALSE(report.races.empty());
}

TEST(AtomicRef, AddsToAPlainVariable) {
  ExploreReport report = Explore([] {
    int counter = 0;
    Both([&](int) { std::atomic_ref(counter).fetch_add(1); });
    return std::to_string(counter);
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Counts(report), (Map{{"2", 2}}));
}

TEST(CallOnce, IsDoneByOneAndWaitedForByTheOther) {
  ExploreReport report = Explore([] {
    std::once_flag once;
    int calls = 0, seen[2] = {};
    std::string who;
    Both([&](int me) {
      std::call_once(once, [&] {
        ++calls;
        who = me == 0 ? "a" : "b";
      });
      seen[me] = calls;
    });
    return who + std::to_string(seen[0]) + std::to_string(seen[1]);
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"a11", "b11"}));
}

struct Config {
  static inline std::atomic<int> built{0};
  int value;
  Config() : value(41) {
    std::this_thread::yield();  // somebody may come while it is built
    ++value;
    ++built;
  }
};

const Config& TheConfig() {
  static const Config config;
  return config;
}

// Built in the first run only, so one run is made of it.
TEST(LocalStatic, IsBuiltOnceWhoeverComesFirst) {
  RunReport report = Simulate([] {
    int seen[2] = {};
    Both([&](int me) { seen[me] = TheConfig().value; });
    return std::to_string(seen[0]) + " " + std::to_string(seen[1]) + ", built " +
           std::to_string(Config::built);
  });
  EXPECT_EQ(report.outcome, "42 42, built 1");
  EXPECT_TRUE(report.races.empty());
}

template <int kInstance>
int Fragile(bool fails) {
  static const int value = [&] {
    std::this_thread::yield();
    if (fails) throw std::runtime_error("not yet");
    return 7;
  }();
  return value;
}

// One static for each seed: each is raced for once.
template <int kInstance>
std::string RaceForAStatic() {
  SimulateOptions options;
  options.random = true;
  options.seed = kInstance + 1;
  RunReport report = Simulate(
      [] {
        std::string seen[2];
        Both([&](int me) {
          try {
            seen[me] = std::to_string(Fragile<kInstance>(me == 0));
          } catch (const std::runtime_error&) {
            seen[me] = "threw";
          }
        });
        return seen[0] + " " + seen[1];
      },
      options);
  EXPECT_TRUE(report.races.empty());
  return report.outcome;
}

template <int... kInstances>
Set RaceForStatics(std::integer_sequence<int, kInstances...>) {
  return {RaceForAStatic<kInstances>()...};
}

TEST(LocalStatic, WhoseConstructorThrowsIsBuiltByTheNext) {
  EXPECT_EQ(RaceForStatics(std::make_integer_sequence<int, 30>()), (Set{"7 7", "threw 7"}));
}

}  // namespace
}  // namespace interleave
