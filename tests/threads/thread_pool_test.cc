// tests/threads/thread_pool_test.cc
//
// Real threads, so nothing here depends on who is faster: jobs are held at gates (std::latch) until
// the test has seen what it wants to see.

#include "runtime/threads/thread_pool.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <latch>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <type_traits>
#include <vector>

#include "runtime/threads/future.h"
#include "runtime/threads/thread_name.h"

namespace interleave {
namespace {

// What the Error that action throws says; empty if it throws none.
template <typename Error>
std::string MessageOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

// Results.

TEST(ThreadPoolTest, ResultComesThroughTheFuture) {
  ThreadPool pool(2);
  Future<int> sum = pool.Submit([](int a, int b) { return a + b; }, 2, 3);
  EXPECT_EQ(sum.Get(), 5);
}

TEST(ThreadPoolTest, ExceptionComesThroughTheFuture) {
  ThreadPool pool(1);
  Future<int> result = pool.Submit([]() -> int { throw std::out_of_range("no such row"); });
  pool.Shutdown();
  EXPECT_EQ(MessageOf<std::out_of_range>([&] { result.Get(); }), "no such row");
}

TEST(ThreadPoolTest, WorkerSurvivesAJobThatThrows) {
  ThreadPool pool(1);
  Future<void> broken = pool.Submit([] { throw std::runtime_error("broken"); });
  EXPECT_EQ(pool.Submit([] { return 7; }).Get(), 7);
  EXPECT_EQ(pool.started_workers(), 1);
  pool.Shutdown();
  EXPECT_THROW(broken.Get(), std::runtime_error);
}

TEST(ThreadPoolTest, ArgumentsAreCopiedUnlessWrappedInRef) {
  ThreadPool pool(1);
  int copied = 0;
  int shared = 0;
  auto increment = [](int& first, int& second) { ++first, ++second; };
  pool.Submit([=](int first, int& second) { increment(first, second); }, copied, std::ref(shared))
      .Get();
  EXPECT_EQ(copied, 0);
  EXPECT_EQ(shared, 1);
}

TEST(ThreadPoolTest, ArgumentsAndResultsMayBeMoveOnly) {
  ThreadPool pool(1);
  auto twice = [](std::unique_ptr<int> number) { return std::make_unique<int>(*number * 2); };
  Future<std::unique_ptr<int>> result = pool.Submit(twice, std::make_unique<int>(21));
  EXPECT_EQ(*result.Take(), 42);
}

TEST(ThreadPoolTest, ResultMayBeAReference) {
  ThreadPool pool(1);
  int counter = 0;
  Future<int&> result = pool.Submit([&]() -> int& { return counter; });
  EXPECT_EQ(&result.Get(), &counter);
}

TEST(ThreadPoolTest, JobMayBeAMemberFunction) {
  ThreadPool pool(1);
  const std::string word = "interleave";
  EXPECT_EQ(pool.Submit(&std::string::size, &word).Get(), 10u);
}

// Order.

TEST(ThreadPoolTest, OneWorkerRunsJobsInTheOrderOfSubmission) {
  std::vector<int> ran;
  {
    ThreadPool pool(1);
    for (int i = 0; i < 10; ++i) pool.Submit([&ran, i] { ran.push_back(i); });
  }
  EXPECT_EQ(ran, (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

TEST(ThreadPoolTest, JobMaySubmitAJob) {
  ThreadPool pool(1);
  Future<Future<int>> outer = pool.Submit([&] { return pool.Submit([] { return 3; }); });
  EXPECT_EQ(outer.Get().Get(), 3);
}

TEST(ThreadPoolTest, SubmitDoesNotWaitForTheJob) {
  std::latch gate(1);
  ThreadPool pool(1);
  Future<void> held = pool.Submit([&] { gate.wait(); });
  Future<void> queued = pool.Submit([] {});
  gate.count_down();  // reached although neither job has run
  queued.Get();
}

// Workers.

TEST(ThreadPoolTest, NoWorkerStartsBeforeTheFirstJob) {
  ThreadPool pool(3);
  EXPECT_EQ(pool.started_workers(), 0);
}

// Asks again and again instead of sleeping, to be back at the very moment the future is ready.
void AwaitAwake(const Future<void>& future) {
  while (!future.done()) {
  }
}

TEST(ThreadPoolTest, JobsOneAfterTheOtherUseOneWorker) {
  ThreadPool pool(3);
  for (int i = 0; i < 500; ++i) {
    AwaitAwake(pool.Submit([] {}));
    ASSERT_EQ(pool.started_workers(), 1);
  }
}

TEST(ThreadPoolTest, JobsThatThrowOneAfterTheOtherUseOneWorker) {
  ThreadPool pool(3);
  for (int i = 0; i < 500; ++i) {
    AwaitAwake(pool.Submit([] { throw std::runtime_error("broken"); }));
    ASSERT_EQ(pool.started_workers(), 1);
  }
}

TEST(ThreadPoolTest, WorkersStartOnDemandUpToTheLimit) {
  std::latch gate(1);
  ThreadPool pool(3);
  std::vector<int> started;
  for (int i = 0; i < 5; ++i) {
    pool.Submit([&] { gate.wait(); });
    started.push_back(pool.started_workers());
  }
  gate.count_down();
  EXPECT_EQ(started, (std::vector<int>{1, 2, 3, 3, 3}));
}

TEST(ThreadPoolTest, AsManyJobsRunAtOnceAsThereAreWorkers) {
  std::latch all_running(4);
  ThreadPool pool(4);
  for (int i = 0; i < 4; ++i) pool.Submit([&] { all_running.arrive_and_wait(); });
}  // hangs if one of them has to wait for another

TEST(ThreadPoolTest, NeverMoreJobsAtOnceThanWorkers) {
  std::atomic<int> running = 0;
  std::atomic<int> peak = 0;
  {
    ThreadPool pool(2);
    for (int i = 0; i < 50; ++i) {
      pool.Submit([&] {
        const int now = ++running;
        int seen = peak;
        while (now > seen && !peak.compare_exchange_weak(seen, now)) {
        }
        --running;
      });
    }
  }
  EXPECT_LE(peak, 2);
}

// One idle worker must not be counted on by both of two jobs that come in quick succession.
TEST(ThreadPoolTest, TwoJobsAfterAnIdleSpellBothGetAWorker) {
  std::latch both_running(2);
  ThreadPool pool(2);
  pool.Submit([] {}).Get();
  pool.Submit([&] { both_running.arrive_and_wait(); });
  pool.Submit([&] { both_running.arrive_and_wait(); });
}  // hangs if the second waits for the first

TEST(ThreadPoolTest, JobMayWaitForAJobThatFindsAWorker) {
  ThreadPool pool(2);
  Future<int> outer = pool.Submit([&] { return pool.Submit([] { return 3; }).Get(); });
  EXPECT_EQ(outer.Get(), 3);
}

TEST(ThreadPoolTest, ManyThreadsMaySubmit) {
  std::atomic<int> ran = 0;
  {
    ThreadPool pool(3);
    std::vector<std::thread> clients;
    for (int i = 0; i < 4; ++i) {
      clients.emplace_back([&] {
        for (int j = 0; j < 25; ++j) pool.Submit([&] { ++ran; });
      });
    }
    for (std::thread& client : clients) client.join();
  }
  EXPECT_EQ(ran, 100);
}

// A stack of 2^46 bytes is more than the system can give, so it refuses to start the thread.
TEST(ThreadPoolTest, JobIsNotQueuedIfItsWorkerCannotStart) {
  pthread_attr_t usual;
  ASSERT_EQ(pthread_getattr_default_np(&usual), 0);
  pthread_attr_t impossible = usual;
  pthread_attr_setstacksize(&impossible, std::size_t{1} << 46);

  bool ran = false;
  ThreadPool pool(1);
  ASSERT_EQ(pthread_setattr_default_np(&impossible), 0);
  EXPECT_THROW(pool.Submit([&] { ran = true; }), std::system_error);
  ASSERT_EQ(pthread_setattr_default_np(&usual), 0);

  EXPECT_EQ(pool.started_workers(), 0);
  EXPECT_EQ(pool.Submit([] { return 5; }).Get(), 5);  // the pool has recovered
  EXPECT_FALSE(ran);
}

TEST(ThreadPoolTest, FewerThanOneWorkerIsRefused) {
  EXPECT_EQ(MessageOf<std::invalid_argument>([] { ThreadPool pool(0); }),
            "ThreadPool: max_workers is 0, it must be at least 1");
  EXPECT_EQ(MessageOf<std::invalid_argument>([] { ThreadPool pool(-3, "downloader"); }),
            "ThreadPool: max_workers is -3, it must be at least 1");
}

TEST(ThreadPoolTest, DefaultIsFourMoreThanTheCpusAndAtMost32) {
  ThreadPool pool;
  const int cpus = static_cast<int>(std::thread::hardware_concurrency());
  EXPECT_EQ(pool.max_workers(), std::min(32, cpus + 4));
}

// Names.

TEST(ThreadPoolTest, WorkersAreNamedByPrefixAndNumber) {
  std::latch all_running(3);
  ThreadPool pool(3, "downloader");
  std::vector<Future<std::string>> names;
  for (int i = 0; i < 3; ++i) {
    names.push_back(pool.Submit([&] {
      all_running.arrive_and_wait();
      return ThreadName();
    }));
  }
  std::vector<bool> seen(3);
  for (Future<std::string>& name : names) {
    const std::string text = name.Get();
    ASSERT_EQ(text.substr(0, 11), "downloader_");
    seen.at(std::stoi(text.substr(11))) = true;
  }
  EXPECT_EQ(seen, (std::vector<bool>{true, true, true}));
}

TEST(ThreadPoolTest, FirstWorkerHasNumberZero) {
  ThreadPool pool(3, "ThreadPoolExecutor-0");
  EXPECT_EQ(pool.Submit(ThreadName).Get(), "ThreadPoolExecutor-0_0");
}

TEST(ThreadPoolTest, PoolsWithoutAPrefixAreCountedAndOthersAreNot) {
  auto number_of = [](ThreadPool& pool) {
    const std::string name = pool.Submit(ThreadName).Get();
    EXPECT_EQ(name.substr(0, 19), "ThreadPoolExecutor-");
    EXPECT_EQ(name.substr(name.size() - 2), "_0");
    return std::stoi(name.substr(19));
  };
  ThreadPool first(1);
  EXPECT_THROW(ThreadPool(0), std::invalid_argument);
  ThreadPool prefixed(1, "downloader");
  ThreadPool second;
  EXPECT_EQ(number_of(second), number_of(first) + 1);
}

// The end.

TEST(ThreadPoolTest, ShutdownRunsEverythingQueued) {
  std::latch gate(1);
  int ran = 0;
  ThreadPool pool(1);
  pool.Submit([&] { gate.wait(); });
  for (int i = 0; i < 10; ++i) pool.Submit([&] { ++ran; });
  gate.count_down();
  pool.Shutdown();
  EXPECT_EQ(ran, 10);
}

TEST(ThreadPoolTest, ShutdownOfAPoolWithoutJobsReturns) {
  ThreadPool pool(2);
  pool.Shutdown();
  EXPECT_EQ(pool.started_workers(), 0);
}

TEST(ThreadPoolTest, ShutdownWakesIdleWorkers) {
  ThreadPool pool(2);
  pool.Submit([] {}).Get();
  pool.Shutdown();
}

TEST(ThreadPoolTest, SecondShutdownDoesNothing) {
  ThreadPool pool(2);
  pool.Submit([] {});
  pool.Shutdown();
  pool.Shutdown();
}

TEST(ThreadPoolTest, NothingThatAJobCapturedIsLeftWhenItsFutureIsReady) {
  ThreadPool pool(1);
  for (int i = 0; i < 100; ++i) {
    auto captured = std::make_shared<int>(i);
    std::weak_ptr<int> watch = captured;
    EXPECT_EQ(pool.Submit([captured = std::move(captured)] { return *captured; }).Get(), i);
    EXPECT_TRUE(watch.expired());
  }
}

TEST(ThreadPoolTest, AfterShutdownNothingOfAJobIsLeft) {
  auto captured = std::make_shared<int>(1);
  std::weak_ptr<int> watch = captured;
  ThreadPool pool(1);
  pool.Submit([captured = std::move(captured)] {});
  pool.Shutdown();
  EXPECT_TRUE(watch.expired());
}

TEST(ThreadPoolTest, WhatAJobCapturedMayCallThePoolWhenItIsDestroyed) {
  std::latch destroyed(1);
  ThreadPool pool(1);
  auto submit = [&](int*) { pool.Submit([&] { destroyed.count_down(); }); };
  pool.Submit([captured = std::shared_ptr<int>(nullptr, submit)] {});
  destroyed.wait();
}

TEST(ThreadPoolTest, DestructorRunsEverythingQueued) {
  Future<int> result;
  {
    ThreadPool pool(1);
    pool.Submit([] {});
    result = pool.Submit([] { return 4; });
  }
  EXPECT_EQ(result.Get(), 4);
}

TEST(ThreadPoolTest, SubmitAfterShutdownIsRefused) {
  ThreadPool pool(1);
  pool.Shutdown();
  EXPECT_EQ(MessageOf<std::logic_error>([&] { pool.Submit([] {}); }),
            "ThreadPool::Submit: the pool has been shut down");
}

TEST(ThreadPoolTest, JobThatSubmitsDuringShutdownIsRefused) {
  std::latch submit(1);
  ThreadPool pool(2);
  Future<std::string> message = pool.Submit([&] {
    submit.wait();
    return MessageOf<std::logic_error>([&] {
      while (true) pool.Submit([] {});  // until Shutdown has begun
    });
  });
  submit.count_down();
  pool.Shutdown();
  EXPECT_EQ(message.Get(), "ThreadPool::Submit: the pool has been shut down");
}

TEST(ThreadPoolTest, ShutdownByAJobIsRefused) {
  ThreadPool pool(1);
  Future<std::string> message =
      pool.Submit([&] { return MessageOf<std::logic_error>([&] { pool.Shutdown(); }); });
  EXPECT_EQ(message.Get(),
            "ThreadPool::Shutdown: called by a job of the same pool, which would wait for itself");
  EXPECT_EQ(pool.Submit([] { return 1; }).Get(), 1);  // nothing was shut down
}

TEST(ThreadPoolTest, JobMayShutAnotherPoolDown) {
  ThreadPool other(1);
  ThreadPool pool(1);
  Future<int> result = other.Submit([] { return 2; });
  pool.Submit([&] { other.Shutdown(); }).Get();
  EXPECT_EQ(result.Get(), 2);
}

// Types.

TEST(ThreadPoolTest, PoolIsNotCopied) {
  EXPECT_FALSE(std::is_copy_constructible_v<ThreadPool>);
  EXPECT_FALSE(std::is_move_constructible_v<ThreadPool>);
}

}  // namespace
}  // namespace interleave
