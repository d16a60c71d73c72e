// tests/threads/thread_pool_jobs_test.cc
//
// What a pool does with jobs beside running them in turn: maps, priorities, cancelling, measuring,
// and refusing to wait for ever.

#include <gtest/gtest.h>

#include <chrono>
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

// A pool with one worker, which is held until Open.
class HeldPool {
 public:
  HeldPool() {
    pool.Submit([this] { gate_.wait(); });
  }
  ~HeldPool() { Open(); }
  void Open() {
    if (!gate_.try_wait()) gate_.count_down();
  }

 private:
  std::latch gate_{1};

 public:
  ThreadPool pool{1, "held"};  // destroyed first
};

// ---- Map ----

TEST(ThreadPoolMapTest, ResultsComeInTheOrderOfTheInputs) {
  ThreadPool pool(3);
  std::latch second_done(1);
  const auto job = [&](int number) {
    if (number == 0) second_done.wait();
    if (number == 1) second_done.count_down();
    return number * 10;
  };
  std::vector<int> results;
  for (int result : pool.Map(job, std::vector<int>{0, 1, 2})) results.push_back(result);
  EXPECT_EQ(results, (std::vector<int>{0, 10, 20}));
}

TEST(ThreadPoolMapTest, JobsStartWithoutIterating) {
  std::latch ran(3);
  ThreadPool pool(2);
  auto results = pool.Map(
      [&](int number) {
        ran.count_down();
        return number;
      },
      std::vector<int>{1, 2, 3});
  ran.wait();
}

TEST(ThreadPoolMapTest, ExceptionIsThrownInItsPlace) {
  ThreadPool pool(2);
  std::vector<int> results;
  const auto inverse = [](int number) {
    if (number == 0) throw std::domain_error("division by zero");
    return 60 / number;
  };
  EXPECT_THROW(for (int result
                    : pool.Map(inverse, std::vector<int>{2, 3, 0, 4})) results.push_back(result),
               std::domain_error);
  EXPECT_EQ(results, (std::vector<int>{30, 20}));
}

TEST(ThreadPoolMapTest, TimeOutIsThrownInItsPlace) {
  std::latch gate(1);
  ThreadPool pool(2);
  std::vector<int> results;
  const auto job = [&](int number) {
    if (number == 2) gate.wait();
    return number;
  };
  EXPECT_THROW(
      {
        auto range = pool.Map(job, std::vector<int>{1, 2}, 0ms);
        pool.Submit([] {}).Get();  // the other worker has done the first by now
        for (int result : range) results.push_back(result);
      },
      TimedOut);
  gate.count_down();
  EXPECT_EQ(results, std::vector<int>{1});
}

TEST(ThreadPoolMapTest, LeavingTheLoopCancelsWhatHasNotBegun) {
  std::vector<int> ran;
  ThreadPool pool(1);
  std::latch gate(1);
  const auto job = [&](int number) {
    ran.push_back(number);
    if (number == 2) gate.wait();
    return number;
  };
  {
    auto results = pool.Map(job, std::vector<int>{1, 2, 3, 4});
    EXPECT_EQ(*results.begin(), 1);
    while (pool.queued_jobs() > 2) std::this_thread::yield();  // until 2 has begun
  }
  gate.count_down();
  pool.Shutdown();
  EXPECT_EQ(ran, (std::vector<int>{1, 2}));
}

// ---- priorities ----

TEST(ThreadPoolPriorityTest, UrgentJobsFirstAndFirstComeFirstServedWithinAPriority) {
  std::vector<std::string> order;
  HeldPool held;
  const auto submit = [&](int priority, const char* name) {
    held.pool.SubmitWithPriority(priority, [&order, name] { order.push_back(name); });
  };
  submit(-1, "low0");
  submit(-1, "low1");
  held.pool.Submit([&] { order.push_back("usual"); });
  submit(5, "high0");
  submit(-1, "low2");
  submit(5, "high1");
  held.Open();
  held.pool.Shutdown();
  EXPECT_EQ(order, (std::vector<std::string>{"high0", "high1", "usual", "low0", "low1", "low2"}));
}

// ---- cancelling ----

TEST(ThreadPoolCancelTest, QueuedJobIsCancelledAndNeverRuns) {
  bool ran = false;
  HeldPool held;
  const Future<void> future = held.pool.Submit([&] { ran = true; });
  EXPECT_TRUE(future.Cancel());
  EXPECT_THROW(future.Get(), Cancelled);
  held.Open();
  EXPECT_EQ(Wait(std::vector{future}).done.size(), 1u);  // the worker has come upon it
  held.pool.Shutdown();
  EXPECT_FALSE(ran);
}

TEST(ThreadPoolCancelTest, RunningJobIsNotCancelled) {
  std::latch begun(1), gate(1);
  ThreadPool pool(1);
  const Future<int> future = pool.Submit([&] {
    begun.count_down();
    gate.wait();
    return 1;
  });
  begun.wait();
  EXPECT_FALSE(future.Cancel());
  EXPECT_TRUE(future.running());
  gate.count_down();
  EXPECT_EQ(future.Get(), 1);
}

