// tests/engine/thread_end_test.cc
//
// How threads end: pthread_exit, thread_locals and their destructors, detached threads, a main that
// does not wait, exit and abort in the middle of others.
#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>

#include "runtime/engine/explore.h"
#include "tests/engine/outcomes.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;
using Map = std::map<std::string, std::int64_t>;
using Set = std::set<std::string>;

struct Says {
  std::string& log;
  const char* text;
  ~Says() { log += text; }
};

void Leave(std::string& log) {
  Says inner{log, "inner "};
  pthread_exit(const_cast<char*>("left"));
}

TEST(PthreadExit, RunsTheDestructorsOfAllFunctions) {
  ExploreReport report = Explore([] {
    std::string log;
    auto work = [](void* argument) -> void* {
      auto& log = *static_cast<std::string*>(argument);
      Says outer{log, "outer "};
      Leave(log);
      log += "went on ";
      return nullptr;
    };
    pthread_t thread;
    pthread_create(&thread, nullptr, work, &log);
    void* result = nullptr;
    pthread_join(thread, &result);
    return log + static_cast<const char*>(result);
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"inner outer left"}));
}

TEST(PthreadExit, GivesBackALock) {
  ExploreReport report = Explore([] {
    std::mutex mutex;
    int counter = 0;
    auto work = [&] {
      std::lock_guard lock(mutex);
      ++counter;
      pthread_exit(nullptr);
    };
    std::thread a(work), b(work);
    a.join();
    b.join();
    return std::to_string(counter);
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Counts(report), (Map{{"2", 2}}));
}

TEST(PthreadExit, PassesThroughACatchThatThrowsAgain) {
  RunReport report = Simulate([] {
    std::string log;
    std::thread([&] {
      try {
        Leave(log);
      } catch (const std::exception&) {
        log += "no exception ";
      } catch (...) {
        log += "caught ";
        throw;
      }
    }).join();
    return log;
  });
  EXPECT_EQ(report.outcome, "inner caught ");
}

TEST(PthreadExit, ThatIsCaughtAndKeptEndsTheRun) {
  RunReport report = Simulate([] {
    std::string log;
    std::thread([&] {
      try {
        Leave(log);
      } catch (...) {
      }
    }).join();
    return log;
  });
  EXPECT_EQ(report.ending, Ending::kAbort);
  EXPECT_EQ(report.outcome, "pthread_exit was caught and not thrown again in Thread-1");
}

TEST(PthreadExit, CleansUpInOrder) {
  RunReport report = Simulate([] {
    static std::string log;
    log.clear();
    std::thread([&] {
      pthread_cleanup_push([](void*) { log += "first "; }, nullptr);
      pthread_cleanup_push([](void*) { log += "second "; }, nullptr);
      pthread_exit(nullptr);
      pthread_cleanup_pop(0);
      pthread_cleanup_pop(0);
    }).join();
    return log;
  });
  EXPECT_EQ(report.outcome, "second first ");
}

TEST(PthreadExit, InMainLetsTheOthersFinish) {
  static std::atomic<int> done;
  ExploreReport report = Explore([]() -> std::string {
    done = 0;
    std::thread([] {
      std::this_thread::sleep_for(1s);
      ++done;
    }).detach();
    std::thread([] { ++done; }).detach();
    pthread_exit(nullptr);
  });
  EXPECT_EQ(Complaints(report), "");
  ASSERT_EQ(report.census.size(), 1u);
  EXPECT_EQ(report.census[0].ending, Ending::kExit);
  EXPECT_EQ(report.census[0].outcome, "exit status 0 after pthread_exit in MainThread");
  EXPECT_EQ(done, 2);
}

TEST(PthreadExit, InMainCanBeJoined) {
  static std::atomic<bool> joined;
  joined = false;
  RunReport report = Simulate([]() -> std::string {
    pthread_t main = pthread_self();
    std::thread([main] {
      std::this_thread::sleep_for(1s);
      void* result = nullptr;
      joined = pthread_join(main, &result) == 0 && result == &joined;
    }).detach();
    pthread_exit(&joined);
  });
  EXPECT_EQ(report.ending, Ending::kExit);
  EXPECT_TRUE(joined);
}

TEST(PthreadExit, InMainWithSomebodyWhoWaitsForEverIsADeadlock) {
  RunReport report = Simulate([]() -> std::string {
    auto* mutex = new std::mutex;
    mutex->lock();
    std::thread([mutex] { mutex->lock(); }).detach();
    pthread_exit(nullptr);
  });
  EXPECT_EQ(report.ending, Ending::kDeadlock);
}

// ---- thread_local
// --------------------------------------------------------------------------------

std::string* log_of_run;

struct Noisy {
  int value = 10;
  Noisy() { *log_of_run += "("; }
  ~Noisy() { *log_of_run += std::to_string(value) + ")"; }
};
thread_local Noisy noisy;

TEST(ThreadLocal, IsBuiltAtFirstUseAndDestroyedWithItsThread) {
  std::string log;
  log_of_run = &log;
  ExploreReport report = Explore([] {
    log_of_run->clear();
    std::thread([] { noisy.value = 1; }).join();
    std::thread([] {}).join();
    std::thread([] { ++noisy.value; }).join();
    return *log_of_run;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"(1)(11)"}));
}

