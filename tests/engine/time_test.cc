// tests/engine/time_test.cc
//
// Time stands still while anybody can run and jumps when everybody waits.
#include <gtest/gtest.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "runtime/engine/explore.h"
#include "tests/engine/outcomes.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;
using Set = std::set<std::string>;

std::string Hours(std::chrono::nanoseconds duration) { return std::to_string(duration / 1h); }

TEST(Time, ASleepOfHoursReturnsAtOnce) {
  auto before = std::chrono::steady_clock::now();
  RunReport report = Simulate([] {
    auto began = std::chrono::steady_clock::now();
    std::this_thread::sleep_for(1000h);
    return Hours(std::chrono::steady_clock::now() - began);
  });
  EXPECT_EQ(report.outcome, "1000");
  EXPECT_EQ(report.ended - report.began, 1000h);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 10s);
}

TEST(Time, EveryKindOfSleepTakesItsTime) {
  RunReport report = Simulate([] {
    std::string text;
    auto began = std::chrono::steady_clock::now();
    auto note = [&] {
      text += std::to_string((std::chrono::steady_clock::now() - began) / 1ms) + " ";
    };
    sleep(1);
    note();
    usleep(2000);
    note();
    timespec three{3, 0};
    nanosleep(&three, nullptr);
    note();
    clock_nanosleep(CLOCK_MONOTONIC, 0, &three, nullptr);
    note();
    std::this_thread::sleep_until(began + 20s);
    note();
    std::this_thread::sleep_until(began);  // long ago
    note();
    std::this_thread::sleep_until(std::chrono::system_clock::now() + 1s);
    note();
    return text;
  });
  EXPECT_EQ(report.outcome, "1000 1002 4002 7002 20000 20000 21000 ");
}

TEST(Time, TheClocksStartWhereTheyAreTold) {
  SimulateOptions options;
  options.start = std::chrono::hours(24) * 365;
  RunReport report = Simulate(
      [] {
        auto system = std::chrono::system_clock::now().time_since_epoch();
        return Hours(system) + " " + std::to_string(time(nullptr) / 3600) + " " +
               std::to_string(system == std::chrono::system_clock::now().time_since_epoch());
      },
      options);
  EXPECT_EQ(report.outcome, "8760 8760 1");
  EXPECT_EQ(report.began, options.start);
}

TEST(Time, TimespecGetIsAClockToo) {
  RunReport report = Simulate([] {
    timespec now = {};
    timespec_get(&now, TIME_UTC);
    return std::to_string(now.tv_sec);
  });
  EXPECT_EQ(report.outcome, "1");
}

TEST(Time, DeadlinesComeInTheirOrder) {
  ExploreReport report = Explore([] {
    std::string order;
    std::mutex mutex;  // time alone orders nothing
    auto sleep = [&](std::chrono::seconds time, char name) {
      std::this_thread::sleep_for(time);
      std::lock_guard lock(mutex);
      order += name;
    };
    std::thread a(sleep, 3s, 'a'), b(sleep, 1s, 'b'), c(sleep, 2s, 'c');
    a.join();
    b.join();
    c.join();
    return order;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"bca"}));
}

TEST(Time, EqualDeadlinesComeInEveryOrder) {
  ExploreReport report = Explore([] {
    std::string order;
    std::mutex mutex;
    auto sleep = [&](char name) {
      std::this_thread::sleep_for(1s);
      std::lock_guard lock(mutex);
      order += name;
    };
    std::thread a(sleep, 'a'), b(sleep, 'b'), c(sleep, 'c');
    a.join();
    b.join();
    c.join();
    return order;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Counts(report),
            (std::map<std::string, std::int64_t>{
                {"abc", 1}, {"acb", 1}, {"bac", 1}, {"bca", 1}, {"cab", 1}, {"cba", 1}}));
}

TEST(Time, AWaitTimesOutAtItsDeadline) {
  RunReport report = Simulate([] {
    std::mutex mutex;
    std::condition_variable never;
    std::unique_lock lock(mutex);
    auto began = std::chrono::steady_clock::now();
    bool found = never.wait_for(lock, 90s, [] { return false; });
    return std::to_string(found) + " after " +
           std::to_string((std::chrono::steady_clock::now() - began) / 1s);
  });
  EXPECT_EQ(report.outcome, "0 after 90");
}

TEST(Time, AWaitUntilTheEndOfTimeWaitsForItsNotify) {
  RunReport report = Simulate([] {
    std::mutex mutex;
    std::condition_variable changed;
    bool ready = false;
    std::thread other([&] {
      std::this_thread::sleep_for(1h);
      std::lock_guard lock(mutex);
      ready = true;
      changed.notify_one();
    });
    std::unique_lock lock(mutex);
    changed.wait_until(lock, std::chrono::steady_clock::time_point::max(), [&] { return ready; });
    lock.unlock();
    other.join();
    return "woken";
  });
  EXPECT_EQ(report.outcome, "woken");
  EXPECT_EQ(report.ended - report.began, 1h);
}

TEST(Time, ASleepThatNobodyWaitsForDoesNotMoveTheClock) {
  RunReport report = Simulate([] {
    std::thread([] { std::this_thread::sleep_for(1h); }).detach();
    std::this_thread::sleep_for(1s);
    return "";
  });
  EXPECT_EQ(report.ended - report.began, 1s);
}

TEST(Time, WorkTakesNoTime) {
  RunReport report = Simulate([] {
    std::mutex mutex;
    for (int i = 0; i < 1000; ++i) std::lock_guard lock(mutex);
    return "";
  });
  EXPECT_EQ(report.ended, report.began);
}

// Nobody else is there to move the clock, so a thread that gives way again and again does: by more
// each time, and therefore a little too far.
TEST(Time, ALoopThatYieldsUntilADeadlineGetsThere) {
  RunReport report = Simulate([] {
    auto end = std::chrono::steady_clock::now() + 10s;
    while (std::chrono::steady_clock::now() < end) std::this_thread::yield();
    return "over";
  });
  EXPECT_EQ(report.outcome, "over");
  EXPECT_GE(report.ended - report.began, 10s);
}

TEST(Time, ALoopThatOnlyLooksAtTheClockGetsThere) {
  RunReport report = Simulate([] {
    auto end = std::chrono::steady_clock::now() + 1s;
    while (std::chrono::steady_clock::now() < end) {
    }
    return "over";
  });
  EXPECT_EQ(report.outcome, "over");
  EXPECT_GE(report.ended - report.began, 1s);
}

}  // namespace
}  // namespace interleave
