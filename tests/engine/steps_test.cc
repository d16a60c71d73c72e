// tests/engine/steps_test.cc
//
// A run as a reader sees it: one column for each thread, the program's own lines, what each step
// waited for.
#include "runtime/engine/steps.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "runtime/engine/explore.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;

RunReport Traced(const Body& body, const std::string& schedule = "") {
  SimulateOptions options;
  options.schedule = schedule;
  options.trace = true;
  return Simulate(body, options);
}

std::string WithAlice(const std::function<void()>& first, const std::function<void()>& second) {
  std::thread alice(first), bob(second);
  pthread_setname_np(alice.native_handle(), "alice");
  pthread_setname_np(bob.native_handle(), "bob");
  alice.join();
  bob.join();
  return "";
}

int counter = 0;

constexpr int kLineOfAdd = __LINE__ + 2;
void Add() {
  counter = counter + 1;  // read, then written
}

std::string TwoAdd() {
  counter = 0;
  WithAlice(Add, Add);
  return std::to_string(counter);
}

TEST(Steps, ALostUpdateStandsBesideTheProgramsLines) {
  const std::string source =
      std::to_string(kLineOfAdd) + "  counter = counter + 1;  // read, then written\n";
  EXPECT_EQ(StepsText(Traced(TwoAdd)),
            "   #  alice             bob               steps_test.cc\n"
            "   1  reads counter 0                      " +
                source + "   2                    reads counter 0    " + source +
                "   3  writes counter 1                     " + source +
                "   4                    writes counter 1   " + source +
                "                        overwrites what alice wrote\n");
}

int place;
std::atomic<int*> latest = nullptr;

TEST(Steps, APointerToAVariableIsShownAsItsName) {
  const std::string table =
      StepsText(Traced([] { return WithAlice([] { latest = &place; }, [] { latest = nullptr; }); }),
                {.source = false});
  EXPECT_EQ(table,
            "   #  alice                 bob\n"
            "   1  writes latest &place\n"
            "   2                        writes latest 0\n");
}

std::mutex left, right;

TEST(Steps, AnExplanationSaysWhoHoldsTheLock) {
  const RunReport report = Traced([] {
    return WithAlice(
        [] {
          std::lock_guard one(left);
          std::lock_guard other(right);
        },
        [] {
          std::lock_guard one(right);
          std::lock_guard other(left);
        });
  });
  ASSERT_EQ(report.outcome, "deadlock");
  EXPECT_EQ(
      StepsText(report, {.source = false, .explain = true}),
      "   #  alice             bob\n"
      "   1  locks left\n"
      "   2                    locks right\n"
      "                        alice could go on as well; the schedule lets bob go first\n"
      "   3  waits for right                     held by bob\n"
      "      alice waits until bob, who holds it since step 2, unlocks it\n"
      "   4                    waits for left    held by alice\n"
      "                        bob waits until alice, who holds it since step 1, unlocks it\n");
}

std::condition_variable ready;
std::mutex mutex;

TEST(Steps, AnExplanationSaysWhoEndedAWait) {
  const RunReport report = Traced([] {
    bool go = false;
    return WithAlice(
        [&] {
          std::unique_lock lock(mutex);
          while (!go) ready.wait(lock);
        },
        [&] {
          std::this_thread::sleep_for(100ms);
          std::lock_guard lock(mutex);
          go = true;
          ready.notify_one();
        });
  });
  EXPECT_EQ(
      StepsText(report, {.source = false, .explain = true}),
      "   #  alice             bob\n"
      "   1                    sleeps\n"
      "                        bob sleeps until 0.100 s\n"
      "   2  locks mutex\n"
      "   3  waits on ready\n"
      "      alice waits until somebody wakes it\n"
      "   4                    wakes up\n"
      "                        bob has waited since step 1; its time is up at 0.100 s\n"
      "   5                    locks mutex\n"
      "   6                    notifies ready    wakes alice\n"
      "   7                    unlocks mutex\n"
      "   8  locks mutex\n"
      "      alice has waited since step 3; that is over because bob unlocks mutex in step 7\n"
      "   9  unlocks mutex\n");
}

