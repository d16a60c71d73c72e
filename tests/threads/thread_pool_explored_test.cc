// tests/threads/thread_pool_explored_test.cc
//
// The pool and its futures under every schedule of small cases, with their own memory accesses
// among the steps: no job is lost, none runs twice, nobody waits for ever, nothing races. What has
// too many schedules says how many were tried.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <latch>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/engine/explore.h"
#include "runtime/threads/future.h"
#include "runtime/threads/thread_pool.h"
#include "runtime/threads/wait.h"

namespace interleave {
namespace {

// Every class of schedules that differ in something; `outcomes` are all that may and must come.
void ExpectExactly(const Body& body, std::vector<std::string> outcomes) {
  ExploreOptions options;
  options.strategy = Strategy::kDistinct;
  options.max_time = std::chrono::seconds(50);
  const ExploreReport report = Explore(body, options);
  EXPECT_TRUE(report.complete) << report.stopped_by << " after " << report.runs << " runs";
  EXPECT_EQ(report.nondeterminism, "");
  for (const Race& race : report.races) ADD_FAILURE() << race.Text();
  for (const CensusRow& row : report.census) {
    EXPECT_TRUE(std::erase(outcomes, row.outcome) == 1)
        << row.outcome << " in " << row.runs << " of " << report.runs
        << " schedules: " << row.schedule;
  }
  for (const std::string& outcome : outcomes) ADD_FAILURE() << "never: " << outcome;
  testing::Test::RecordProperty("runs", static_cast<int>(report.runs));
}

// So many random schedules; `outcomes` are all that may come.
void ExpectOnly(const Body& body, const std::vector<std::string>& outcomes, int runs = 3000) {
  ExploreOptions options;
  options.strategy = Strategy::kRandom;
  options.max_runs = runs;
  const ExploreReport report = Explore(body, options);
  EXPECT_EQ(report.nondeterminism, "");
  for (const Race& race : report.races) ADD_FAILURE() << race.Text();
  for (const CensusRow& row : report.census) {
    EXPECT_TRUE(std::find(outcomes.begin(), outcomes.end(), row.outcome) != outcomes.end())
        << row.outcome << " in " << row.runs << " of " << report.runs
        << " schedules: " << row.schedule;
  }
}

// ---- futures ----

TEST(FutureExploredTest, CancelAgainstStart) {
  ExpectExactly(
      [] {
        Promise<int> promise;
        Future<int> future = promise.GetFuture();
        bool started = false;
        std::thread worker([&] {
          started = promise.Start();
          if (started) promise.SetValue(1);
        });
        const bool cancelled = future.Cancel();
        worker.join();
        if (started == cancelled) return std::string("both or neither");
        return std::string(started ? "started" : "cancelled");
      },
      {"started", "cancelled"});
}

TEST(FutureExploredTest, GetAgainstSetValue) {
  ExpectExactly(
      [] {
        Promise<int> promise;
        std::thread worker([&] { promise.SetValue(7); });
        const int value = promise.GetFuture().Get();
        worker.join();
        return std::to_string(value);
      },
      {"7"});
}

TEST(FutureExploredTest, TheLastOwnerDestroysTheValueOnce) {
  ExpectExactly(
      [] {
        auto value = std::make_shared<int>(7);
        std::weak_ptr<int> watch = value;
        std::optional<Promise<std::shared_ptr<int>>> promise(std::in_place);
        std::optional<Future<std::shared_ptr<int>>> future(promise->GetFuture());
        std::thread worker([&] {
          promise->SetValue(std::move(value));
          promise.reset();
        });
        future.reset();
        worker.join();
        return std::string(watch.expired() ? "gone" : "leaked");
      },
      {"gone"});
}

TEST(FutureExploredTest, CallbackAgainstCompletionRunsOnce) {
  ExpectExactly(
      [] {
        Promise<int> promise;
        Future<int> future = promise.GetFuture();
        std::thread::id ran_on;
        int calls = 0;
        std::thread worker([&] { promise.SetValue(7); });
        const std::thread::id completing = worker.get_id();
        future.AddDoneCallback([&](const Future<int>&) {
          ++calls;
          ran_on = std::this_thread::get_id();
        });
        worker.join();
        if (calls != 1) return std::to_string(calls) + " calls";
        return std::string(ran_on == completing ? "completing thread" : "adding thread");
      },
      {"completing thread", "adding thread"});
}

TEST(FutureExploredTest, TimedOutWaiterLeavesNoTrace) {
  ExpectExactly(
      [] {
        Promise<int> promise;
        Future<int> future = promise.GetFuture();
        std::thread worker([&] {
          std::this_thread::sleep_for(std::chrono::milliseconds(1));
          promise.SetValue(7);
        });
        const bool in_time = future.Wait(std::chrono::milliseconds(1));
        worker.join();
        return std::string(in_time ? "in time" : "too late");
      },
      {"in time", "too late"});
}

TEST(FutureExploredTest, WaitForTheFirstOfTwoOnTwoThreads) {
  ExpectExactly(
      [] {
        Promise<int> one, two;
        std::thread a([&] { one.SetValue(1); }), b([&] { two.SetValue(2); });
        const auto waited =
            Wait(std::vector{one.GetFuture(), two.GetFuture()}, ReturnWhen::kFirstCompleted);
        std::string done;
        for (const Future<int>& future : waited.done) done += std::to_string(future.Get());
        a.join();
        b.join();
        return done;
      },
      {"1", "2", "12"});
}

TEST(FutureExploredTest, AsCompletedGivesEachOnce) {
  ExpectExactly(
      [] {
        Promise<int> one, two;
        std::thread a([&] { one.SetValue(1); }), b([&] { two.SetValue(2); });
        std::string order;
        for (const auto& future : AsCompleted(std::vector{one.GetFuture(), two.GetFuture()})) {
          order += std::to_string(future.Get());
        }
        a.join();
        b.join();
        return order;
      },
      {"12", "21"});
}

// ---- the pool ----

TEST(ThreadPoolExploredTest, OneJobRunsOnce) {
  ExpectExactly(
      [] {
        int ran = 0;
        {
          ThreadPool pool(1);
          pool.Submit([&] { ++ran; });
        }
        return std::to_string(ran);
      },
      {"1"});
}

TEST(ThreadPoolExploredTest, SubmitWaitSubmitUsesOneWorker) {
  ExpectExactly(
      [] {
        ThreadPool pool(2);
        pool.Submit([] {}).Get();
        pool.Submit([] {});
        return std::to_string(pool.started_workers());
      },
      {"1"});
}

TEST(ThreadPoolExploredTest, SubmitAgainstShutdown) {
  ExpectExactly(
      [] {
        int ran = 0;
        bool refused = false;
        ThreadPool pool(1);
        std::thread client([&] {
          try {
            pool.Submit([&] { ++ran; });
          } catch (const std::logic_error&) {
            refused = true;
          }
        });
        pool.Shutdown();
        client.join();
        if (ran + refused != 1) return std::string("lost");
        return std::string(refused ? "refused" : "ran");
      },
      {"refused", "ran"});
}

TEST(ThreadPoolExploredTest, CancelAgainstTheWorker) {
  ExpectExactly(
      [] {
        bool ran = false;
        ThreadPool pool(1);
        Future<void> future = pool.Submit([&] { ran = true; });
        const bool cancelled = future.Cancel();
        pool.Shutdown();
        if (ran == cancelled) return std::string("both or neither");
        return std::string(ran ? "ran" : "cancelled");
      },
      {"ran", "cancelled"});
}

TEST(ThreadPoolExploredTest, CallbackAgainstTheWorkerRunsOnce) {
  ExpectExactly(
      [] {
        const std::thread::id main = std::this_thread::get_id();
        std::thread::id ran_on;
        int calls = 0;
        {
          ThreadPool pool(1);
          pool.Submit([] {}).AddDoneCallback([&](const Future<void>&) {
            ++calls;
            ran_on = std::this_thread::get_id();
          });
        }
        if (calls != 1) return std::to_string(calls) + " calls";
        return std::string(ran_on == main ? "adding thread" : "worker");
      },
      {"adding thread", "worker"});
}

// Some of them are still where Submit put them, some the worker has taken over.
TEST(ThreadPoolExploredTest, JobsOfOnePriorityStartInTheOrderOfSubmission) {
  ExpectExactly(
      [] {
        std::string order;
        ThreadPool pool(1);
        for (const char job : {'a', 'b', 'c'}) pool.Submit([&order, job] { order += job; });
        pool.Shutdown();
        return order;
      },
      {"abc"});
}

TEST(ThreadPoolExploredTest, AnUrgentJobIsNextWhateverWasQueuedBefore) {
  ExpectExactly(
      [] {
        std::string order;
        Promise<void> gate;
        ThreadPool pool(1);
        pool.Submit([opened = gate.GetFuture()] { opened.Get(); });
        for (const char job : {'a', 'b'}) pool.Submit([&order, job] { order += job; });
        pool.SubmitWithPriority(1, [&order] { order += 'u'; });
        gate.SetValue();
        pool.Shutdown();
        return order;
      },
      {"uab"});
}

TEST(ThreadPoolExploredTest, TheLastFutureAgainstTheDestructor) {
  ExpectExactly(
      [] {
        auto captured = std::make_shared<int>(0);
        std::weak_ptr<int> watch = captured;
        {
          Future<int> future;
          ThreadPool pool(1);
          future = pool.Submit([captured = std::move(captured)] { return *captured; });
          std::thread other([&, copy = future]() mutable { copy = Future<int>(); });
          future = Future<int>();
          other.join();
        }
        return std::string(watch.expired() ? "gone" : "leaked");
      },
      {"gone"});
}

TEST(ThreadPoolExploredTest, TwoJobsOnTwoWorkersEachRunOnce) {
  ExpectOnly(
      [] {
        int one = 0, two = 0;
        {
          ThreadPool pool(2);
          pool.Submit([&] { ++one; });
          pool.Submit([&] { ++two; });
        }
        return std::to_string(one) + std::to_string(two);
      },
      {"11"});
}

// A worker that took over both jobs must not keep the second from one that goes to sleep.
TEST(ThreadPoolExploredTest, NoJobWaitsBehindARunningOneWhileAWorkerIsFree) {
  ExpectOnly(
      [] {
        std::latch both_run(2);
        ThreadPool pool(2);
        pool.Submit([] {});
        for (int i = 0; i < 2; ++i) pool.Submit([&] { both_run.arrive_and_wait(); });
        pool.Shutdown();
        return std::string("they met");
      },
      {"they met"}, 10'000);
}

TEST(ThreadPoolExploredTest, TwoClientsTwoWorkersAndAShutdownThatCancels) {
  ExpectOnly(
      [] {
        int ran[4] = {};
        std::vector<Future<void>> futures;
        ThreadPool pool(2);
        for (int i = 0; i < 2; ++i) futures.push_back(pool.Submit([&ran, i] { ++ran[i]; }));
        std::vector<Future<void>> more;
        std::thread client([&] {
          try {
            for (int i = 2; i < 4; ++i) more.push_back(pool.Submit([&ran, i] { ++ran[i]; }));
          } catch (const std::logic_error&) {
          }
        });
        pool.Shutdown({.wait = true, .cancel_queued = true});
        client.join();
        futures.insert(futures.end(), more.begin(), more.end());
        for (std::size_t i = 0; i < futures.size(); ++i) {
          if (!futures[i].done()) return std::string("not done");
          if (ran[i] != (futures[i].cancelled() ? 0 : 1)) return std::string("wrong count");
        }
        return std::string("each ran once or was cancelled");
      },
      {"each ran once or was cancelled"});
}

TEST(ThreadPoolExploredTest, AnInitializerThatThrowsLosesNoJob) {
  ExpectOnly(
      [] {
        ThreadPool pool({.max_workers = 2, .initializer = [] { throw std::runtime_error("no"); }});
        int failed = 0;
        for (int i = 0; i < 2; ++i) {
          try {
            pool.Submit([] {}).Get();
          } catch (const BrokenExecutor&) {
            ++failed;
          }
        }
        return std::to_string(failed);
      },
      {"2"}, 1000);
}

TEST(ThreadPoolExploredTest, JobsThatWaitForTheirOwnPoolNeverHang) {
  ExpectOnly(
      [] {
        ThreadPool pool(2);
        const auto outer = [&] { return pool.Submit([] { return 1; }).Get(); };
        const std::vector<Future<int>> futures = {pool.Submit(outer), pool.Submit(outer)};
        int told = 0;
        for (const Future<int>& future : futures) told += future.Exception() != nullptr;
        return std::to_string(told);
      },
      {"0", "1"});
}

}  // namespace
}  // namespace interleave