TEST(ThreadPoolCancelTest, CancelledJobIsNoLongerCountedAsTaken) {
  ThreadPool pool(2);
  std::latch gate(1);
  const Future<void> held = pool.Submit([&] { gate.wait(); });
  const Future<void> other = pool.Submit([&] { gate.wait(); });
  const Future<void> cancelled = pool.Submit([] {});
  cancelled.Cancel();
  gate.count_down();
  Wait(std::vector{held, other, cancelled});
  EXPECT_EQ(pool.Submit([] { return 1; }).Get(), 1);
  EXPECT_EQ(pool.started_workers(), 2);
}

// ---- queue waits ----

TEST(ThreadPoolQueueWaitTest, IsMeasuredForEachJob) {
  ThreadPool pool({.max_workers = 1, .measure_queue_wait = true});
  std::latch gate(1);
  pool.Submit([&] { gate.wait(); });
  const Future<std::chrono::nanoseconds> queued = pool.Submit(ThreadPool::QueueWaitOfThisJob);
  const auto before = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - before < 2ms) {
  }
  gate.count_down();
  EXPECT_GE(queued.Get(), 2ms);
  pool.Shutdown();
  EXPECT_EQ(pool.queue_waits().jobs, 2);
  EXPECT_GE(pool.queue_waits().longest, queued.Get());
  EXPECT_GE(pool.queue_waits().total, queued.Get());
}

TEST(ThreadPoolQueueWaitTest, IsNotMeasuredUnasked) {
  ThreadPool pool(1);
  pool.Submit([] {}).Get();
  EXPECT_EQ(pool.queue_waits().jobs, 0);
}

// ---- waiting for the own pool ----

// What Get throws, as text.
template <typename T>
std::string Failure(const Future<T>& future) {
  try {
    future.Get();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

TEST(ThreadPoolOwnPoolTest, JobThatWaitsForAJobBehindItOnTheOnlyWorkerIsTold) {
  ThreadPool pool(1, "own");
  const Future<int> outer = pool.Submit([&] { return pool.Submit([] { return 1; }).Get(); });
  EXPECT_EQ(
      Failure(outer),
      "own_0 waits for a queued job of its own pool and is its only worker: nobody is left to "
      "run it");
  EXPECT_THROW(outer.Get(), WouldDeadlock);
}

TEST(ThreadPoolOwnPoolTest, WithTwoWorkersItIsTheSecondThatIsTold) {
  std::latch both_run(2);
  ThreadPool pool(2, "own");
  const auto outer = [&] {
    both_run.arrive_and_wait();
    return pool.Submit([] { return 1; }).Get();
  };
  const std::vector<Future<int>> futures = {pool.Submit(outer), pool.Submit(outer)};
  Wait(futures);
  std::vector<std::string> failures = {Failure(futures[0]), Failure(futures[1])};
  if (failures[0].empty()) std::swap(failures[0], failures[1]);
  EXPECT_EQ(
      failures[0].substr(5),
      " waits for a queued job of its own pool, as all 2 workers do: nobody is left to run it");
  EXPECT_EQ(failures[1], "");  // for the first of them has its worker back
}

TEST(ThreadPoolOwnPoolTest, WaitAndAsCompletedAreSeenToo) {
  ThreadPool pool(1);
  const Future<void> waits = pool.Submit([&] {
    const std::vector<Future<int>> futures = {pool.Submit([] { return 1; })};
    Wait(futures);
  });
  EXPECT_THROW(waits.Get(), WouldDeadlock);
  const Future<void> iterates = pool.Submit([&] {
    for (const Future<int>& one : AsCompleted(std::vector{pool.Submit([] { return 1; })})) {
      one.Get();
    }
  });
  EXPECT_THROW(iterates.Get(), WouldDeadlock);
}

TEST(ThreadPoolOwnPoolTest, WaitingForTheFirstOfSeveralIsFineIfOneComesFromElsewhere) {
  ThreadPool pool(1), other(1);
  const Future<std::size_t> done = pool.Submit([&] {
    const Future<int> elsewhere = other.Submit([] { return 1; });
    const Future<int> behind = pool.Submit([] { return 2; });
    return Wait(std::vector{elsewhere, behind}, ReturnWhen::kFirstCompleted).done.size();
  });
  EXPECT_EQ(done.Get(), 1u);
}

TEST(ThreadPoolOwnPoolTest, WaitingWithATimeLimitIsFine) {
  ThreadPool pool(1);
  const Future<int> outer = pool.Submit([&] { return pool.Submit([] { return 1; }).Get(1ms); });
  EXPECT_THROW(outer.Get(), TimedOut);
}

TEST(ThreadPoolOwnPoolTest, WaitingForAJobThatRunsIsFine) {
  std::latch gate(1);
  ThreadPool pool(2);
  const Future<int> running = pool.Submit([&] {
    gate.wait();
    return 1;
  });
  const Future<int> waiting = pool.Submit([&] { return running.Get() + 1; });
  gate.count_down();
  EXPECT_EQ(waiting.Get(), 2);
}

}  // namespace
}  // namespace interleave
