// tests/engine/ends_test.cc
//
// What would end the process ends the run, names the thread and the cause, and leaves the process
// fit for the next simulation.
#include <gtest/gtest.h>
#include <pthread.h>
#include <unistd.h>

#include <cassert>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "runtime/engine/explore.h"

namespace interleave {
namespace {

void ExpectNormal() {
  RunReport report = Simulate([] {
    int value = 0;
    std::mutex mutex;
    std::thread a([&] {
      std::lock_guard lock(mutex);
      ++value;
    });
    a.join();
    try {
      throw std::runtime_error("caught");
    } catch (const std::exception& error) {
      return error.what() + std::to_string(value);
    }
  });
  ASSERT_EQ(report.outcome, "caught1");
}

// In a thread named "worker" and in the main one.
void ExpectEnd(Ending ending, const std::string& outcome_before_thread,
               const std::string& outcome_after_thread, const std::function<void()>& act) {
  for (int run = 0; run < 100; ++run) {
    RunReport report = Simulate([&] {
      std::thread worker(act);
      pthread_setname_np(worker.native_handle(), "worker");
      worker.join();
      return "went on";
    });
    ASSERT_EQ(report.ending, ending) << report.outcome;
    ASSERT_EQ(report.outcome, outcome_before_thread + " in worker" + outcome_after_thread);
    report = Simulate([&]() -> std::string {
      act();
      return "went on";
    });
    ASSERT_EQ(report.ending, ending) << report.outcome;
    ASSERT_EQ(report.outcome, outcome_before_thread + " in MainThread" + outcome_after_thread);
  }
  ExpectNormal();
}

TEST(Ends, AnUncaughtExceptionIsNamed) {
  ExpectEnd(Ending::kException, "uncaught std::out_of_range", ": position 7",
            [] { throw std::out_of_range("position 7"); });
}

struct NoException {};

TEST(Ends, AnUncaughtObjectOfAnyTypeIsNamed) {
  ExpectEnd(Ending::kException, "uncaught int", "", [] { throw 42; });
  ExpectEnd(Ending::kException, "uncaught interleave::(anonymous namespace)::NoException", "",
            [] { throw NoException(); });
}

constexpr int kLineOfThrow = __LINE__ + 1;
void ThrowLogicError() { throw std::logic_error("no way out"); }

TEST(Ends, AnExceptionOutOfANoexceptFunctionIsNamed) {
  ExpectEnd(Ending::kException, "uncaught std::logic_error", ": no way out",
            []() noexcept { ThrowLogicError(); });
}

// Not within EXPECT_EQ, whose arguments are all on one line to the compiler.
void ExpectUncaughtAt(int line, const Body& body) {
  RunReport report = Simulate(body);
  EXPECT_EQ(report.ending, Ending::kException) << report.outcome;
  EXPECT_EQ(report.explanation, report.outcome + " (ends_test.cc:" + std::to_string(line) + ")\n");
}

TEST(Ends, AnUncaughtExceptionNamesTheLineThatThrewIt) {
  const int line = __LINE__ + 4;
  ExpectUncaughtAt(line, []() -> std::string {
    std::string text = "not this line";
    if (!text.empty()) {
      throw std::runtime_error(text);
    }
    return text;
  });
}

TEST(Ends, AnUncaughtExceptionOfAThreadNamesTheLineThatThrewIt) {
  const int line = __LINE__ + 2;
  ExpectUncaughtAt(line, [] {
    std::thread worker([] { throw std::runtime_error("on another thread"); });
    worker.join();
    return "";
  });
}

TEST(Ends, AnUncaughtExceptionOfTheLibraryNamesTheLineThatCalledIt) {
  const int line = __LINE__ + 3;
  ExpectUncaughtAt(line, [] {
    std::vector<int> empty;
    empty.at(3) = 1;
    return "";
  });
}

TEST(Ends, AnExceptionOutOfANoexceptFunctionNamesTheLineThatThrewIt) {
  ExpectUncaughtAt(kLineOfThrow, []() noexcept -> std::string {
    ThrowLogicError();
    return "";
  });
}

TEST(Ends, AnExceptionThatIsThrownAgainNamesTheLineThatDidIt) {
  const int line = __LINE__ + 5;
  ExpectUncaughtAt(line, []() -> std::string {
    try {
      ThrowLogicError();
    } catch (const std::logic_error&) {
      throw;
    }
    return "";
  });
}

TEST(Ends, AnExceptionOfAnAsyncCallNamesTheLineThatGotIt) {
  const int line = __LINE__ + 3;
  ExpectUncaughtAt(line, [] {
    auto failed = std::async(std::launch::async, ThrowLogicError);
    failed.get();
    return "";
  });
}

TEST(Ends, AJoinableThreadThatIsDestroyedTerminates) {
  ExpectEnd(Ending::kAbort, "std::terminate", "", [] { std::thread forgotten([] {}); });
}

TEST(Ends, AbortIsAnOutcome) {
  ExpectEnd(Ending::kAbort, "abort", "", [] { std::abort(); });
}

TEST(Ends, ARaisedAbortIsAnOutcome) {
  ExpectEnd(Ending::kAbort, "SIGABRT", "", [] { raise(SIGABRT); });
}

TEST(Ends, AnAbortOfTheHeapIsAnOutcome) {
  RunReport report = Simulate([] {
    void* volatile block = std::malloc(100);
    void* volatile again = block;
    std::free(block);
    std::free(again);
    return "went on";
  });
  EXPECT_EQ(report.ending, Ending::kAbort);
  ExpectNormal();
}

TEST(Ends, AFailedAssertQuotesItself) {
  const std::string line = std::to_string(__LINE__ + 2);
  ExpectEnd(Ending::kAbort, "assertion failed", ": 1 + 1 == 3 (ends_test.cc:" + line + ")",
            [] { assert(1 + 1 == 3); });
}

TEST(Ends, ExitIsAnOutcomeWithItsStatus) {
  ExpectEnd(Ending::kExit, "exit status 3", "", [] { std::exit(3); });
  ExpectEnd(Ending::kExit, "exit status 4", "", [] { _exit(4); });
  ExpectEnd(Ending::kExit, "exit status 5", "", [] { std::quick_exit(5); });
  ExpectEnd(Ending::kExit, "exit status 6", "", [] { std::_Exit(6); });
}

TEST(Ends, ANullPointerIsACrash) {
  ExpectEnd(Ending::kCrash, "crash", ": SIGSEGV, null pointer", [] {
    volatile int* volatile nowhere = nullptr;
    *nowhere = 1;
  });
}

TEST(Ends, AWildPointerIsACrash) {
  ExpectEnd(Ending::kCrash, "crash", ": SIGSEGV", [] {
    auto* volatile wild = reinterpret_cast<volatile int*>(0x1'0000'0000);
    *wild = 1;
  });
}

TEST(Ends, AnAddressThatNoMemoryCanHaveIsNoNullPointer) {
  RunReport report = Simulate([] {
    auto* volatile wild = reinterpret_cast<volatile int*>(0x7000'0000'0000'0000);
    *wild = 1;
    return "went on";
  });
  EXPECT_EQ(report.ending, Ending::kCrash);
  if (report.outcome != "crash in MainThread: SIGBUS") {  // the processor's to say
    EXPECT_EQ(report.outcome, "crash in MainThread: SIGSEGV");
  }
  ExpectNormal();
}

TEST(Ends, ADivisionByZeroIsACrash) {
  ExpectEnd(Ending::kCrash, "crash", ": SIGFPE", [] {
    volatile int zero = 0;
    volatile int result = 7 / zero;
    (void)result;
  });
}

int Deeper(int depth) {
  volatile char frame[512];
  frame[0] = static_cast<char>(depth);
  if (depth < 0) return 0;
  return Deeper(depth + 1) + frame[0];
}

TEST(Ends, AStackOverflowIsACrash) {
  ExpectEnd(Ending::kCrash, "stack overflow", "", [] { Deeper(0); });
}

TEST(Ends, AStackOverflowNamesTheThreadAndTheLine) {
  RunReport report = Simulate([] {
    std::thread digger([] { Deeper(0); });
    pthread_setname_np(digger.native_handle(), "digger");
    digger.join();
    return "";
  });
  EXPECT_TRUE(report.explanation.starts_with("stack overflow in digger (ends_test.cc:"))
      << report.explanation;
}

TEST(Ends, AFrameOfAMegabyteFits) {
  RunReport report = Simulate([] {
    std::thread([] {
      [[maybe_unused]] volatile char big[1 << 20];
      big[0] = 1;
    }).join();
    return "fits";
  });
  EXPECT_EQ(report.outcome, "fits");
}

struct Link {
  std::unique_ptr<Link> next;
};

TEST(Ends, AListOfTwentyThousandIsDestroyedOneCallWithinTheOther) {
  RunReport report = Simulate([] {
    std::unique_ptr<Link> head;
    for (int i = 0; i < 20'000; ++i) {
      auto link = std::make_unique<Link>();
      link->next = std::move(head);
      head = std::move(link);
    }
    head.reset();
    return "destroyed";
  });
  EXPECT_EQ(report.outcome, "destroyed");
}

struct ThrowsInItsDestructor {
  int used = 0;
  ~ThrowsInItsDestructor() noexcept(false) { throw std::runtime_error("too late"); }
};
thread_local ThrowsInItsDestructor throws_in_its_destructor;

TEST(Ends, AnExceptionInTheDestructorOfAThreadLocalIsNamed) {
  for (int run = 0; run < 200; ++run) {
    RunReport report = Simulate([] {
      std::thread([] { ++throws_in_its_destructor.used; }).join();
      return "went on";
    });
    ASSERT_EQ(report.outcome, "uncaught std::runtime_error in Thread-1: too late");
  }
  ExpectNormal();
}

TEST(Ends, AnEndWithALockHeldLeavesTheLockToTheNextRun) {
  static std::mutex mutex;
  for (int run = 0; run < 200; ++run) {
    RunReport report = Simulate([]() -> std::string {
      std::lock_guard lock(mutex);
      std::abort();
    });
    ASSERT_EQ(report.outcome, "abort in MainThread");
  }
  std::lock_guard lock(mutex);
}

TEST(Ends, TheCensusCountsAnEndLikeAnyOutcome) {
  ExploreReport report = Explore([] {
    int value = 0;
    std::thread a([&] { value = 1; });
    std::thread b([&] {
      if (value == 1) throw std::runtime_error("saw it");
    });
    a.join();
    b.join();
    return "quiet";
  });
  ASSERT_EQ(report.census.size(), 2u);
  for (const CensusRow& row : report.census) {
    EXPECT_EQ(row.runs, 1);
    bool threw = row.ending == Ending::kException;
    EXPECT_EQ(row.outcome, threw ? "uncaught std::runtime_error in Thread-2: saw it" : "quiet");
  }
}

void ExpectRefused(const std::string& call, const std::function<void()>& act) {
  RunReport report = Simulate([&]() -> std::string {
    act();
    return "went on";
  });
  EXPECT_EQ(report.ending, Ending::kUnsupported);
  EXPECT_EQ(report.outcome, call + " cannot run in a simulation in MainThread");
  EXPECT_NE(report.explanation.find("run it with real threads"), std::string::npos);
  ExpectNormal();
}

TEST(Ends, WhatHasNoModelIsRefused) {
  ExpectRefused("pthread_cancel", [] { pthread_cancel(pthread_self()); });
  ExpectRefused("alarm", [] { alarm(1); });
}

}  // namespace
}  // namespace interleave
