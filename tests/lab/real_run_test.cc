// tests/lab/real_run_test.cc
#include "runtime/lab/real_run.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>

#include "runtime/lab/scenario.h"
#include "runtime/threads/thread_name.h"

namespace interleave::lab {
namespace {

TEST(RealRun, GivesWhatTheBodyReturns) {
  const Scenario scenario("fine", [] { return "done"; });
  EXPECT_EQ(RunReal(scenario.plan(), 1, "lab"), "done");
}

// On a thread of its own, which keeps what becomes of it.
TEST(RealRun, WherePrioritiesDecideAllShareAsManyProcessorsAsItHasCores) {
  Scenario scenario("urgent", [] {
    cpu_set_t allowed;
    sched_getaffinity(0, sizeof allowed, &allowed);
    return std::to_string(CPU_COUNT(&allowed));
  });
  scenario.ByPriority().Cores(1);
  std::string processors;
  std::thread([&] { processors = RunReal(scenario.plan(), 1, "lab"); }).join();
  EXPECT_EQ(processors, "1");
}

[[noreturn]] void AskWithoutPrivileges() {
  rlimit none{};
  setrlimit(RLIMIT_RTPRIO, &none);
  // Where even this is refused, the sandbox that refuses it has no privileges to give away.
  [[maybe_unused]] const int refused = geteuid() == 0 ? setuid(65534) : 0;
  _exit(WhyNoPriorities().starts_with("this system gives no priorities") ? 0 : 1);
}

TEST(RealRun, SaysWhyItHasNoPriorities) {
  EXPECT_EXIT(AskWithoutPrivileges(), testing::ExitedWithCode(0), "");
}

TEST(RealRun, AnExceptionIsAnOutcome) {
  const Scenario scenario("throws", []() -> std::string { throw std::logic_error("no"); });
  EXPECT_EQ(RunReal(scenario.plan(), 1, "lab"), "uncaught std::logic_error in MainThread: no");
}

TEST(RealRun, AnExceptionThatLeavesAThreadEndsTheProcessWithOneLine) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const Scenario scenario("throws", [] {
    std::thread([] {
      SetThreadName("downloader");
      throw std::runtime_error("disk full");
    }).join();
    return "";
  });
  EXPECT_EXIT(RunReal(scenario.plan(), 1, "lab: throws:"), testing::ExitedWithCode(1),
              "^lab: throws: std::terminate was called: "
              "uncaught std::runtime_error in downloader: disk full\n$");
}

TEST(RealRun, AThreadThatNobodyJoinsEndsTheProcessWithOneLine) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const Scenario scenario("forgets", [] {
    std::thread forgotten([] {});
    return "";
  });
  EXPECT_EXIT(RunReal(scenario.plan(), 1, "lab:"), testing::ExitedWithCode(1),
              "^lab: std::terminate was called: no exception, as when a joinable std::thread is "
              "destroyed\n$");
}

TEST(Watchdog, StaysQuietWhenTheWorkIsDone) {
  std::atomic<bool> expired{false};
  {
    const Watchdog watchdog(std::chrono::hours(1), [&] { expired = true; });
  }
  EXPECT_FALSE(expired);
}

TEST(Watchdog, NamesWhoStandsStill) {
  std::mutex mutex;
  std::condition_variable changed;
  bool go_on = false;
  std::thread alice([&] {
    pthread_setname_np(pthread_self(), "alice");
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return go_on; });
  });
  std::string report;
  std::mutex report_mutex;
  std::condition_variable reported;
  {
    std::unique_lock lock(report_mutex);
    // The report may come before alice sleeps; then the next one will do.
    while (report.find("  alice       waits for another thread\n") == std::string::npos) {
      report.clear();
      const Watchdog watchdog(std::chrono::milliseconds(1), [&] {
        std::lock_guard inner(report_mutex);
        report = WhatStandsStill();
        reported.notify_one();
      });
      reported.wait(lock, [&] { return !report.empty(); });
    }
  }
  EXPECT_NE(report.find("  MainThread  "), std::string::npos) << report;
  {
    std::lock_guard lock(mutex);
    go_on = true;
  }
  changed.notify_one();
  alice.join();
}

TEST(SwitchesTest, WhoSleepsGivesTheProcessorAway) {
  const Switches before = SwitchesSoFar();
  for (int i = 0; i < 10; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_GE(SwitchesSoFar().waiting - before.waiting, 10);
  EXPECT_EQ(SwitchesText(before).find("A thread gave its processor away "), 0);
}

}  // namespace
}  // namespace interleave::lab