TEST(Steps, ANotifySaysWhomItWakes) {
  const RunReport report = Traced([] { return WithAlice([] { ready.notify_all(); }, [] {}); });
  EXPECT_EQ(StepsText(report, {.source = false}),
            "   #  alice\n"
            "   1  notifies ready    nobody waits\n");
}

TEST(Steps, AnExplanationSaysThatTheTimeIsUp) {
  const RunReport report = Traced([] {
    return WithAlice(
        [&] {
          std::unique_lock lock(mutex);
          ready.wait_for(lock, 250ms);
        },
        [] {});
  });
  const std::string text = StepsText(report, {.source = false, .explain = true});
  EXPECT_NE(text.find("alice waits until somebody wakes it, at the latest until 0.250 s\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("alice has waited since step 2; its time is up at 0.250 s\n"),
            std::string::npos)
      << text;
}

TEST(Steps, AnExplanationSaysWhereTheScheduleSwitches) {
  std::string schedule;
  for (const CensusRow& row : Explore(TwoAdd).census) {
    if (row.outcome == "1") schedule = row.schedule;
  }
  const std::string text = StepsText(Traced(TwoAdd, schedule), {.source = false, .explain = true});
  EXPECT_EQ(text,
            "   #  alice             bob\n"
            "   1  reads counter 0\n"
            "   2                    reads counter 0\n"
            "                        alice could go on as well; the schedule lets bob go first\n"
            "   3                    writes counter 1\n"
            "   4  writes counter 1                    overwrites what bob wrote\n");
}

RunReport MadeUp(int threads, int steps) {
  RunReport report;
  report.threads = {"MainThread"};
  for (int t = 1; t <= threads; ++t) {
    report.threads.push_back("ThreadPoolExecutor-0_" + std::to_string(t));
  }
  for (int i = 0; i < steps; ++i) {
    Step step;
    step.thread = 1 + i % threads;
    step.kind = StepKind::kRead;
    step.object = "total";
    step.value = std::to_string(i);
    step.place = {"sum.cc", 7, "/no/such/folder/sum.cc"};
    report.trace.push_back(step);
  }
  return report;
}

std::size_t Widest(const std::string& text) {
  std::size_t widest = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    widest = std::max(widest, end - begin);
    begin = end + 1;
  }
  return widest;
}

TEST(Steps, RowsRunOnIntoTheColumnsToTheirRight) {
  EXPECT_EQ(StepsText(MadeUp(5, 5)),
            "   #  Thre..0_1  Thre..0_2  Thre..0_3  Thre..0_4  ThreadPoolExe..0_5  sum.cc\n"
            "   1  reads total 0                                                     7\n"
            "   2             reads total 1                                          7\n"
            "   3                        reads total 2                               7\n"
            "   4                                   reads total 3                    7\n"
            "   5                                              reads total 4         7\n");
}

TEST(Steps, NoLineIsLongerThanThePage) {
  for (int threads = 1; threads <= 12; ++threads) {
    for (std::size_t width : {60u, 80u, 100u}) {
      const std::string text = StepsText(MadeUp(threads, 20), {.explain = true, .width = width});
      EXPECT_LE(Widest(text), width) << threads << "\n" << text;
    }
  }
}

TEST(Steps, ALongRunLosesItsMiddle) {
  const std::string text = StepsText(MadeUp(2, 100), {.longest = 6});
  EXPECT_NE(text.find("      ... 94 more steps\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\n   4  "), std::string::npos) << text;
  EXPECT_EQ(text.find("\n   5  "), std::string::npos) << text;
  EXPECT_NE(text.find("\n 100  "), std::string::npos) << text;
}

TEST(Steps, WithoutTheSourceFileTheLinesNumberStands) {
  EXPECT_EQ(StepsText(MadeUp(1, 1)),
            "   #  ThreadPoolE..0_1  sum.cc\n"
            "   1  reads total 0       7\n");
}

}  // namespace
}  // namespace interleave
