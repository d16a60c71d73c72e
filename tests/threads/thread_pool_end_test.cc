// tests/threads/thread_pool_end_test.cc
//
// How a pool ends: the forms of Shutdown, the initializer that fails, the process that exits.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <latch>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "runtime/threads/future.h"
#include "runtime/threads/thread_pool.h"
#include "runtime/threads/wait.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;

// ---- Shutdown ----

TEST(ThreadPoolShutdownTest, WithoutWaitingReturnsWhileJobsRunAndTheyAllRun) {
  std::latch gate(1);
  Future<void> running, queued;
  {
    ThreadPool pool(1);
    running = pool.Submit([&] { gate.wait(); });
    queued = pool.Submit([] {});
    pool.Shutdown({.wait = false});
    EXPECT_FALSE(running.done());
    EXPECT_THROW(pool.Submit([] {}), std::logic_error);
  }  // the destructor does not wait either
  EXPECT_FALSE(queued.done());
  gate.count_down();
  running.Get();
  queued.Get();
}

TEST(ThreadPoolShutdownTest, WithoutWaitingMayBeFollowedByOneThatWaits) {
  std::latch gate(1);
  ThreadPool pool(1);
  const Future<void> future = pool.Submit([&] { gate.wait(); });
  pool.Shutdown({.wait = false});
  gate.count_down();
  pool.Shutdown();
  EXPECT_TRUE(future.done());
}

TEST(ThreadPoolShutdownTest, CancelsTheQueuedAndLetsTheRunningFinish) {
  std::latch begun(1), gate(1);
  ThreadPool pool(1);
  const Future<int> running = pool.Submit([&] {
    begun.count_down();
    gate.wait();
    return 1;
  });
  std::vector<Future<int>> queued;
  for (int i = 0; i < 5; ++i) queued.push_back(pool.Submit([] { return 2; }));
  begun.wait();
  pool.Shutdown({.wait = false, .cancel_queued = true});
  EXPECT_EQ(Wait(queued).done.size(), 5u);
  for (const Future<int>& future : queued) EXPECT_TRUE(future.cancelled());
  EXPECT_FALSE(running.done());
  gate.count_down();
  pool.Shutdown();
  EXPECT_EQ(running.Get(), 1);
}

TEST(ThreadPoolShutdownTest, JobMayShutItsPoolDownWithoutWaiting) {
  ThreadPool pool(1);
  pool.Submit([&] { pool.Shutdown({.wait = false}); }).Get();
  EXPECT_THROW(pool.Submit([] {}), std::logic_error);
}

TEST(ThreadPoolShutdownTest, TwoThreadsMayShutDown) {
  std::latch gate(1);
  ThreadPool pool(2);
  const Future<void> future = pool.Submit([&] { gate.wait(); });
  std::thread other([&] {
    pool.Shutdown();
    EXPECT_TRUE(future.done());
  });
  gate.count_down();
  pool.Shutdown();
  EXPECT_TRUE(future.done());
  other.join();
}

// ---- the initializer ----

TEST(ThreadPoolInitializerTest, RunsOncePerWorkerBeforeItsFirstJob) {
  static thread_local int initialized = 0;
  std::atomic<int> calls = 0;
  std::latch all_running(3);
  ThreadPool pool({.max_workers = 3, .initializer = [&] {
                     ++calls;
                     ++initialized;
                   }});
  std::vector<Future<int>> futures;
  for (int i = 0; i < 3; ++i) {
    futures.push_back(pool.Submit([&] {
      all_running.arrive_and_wait();
      return initialized;
    }));
  }
  for (const Future<int>& future : futures) EXPECT_EQ(future.Get(), 1);
  EXPECT_EQ(pool.Submit([] { return initialized; }).Get(), 1);
  EXPECT_EQ(calls, 3);
}

TEST(ThreadPoolInitializerTest, OneThatThrowsBreaksThePool) {
  std::latch gate(1);
  testing::internal::CaptureStderr();
  ThreadPool pool({.max_workers = 1, .name_prefix = "db", .initializer = [&] {
                     gate.wait();
                     throw std::runtime_error("no connection");
                   }});
  const Future<int> one = pool.Submit([] { return 1; });
  const Future<int> two = pool.Submit([] { return 2; });
  gate.count_down();
  EXPECT_THROW(one.Get(), BrokenExecutor);
  EXPECT_THROW(two.Get(), BrokenExecutor);
  try {
    pool.Submit([] {});
    FAIL();
  } catch (const BrokenExecutor& error) {
    EXPECT_STREQ(error.what(),
                 "ThreadPool::Submit: an initializer of the pool threw: no connection");
  }
  pool.Shutdown();
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "db_0: exception in the pool's initializer: no connection\n");
}

// ---- the process's exit ----

// What a job prints a moment after exit was called.
void SubmitApple(ThreadPool& pool) {
  pool.Submit([] {
    std::this_thread::sleep_for(20ms);
    std::fprintf(stderr, "apple\n");
  });
}

TEST(ThreadPoolExitDeathTest, WaitsForTheJobsOfAPoolThatNobodyShutDown) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        auto* never_destroyed = new ThreadPool(1);
        SubmitApple(*never_destroyed);
        std::exit(0);
      },
      testing::ExitedWithCode(0), "apple");
}

TEST(ThreadPoolExitDeathTest, WaitsForTheJobsOfAPoolThatStands) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        ThreadPool pool(1);
        SubmitApple(pool);
        std::exit(0);
      },
      testing::ExitedWithCode(0), "apple");
}

TEST(ThreadPoolExitDeathTest, WaitsForTheJobsOfAPoolThatWasLetGo) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        {
          ThreadPool pool(1);
          SubmitApple(pool);
          pool.Shutdown({.wait = false});
        }
        std::exit(0);
      },
      testing::ExitedWithCode(0), "apple");
}

TEST(ThreadPoolExitDeathTest, MayBeCalledByAJob) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        ThreadPool pool(1);
        pool.Submit([] { std::exit(3); }).Wait();
      },
      testing::ExitedWithCode(3), "");
}

TEST(ThreadPoolExitDeathTest, OfAForkedChildWaitsForNothing) {
  testing::FLAGS_gtest_death_test_style = "fast";  // the child of a process that has a pool
  std::latch gate(1);
  ThreadPool pool(1);
  const Future<void> held = pool.Submit([&] { gate.wait(); });
  EXPECT_EXIT(std::exit(4), testing::ExitedWithCode(4), "");
  gate.count_down();
}

}  // namespace
}  // namespace interleave