TEST(ThreadLocal, OfMainLivesAsLongAsTheBody) {
  std::string log;
  log_of_run = &log;
  for (int run = 0; run < 3; ++run) {
    log.clear();
    RunReport report = Simulate([] { return std::to_string(++noisy.value) + *log_of_run; });
    EXPECT_EQ(report.outcome, "11(");
    EXPECT_EQ(log, "(11)");
  }
}

TEST(ThreadLocal, IsDestroyedAfterPthreadExit) {
  std::string log;
  log_of_run = &log;
  RunReport report = Simulate([] {
    std::thread([] {
      Says local{*log_of_run, "local "};
      noisy.value = 5;
      pthread_exit(nullptr);
    }).join();
    return *log_of_run;
  });
  EXPECT_EQ(report.outcome, "(local 5)");
}

thread_local int counter = 0;

TEST(ThreadLocal, IsNotSharedSoItCannotRace) {
  ExploreReport report = Explore([] {
    int seen[2] = {};
    auto count = [&](int me) {
      for (int i = 0; i < 2; ++i) {
        ++counter;
        std::this_thread::yield();
      }
      seen[me] = counter;
    };
    std::thread a(count, 0), b(count, 1);
    a.join();
    b.join();
    return std::to_string(seen[0]) + std::to_string(seen[1]) + std::to_string(counter);
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"220"}));
  EXPECT_EQ(report.runs, 6);  // 4! / (2! 2!) orders of the yields
}

// ---- Main, exit, abort
// ---------------------------------------------------------------------------

TEST(MainReturns, WhereverADetachedThreadIs) {
  static int steps;
  ExploreReport report = Explore([] {
    static std::mutex mutex;
    steps = 0;
    std::thread([] {
      for (int i = 0; i < 3; ++i) {
        std::lock_guard lock(mutex);
        ++steps;
      }
    }).detach();
    std::lock_guard lock(mutex);
    return std::to_string(steps);
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"0", "1", "2", "3"}));
}

TEST(Exit, InOneThreadEndsAllTheOthers) {
  ExploreReport report = Explore([]() -> std::string {
    std::mutex mutex;
    int value = 0;
    std::thread writer([&] {
      std::lock_guard lock(mutex);
      value = 1;
    });
    std::thread leaver([&] {
      std::lock_guard lock(mutex);
      if (value == 1) std::exit(3);
    });
    writer.join();
    leaver.join();
    return "returned";
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Counts(report), (Map{{"returned", 1}, {"exit status 3 in Thread-2", 1}}));
}

TEST(Abort, InOneThreadEndsAllTheOthers) {
  ExploreReport report = Explore([]() -> std::string {
    std::atomic<int> value{0};
    std::thread writer([&] { value = 1; });
    std::thread checker([&] {
      if (value == 0) std::abort();
    });
    writer.join();
    checker.join();
    return "returned";
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Counts(report), (Map{{"returned", 1}, {"abort in Thread-2", 1}}));
}

}  // namespace
}  // namespace interleave
