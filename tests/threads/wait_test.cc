// tests/threads/wait_test.cc

#include "runtime/threads/wait.h"

#include <gtest/gtest.h>

#include <chrono>
#include <exception>
#include <latch>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "runtime/threads/future.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;
using Futures = std::vector<Future<int>>;

Future<int> Finished(int value) {
  Promise<int> promise;
  promise.SetValue(value);
  return promise.GetFuture();
}

Future<int> Failed() {
  Promise<int> promise;
  promise.SetException(std::make_exception_ptr(std::runtime_error("failed")));
  return promise.GetFuture();
}

// ---- Wait ----

TEST(WaitTest, FirstCompletedReturnsWhenOneIsDone) {
  Promise<int> pending, done;
  std::latch asked(1);
  std::thread completing([&] {
    asked.wait();
    done.SetValue(1);
  });
  asked.count_down();
  const Futures futures = {pending.GetFuture(), done.GetFuture()};
  const Waited<int> waited = Wait(futures, ReturnWhen::kFirstCompleted);
  EXPECT_EQ(waited.done, Futures{futures[1]});
  EXPECT_EQ(waited.not_done, Futures{futures[0]});
  completing.join();
}

TEST(WaitTest, FirstCompletedReturnsAtOnceIfOneIsDoneAlready) {
  Promise<int> pending;
  const Futures futures = {Finished(1), pending.GetFuture()};
  EXPECT_EQ(Wait(futures, ReturnWhen::kFirstCompleted).done, Futures{futures[0]});
}

TEST(WaitTest, FirstExceptionReturnsWhenOneFails) {
  Promise<int> pending, failing;
  const Futures futures = {pending.GetFuture(), Finished(1), failing.GetFuture()};
  std::thread completing(
      [&] { failing.SetException(std::make_exception_ptr(std::runtime_error("failed"))); });
  const Waited<int> waited = Wait(futures, ReturnWhen::kFirstException);
  EXPECT_EQ(waited.done, (Futures{futures[1], futures[2]}));
  EXPECT_EQ(waited.not_done, Futures{futures[0]});
  completing.join();
}

TEST(WaitTest, FirstExceptionReturnsAtOnceIfOneHasFailedAlready) {
  Promise<int> pending;
  const Futures futures = {pending.GetFuture(), Failed()};
  EXPECT_EQ(Wait(futures, ReturnWhen::kFirstException).not_done, Futures{futures[0]});
}

TEST(WaitTest, FirstExceptionWithoutOneReturnsWhenAllAreDone) {
  Promise<int> last;
  const Futures futures = {Finished(1), last.GetFuture()};
  std::thread completing([&] { last.SetValue(2); });
  EXPECT_EQ(Wait(futures, ReturnWhen::kFirstException).done, futures);
  completing.join();
}

TEST(WaitTest, AllCompletedWaitsForAll) {
  Promise<int> one, two;
  const Futures futures = {one.GetFuture(), two.GetFuture(), Failed()};
  std::thread completing([&] {
    two.SetValue(2);
    one.SetValue(1);
  });
  const Waited<int> waited = Wait(futures);
  EXPECT_EQ(waited.done, futures);
  EXPECT_TRUE(waited.not_done.empty());
  completing.join();
}

TEST(WaitTest, TimeOutSaysWhatIsDoneAndWhatIsNot) {
  Promise<int> pending;
  const Futures futures = {pending.GetFuture(), Finished(1)};
  const Waited<int> waited = Wait(futures, ReturnWhen::kAllCompleted, 1ms);
  EXPECT_EQ(waited.done, Futures{futures[1]});
  EXPECT_EQ(waited.not_done, Futures{futures[0]});
}

TEST(WaitTest, CancelledIsNotDoneUntilItsMakerHasSeenIt) {
  Promise<int> promise;
  const Futures futures = {promise.GetFuture()};
  futures[0].Cancel();
  EXPECT_EQ(Wait(futures, ReturnWhen::kAllCompleted, 0ms).not_done, futures);
  std::thread maker([&] { EXPECT_FALSE(promise.Start()); });
  EXPECT_EQ(Wait(futures).done, futures);
  maker.join();
}

TEST(WaitTest, CancelledIsDoneWhenItsPromiseIsGone) {
  Futures futures;
  {
    Promise<int> promise;
    futures = {promise.GetFuture()};
    futures[0].Cancel();
  }
  EXPECT_EQ(Wait(futures).done, futures);
}

TEST(WaitTest, RepeatedFuturesCountOnce) {
  const Future<int> future = Finished(1);
  EXPECT_EQ(Wait(Futures{future, future}).done, Futures{future});
}

TEST(WaitTest, NothingToWaitForReturnsAtOnce) {
  const Waited<int> waited = Wait(Futures());
  EXPECT_TRUE(waited.done.empty());
  EXPECT_TRUE(waited.not_done.empty());
}

// ---- AsCompleted ----

TEST(AsCompletedTest, FinishedOnesComeFirstThenInTheOrderOfCompletion) {
  std::vector<Promise<int>> promises(3);
  const Futures futures = {promises[0].GetFuture(), promises[1].GetFuture(), Finished(9),
                           promises[2].GetFuture(), Finished(8)};
  std::vector<int> values;
  std::size_t next = 3;
  for (const Future<int>& future : AsCompleted(futures)) {
    values.push_back(future.Get());
    if (values.size() >= 2 && next > 0) {
      --next;
      promises[next].SetValue(static_cast<int>(next));
    }
  }
  EXPECT_EQ(values, (std::vector<int>{9, 8, 2, 1, 0}));
}

TEST(AsCompletedTest, TimeOutCountsTheUnfinishedAfterGivingTheFinished) {
  Promise<int> one, two;
  const Futures futures = {one.GetFuture(), Finished(1), two.GetFuture(), Finished(2)};
  std::vector<int> values;
  std::string message;
  try {
    for (const Future<int>& future : AsCompleted(futures, 0ms)) values.push_back(future.Get());
  } catch (const TimedOut& error) {
    message = error.what();
  }
  EXPECT_EQ(values, (std::vector<int>{1, 2}));
  EXPECT_EQ(message, "2 (of 4) futures unfinished");
}

TEST(AsCompletedTest, RepeatedFuturesComeOnce) {
  const Future<int> future = Finished(1);
  int count = 0;
  for (const Future<int>& one : AsCompleted(Futures{future, future})) count += one.Get();
  EXPECT_EQ(count, 1);
}

TEST(AsCompletedTest, WakesForEachThatAnotherThreadCompletes) {
  std::vector<Promise<int>> promises(100);
  Futures futures;
  for (Promise<int>& promise : promises) futures.push_back(promise.GetFuture());
  std::thread completing([&] {
    for (Promise<int>& promise : promises) promise.SetValue(1);
  });
  int sum = 0;
  for (const Future<int>& future : AsCompleted(futures)) sum += future.Get();
  EXPECT_EQ(sum, 100);
  completing.join();
}

TEST(AsCompletedTest, LeavingEarlyLeavesTheFuturesAlone) {
  Promise<int> pending;
  for (const Future<int>& future : AsCompleted(Futures{Finished(1), pending.GetFuture()})) {
    EXPECT_EQ(future.Get(), 1);
    break;
  }
  pending.SetValue(2);
  EXPECT_EQ(pending.GetFuture().Get(), 2);
}

}  // namespace
}  // namespace interleave
