// tests/threads/future_test.cc
//
// Real threads: what must not have happened yet is held back by a gate, and never by a sleep.

#include "runtime/threads/future.h"

#include <gtest/gtest.h>

#include <chrono>
#include <exception>
#include <latch>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

namespace interleave {
namespace {

using namespace std::chrono_literals;

std::exception_ptr Failure(const char* what) {
  return std::make_exception_ptr(std::runtime_error(what));
}

std::string Message(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& exception) {
    return exception.what();
  }
}

// ---- states ----

TEST(FutureTest, StatesArePendingRunningCancelledFinished) {
  Promise<int> promise;
  Future<int> future = promise.GetFuture();
  EXPECT_EQ(future.status(), FutureStatus::kPending);
  EXPECT_FALSE(future.done());
  EXPECT_TRUE(promise.Start());
  EXPECT_TRUE(future.running());
  EXPECT_FALSE(future.done());
  promise.SetValue(1);
  EXPECT_EQ(future.status(), FutureStatus::kFinished);
  EXPECT_TRUE(future.done());
  EXPECT_FALSE(future.running());
}

TEST(FutureTest, CancelIsTrueForPendingAndCancelledAndFalseForRunningAndFinished) {
  Promise<int> cancelled, running, finished;
  Future<int> future = cancelled.GetFuture();
  EXPECT_TRUE(future.Cancel());
  EXPECT_TRUE(future.Cancel());
  EXPECT_TRUE(future.cancelled());
  EXPECT_TRUE(future.done());
  EXPECT_FALSE(cancelled.Start());

  running.Start();
  EXPECT_FALSE(running.GetFuture().Cancel());
  running.SetValue(1);
  finished.SetValue(2);
  EXPECT_FALSE(finished.GetFuture().Cancel());
  EXPECT_EQ(finished.GetFuture().Get(), 2);
}

TEST(FutureTest, CompletesOnce) {
  Promise<int> promise;
  promise.SetValue(1);
  EXPECT_THROW(promise.SetValue(2), InvalidState);
  EXPECT_THROW(promise.SetException(Failure("late")), InvalidState);
  EXPECT_THROW(promise.Start(), InvalidState);
  EXPECT_EQ(promise.GetFuture().Get(), 1);

  Promise<int> cancelled;
  cancelled.GetFuture().Cancel();
  EXPECT_THROW(cancelled.SetValue(1), InvalidState);
  EXPECT_THROW(cancelled.GetFuture().Get(), Cancelled);
}

TEST(FutureTest, InvalidStateSaysWhich) {
  Promise<int> promise;
  promise.SetValue(1);
  try {
    promise.SetValue(2);
    FAIL();
  } catch (const InvalidState& error) {
    EXPECT_STREQ(error.what(), "the future is finished already");
  }
}

TEST(FutureTest, OneThatBelongsToNobodySaysSo) {
  Future<int> nobodys;
  EXPECT_FALSE(nobodys.valid());
  EXPECT_THROW(nobodys.Get(), InvalidState);
  EXPECT_THROW(nobodys.done(), InvalidState);
}

// ---- values ----

TEST(FutureTest, ValueMayBeReadAgainAndByCopies) {
  Promise<std::string> promise;
  Future<std::string> one = promise.GetFuture();
  Future<std::string> two = one;
  promise.SetValue("kept");
  EXPECT_EQ(one.Get(), "kept");
  EXPECT_EQ(one.Get(), "kept");
  EXPECT_EQ(two.Get(), "kept");
}

TEST(FutureTest, ValueIsTakenOnce) {
  Promise<std::unique_ptr<int>> promise;
  Future<std::unique_ptr<int>> future = promise.GetFuture();
  promise.SetValue(std::make_unique<int>(3));
  EXPECT_EQ(*future.Take(), 3);
  EXPECT_THROW(future.Take(), InvalidState);
}

TEST(FutureTest, ExceptionIsThrownByGetAndReturnedByException) {
  Promise<int> promise;
  promise.SetException(Failure("disk full"));
  Future<int> future = promise.GetFuture();
  EXPECT_THROW(future.Get(), std::runtime_error);
  EXPECT_EQ(Message(future.Exception()), "disk full");

  Promise<int> fine;
  fine.SetValue(1);
  EXPECT_EQ(fine.GetFuture().Exception(), nullptr);
}

TEST(FutureTest, PromiseThatIsNotKeptBreaks) {
  Future<int> future;
  { future = Promise<int>().GetFuture(); }
  EXPECT_THROW(future.Get(), BrokenPromise);
  {
    Promise<int> started;
    started.Start();
    future = started.GetFuture();
  }
  EXPECT_THROW(future.Get(), BrokenPromise);
}

TEST(FutureTest, PromiseOfACancelledFutureEndsQuietly) {
  Future<int> future;
  {
    Promise<int> promise;
    future = promise.GetFuture();
    future.Cancel();
  }
  EXPECT_THROW(future.Get(), Cancelled);
}

TEST(FutureTest, CopiesAreEqualAndMayBeKeys) {
  Promise<int> one, two;
  std::map<Future<int>, std::string> ordered = {{one.GetFuture(), "one"}, {two.GetFuture(), "two"}};
  std::unordered_map<Future<int>, std::string> hashed(ordered.begin(), ordered.end());
  EXPECT_EQ(ordered.at(one.GetFuture()), "one");
  EXPECT_EQ(hashed.at(two.GetFuture()), "two");
}

// ---- waiting ----

TEST(FutureTest, GetIsWokenByTheValue) {
  Promise<int> promise;
  std::latch asked(1);
  std::thread waiter([&, future = promise.GetFuture()] {
    asked.count_down();
    EXPECT_EQ(future.Get(), 42);
  });
  asked.wait();
  promise.SetValue(42);
  waiter.join();
}

TEST(FutureTest, GetIsWokenByCancel) {
  Promise<int> promise;
  std::latch asked(2);
  std::vector<std::thread> waiters;
  for (int i = 0; i < 2; ++i) {
    waiters.emplace_back([&, future = promise.GetFuture()] {
      asked.count_down();
      EXPECT_THROW(future.Get(), Cancelled);
    });
  }
  asked.wait();
  promise.GetFuture().Cancel();
  for (std::thread& waiter : waiters) waiter.join();
}

TEST(FutureTest, TimeOutOfGetChangesNothing) {
  Promise<int> promise;
  Future<int> future = promise.GetFuture();
  EXPECT_THROW(future.Get(0ms), TimedOut);
  EXPECT_THROW(future.Get(1ms), TimedOut);
  EXPECT_THROW(future.Exception(1ms), TimedOut);
  EXPECT_FALSE(future.Wait(1ms));
  promise.SetValue(5);
  EXPECT_TRUE(future.Wait());
  EXPECT_EQ(future.Get(0ms), 5);
}

// ---- drivers ----

struct Driver final : FutureDriver {
  void Drive(const FutureState&, Deadline deadline) noexcept override {
    ++calls;
    last_deadline = deadline;
    if (promise != nullptr) promise->SetValue(42);
  }
  explicit Driver(Promise<int>* promise = nullptr) : promise(promise) {}
  Promise<int>* const promise;
  int calls = 0;
  Deadline last_deadline;
};

TEST(FutureTest, GetAsksTheDriverInsteadOfSleeping) {
  Promise<int> promise;
  const auto driver = std::make_shared<Driver>(&promise);
  promise.SetDriver(driver);
  EXPECT_EQ(promise.GetFuture().Get(), 42);
  EXPECT_EQ(promise.GetFuture().Get(), 42);
  EXPECT_EQ(driver->calls, 1);
  EXPECT_EQ(driver->last_deadline, std::nullopt);
}

TEST(FutureTest, GetSleepsIfTheDriverHasNothingToDo) {
  Promise<int> promise;
  const auto idle = std::make_shared<Driver>();
  promise.SetDriver(idle);
  std::latch asked(1);
  std::thread waiter([&, future = promise.GetFuture()] {
    asked.count_down();
    EXPECT_EQ(future.Get(), 7);
  });
  asked.wait();
  promise.SetValue(7);
  waiter.join();
  EXPECT_LE(idle->calls, 1);
}

TEST(FutureTest, TheDriverHearsOfTheTimeLimit) {
  Promise<int> promise;
  const auto idle = std::make_shared<Driver>();
  promise.SetDriver(idle);
  const auto before = std::chrono::steady_clock::now();
  EXPECT_THROW(promise.GetFuture().Get(1ms), TimedOut);
  EXPECT_EQ(idle->calls, 1);
  EXPECT_GE(idle->last_deadline, before + 1ms);
}

// It would call them, and return when they do.
TEST(FutureTest, GetOfAFutureWithCallbacksDoesNotAskTheDriver) {
  Promise<int> promise;
  const auto driver = std::make_shared<Driver>(&promise);
  promise.SetDriver(driver);
  promise.GetFuture().AddDoneCallback([](const Future<int>&) {});
  EXPECT_THROW(promise.GetFuture().Get(1ms), TimedOut);
  EXPECT_EQ(driver->calls, 0);
}

TEST(FutureTest, AFutureThatIsDoneHasNoDriver) {
  Promise<int> finished, cancelled;
  const auto driver = std::make_shared<Driver>();
  finished.SetDriver(driver);
  cancelled.SetDriver(driver);
  finished.SetValue(1);
  cancelled.GetFuture().Cancel();
  finished.SetDriver(driver);
  EXPECT_EQ(driver.use_count(), 1);
}

// ---- callbacks ----

TEST(FutureTest, CallbacksRunAtOnceInTheCompletingThreadInTheOrderOfAdding) {
  Promise<int> promise;
  std::vector<std::string> calls;
  std::thread::id ran_on;
  promise.GetFuture().AddDoneCallback([&](const Future<int>& future) {
    calls.push_back("first " + std::to_string(future.Get()));
    ran_on = std::this_thread::get_id();
  });
  promise.GetFuture().AddDoneCallback([&](const Future<int>&) { calls.push_back("second"); });
  std::thread completing([&] {
    promise.SetValue(7);
    EXPECT_EQ(calls, (std::vector<std::string>{"first 7", "second"}));
    EXPECT_EQ(ran_on, std::this_thread::get_id());
  });
  completing.join();
}

TEST(FutureTest, CallbackOnADoneFutureRunsAtOnceInTheAddingThread) {
  Promise<int> promise;
  promise.SetValue(7);
  bool called = false;
  promise.GetFuture().AddDoneCallback([&](const Future<int>&) { called = true; });
  EXPECT_TRUE(called);
}

TEST(FutureTest, CancelCallsBack) {
  Promise<int> promise;
  int calls = 0;
  promise.GetFuture().AddDoneCallback([&](const Future<int>& future) {
    ++calls;
    EXPECT_TRUE(future.cancelled());
  });
  promise.GetFuture().Cancel();
  promise.GetFuture().Cancel();
  EXPECT_EQ(calls, 1);
}

TEST(FutureTest, CallbackThatThrowsIsReportedAndTheOthersStillRun) {
  Promise<int> promise;
  bool called = false;
  promise.GetFuture().AddDoneCallback(
      [](const Future<int>&) { throw std::runtime_error("broken callback"); });
  promise.GetFuture().AddDoneCallback([&](const Future<int>&) { called = true; });
  testing::internal::CaptureStderr();
  promise.SetValue(1);
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "MainThread: exception in a done callback of a future: broken callback\n");
  EXPECT_TRUE(called);
}

TEST(FutureTest, CallbackMayDropTheLastOtherOwner) {
  auto promise = std::make_unique<Promise<int>>();
  int value = 0;
  promise->GetFuture().AddDoneCallback([&](const Future<int>& future) {
    promise.reset();
    value = future.Get();
  });
  promise->SetValue(3);
  EXPECT_EQ(value, 3);
}

}  // namespace
}  // namespace interleave
