// tests/engine/deadlock_test.cc
//
// A deadlock is never a hang: the report says who waits for what, held by whom, where.
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "runtime/engine/explore.h"
#include "tests/engine/outcomes.h"

namespace interleave {
namespace {

std::mutex left, right;

std::string Line(int line) { return "(deadlock_test.cc:" + std::to_string(line) + ")"; }

// The schedule in which the first thread with a choice stops as soon as another one can go.
RunReport DeadlockOf(const Body& body) {
  for (const CensusRow& row : Explore(body).census) {
    if (row.ending != Ending::kDeadlock) continue;
    SimulateOptions options;
    options.schedule = row.schedule;
    return Simulate(body, options);
  }
  return {};
}

TEST(Deadlock, NamesTheCycleAndEveryWaiter) {
  const int first_line = __LINE__ + 4;
  RunReport report = DeadlockOf([] {
    std::thread a([] {
      std::lock_guard first(left);
      std::lock_guard second(right);
    });
    std::thread b([] {
      std::lock_guard first(right);
      std::lock_guard second(left);
    });
    pthread_setname_np(a.native_handle(), "alice");
    pthread_setname_np(b.native_handle(), "bob");
    a.join();
    b.join();
    return "";
  });
  EXPECT_EQ(report.ending, Ending::kDeadlock);
  EXPECT_EQ(report.outcome, "deadlock");
  EXPECT_EQ(report.explanation,
            "deadlock at 0.000 s: nobody can run and no timer is armed\n"
            "  MainThread               waits for alice to end  " +
                Line(first_line + 8) +
                "\n"
                "  alice       holds left,  waits for right         " +
                Line(first_line + 0) +
                "\n"
                "  bob         holds right, waits for left          " +
                Line(first_line + 4) +
                "\n"
                "  alice -> right -> bob -> left -> alice\n");
}

TEST(Deadlock, TwoLocksInTwoOrdersHaveItInSomeSchedules) {
  ExploreReport report = Explore([] {
    std::thread a([] { std::scoped_lock<std::mutex> one(left), other(right); });
    std::thread b([] { std::scoped_lock<std::mutex> one(right), other(left); });
    a.join();
    b.join();
    return "passed";
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Counts(report), (std::map<std::string, std::int64_t>{{"deadlock", 2}, {"passed", 4}}));
}

TEST(Deadlock, AThreadMayWaitForItself) {
  RunReport report = Simulate([] {
    std::mutex mine;
    mine.lock();
    mine.lock();
    return "";
  });
  EXPECT_EQ(report.ending, Ending::kDeadlock);
  EXPECT_NE(report.explanation.find("MainThread  holds mine, waits for mine"), std::string::npos)
      << report.explanation;
  EXPECT_NE(report.explanation.find("MainThread -> mine -> MainThread"), std::string::npos);
}

TEST(Deadlock, ARingOfThree) {
  RunReport report = DeadlockOf([] {
    static std::mutex forks[3];
    auto eat = [&](int me) {
      std::lock_guard one(forks[me]);
      std::lock_guard other(forks[(me + 1) % 3]);
    };
    std::thread a(eat, 0), b(eat, 1), c(eat, 2);
    a.join();
    b.join();
    c.join();
    return "";
  });
  EXPECT_NE(report.explanation.find("Thread-1 -> forks[1] -> Thread-2 -> forks[2] -> Thread-3 -> "
                                    "forks[0] -> Thread-1"),
            std::string::npos)
      << report.explanation;
}

TEST(Deadlock, ThreadsThatJoinEachOther) {
  RunReport report = Simulate([] {
    std::thread a, b;
    a = std::thread([&] {
      std::this_thread::sleep_for(std::chrono::seconds(1));
      b.join();
    });
    b = std::thread([&] {
      std::this_thread::sleep_for(std::chrono::seconds(1));
      a.join();
    });
    std::this_thread::sleep_for(std::chrono::seconds(2));
    std::mutex never;
    never.lock();
    never.lock();
    return "";
  });
  EXPECT_EQ(report.ending, Ending::kDeadlock);
  EXPECT_NE(report.explanation.find("Thread-1"), std::string::npos);
  EXPECT_NE(report.explanation.find("waits for Thread-2 to end"), std::string::npos);
  EXPECT_NE(report.explanation.find("waits for Thread-1 to end"), std::string::npos);
}

TEST(Deadlock, AConditionVariableThatNobodyNotifies) {
  RunReport report = Simulate([] {
    static std::condition_variable never;
    std::mutex mutex;
    std::unique_lock lock(mutex);
    never.wait(lock);
    return "";
  });
  EXPECT_EQ(report.ending, Ending::kDeadlock);
  EXPECT_NE(report.explanation.find("MainThread  waits on never, and nobody is left to wake it"),
            std::string::npos)
      << report.explanation;
}

// libstdc++ puts those who wait for such an atomic to sleep on a word of its own.
TEST(Deadlock, ABarrierAndAnAtomicThatNobodyChangesHaveTheirOwnNames) {
  SimulateOptions options;
  options.trace = true;
  const Body body = [] {
    static std::barrier<> all_here(2);
    static std::atomic<bool> ready(false);
    std::thread waits_for_all([] { all_here.arrive_and_wait(); });
    ready.wait(false);
    waits_for_all.join();
    return "";
  };
  RunReport report = Simulate(body, options);
  EXPECT_EQ(report.ending, Ending::kDeadlock);
  for (const char* name : {"all_here", "ready"}) {
    EXPECT_NE(report.explanation.find(std::string("waits on ") + name + ", and nobody is left"),
              std::string::npos)
        << report.explanation;
  }
}

TEST(Deadlock, APromiseThatNobodyKeepsIsNamedAsWhatItIs) {
  const int line = __LINE__ + 4;
  RunReport report = Simulate([] {
    std::promise<int> promise;
    std::future<int> value = promise.get_future();
    value.get();
    return "";
  });
  EXPECT_EQ(report.explanation,
            "deadlock at 0.000 s: nobody can run and no timer is armed\n"
            "  MainThread  waits on std::future 1, and nobody is left to wake it  " +
                Line(line) + "\n");
}

TEST(Deadlock, SaysWhenItHappened) {
  RunReport report = Simulate([] {
    std::this_thread::sleep_for(std::chrono::milliseconds(1500));
    std::mutex mine;
    mine.lock();
    mine.lock();
    return "";
  });
  EXPECT_EQ(report.explanation.substr(0, 20), "deadlock at 1.500 s:");
}

}  // namespace
}  // namespace interleave
