// tests/async/future_test.cc

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "runtime/async/async_future.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "tests/async/words.h"

namespace interleave {
namespace {

TEST(AsyncFutureTest, ANewFutureIsNeitherDoneNorCancelledAndHasNoResult) {  // B01
  EventLoop loop;
  AsyncFuture<int> future(loop);
  EXPECT_FALSE(future.done());
  EXPECT_FALSE(future.cancelled());
  EXPECT_THROW(future.result(), InvalidState);
  EXPECT_THROW(future.Exception(), InvalidState);
  EXPECT_EQ(future.Text(), "<Future pending>");
}

TEST(AsyncFutureTest, AFutureIsCompletedOnce) {  // B02
  EventLoop loop;
  AsyncFuture<int> future(loop);
  future.SetResult(1);
  EXPECT_THROW(future.SetResult(2), InvalidState);
  EXPECT_THROW(future.SetException(std::runtime_error("late")), InvalidState);
  EXPECT_FALSE(future.Cancel());
  EXPECT_EQ(future.result(), 1);
  EXPECT_EQ(future.Exception(), nullptr);
  EXPECT_EQ(future.Text(), "<Future finished>");
}

TEST(AsyncFutureTest, ACancelledFutureIsDoneAndItsResultThrowsCancelled) {  // B03
  EventLoop loop;
  AsyncFuture<int> future(loop);
  EXPECT_TRUE(future.Cancel("enough"));
  EXPECT_TRUE(future.done());
  EXPECT_TRUE(future.cancelled());
  EXPECT_FALSE(future.Cancel());
  EXPECT_THROW(future.result(), TaskCancelled);
  EXPECT_THROW(future.SetResult(1), InvalidState);
  try {
    future.Exception();
    ADD_FAILURE();
  } catch (const TaskCancelled& cancelled) {
    EXPECT_EQ(cancelled.message(), "enough");
  }
}

TEST(AsyncFutureTest, CallbacksRunInTheNextIterationInTheOrderOfRegistration) {  // B05
  EventLoop loop;
  Words words;
  AsyncFuture<int> future(loop);
  future.AddDoneCallback([&] { words.push_back("first"); });
  future.AddDoneCallback(
      [&](AnyFuture done) { words.push_back(done == future ? "second" : "whose?"); });
  future.SetResult(1);
  words.push_back("set");
  future.AddDoneCallback([&] { words.push_back("third"); });
  RunBriefly(loop);
  EXPECT_EQ(words, (Words{"set", "first", "second", "third"}));
}

TEST(AsyncFutureTest, ACallbackThatThrowsIsReportedAndTheOthersRun) {
  EventLoop loop;
  Words errors, words;
  CollectErrors(loop, errors);
  AsyncFuture<void> future(loop);
  future.AddDoneCallback([] { throw std::runtime_error("broken"); });
  future.AddDoneCallback([&] { words.push_back("runs"); });
  future.SetResult();
  RunBriefly(loop);
  EXPECT_EQ(errors, (Words{"Exception in callback: broken"}));
  EXPECT_EQ(words, (Words{"runs"}));
}

TEST(AsyncFutureTest, AnExceptionThatNobodyAskedForIsReported) {  // B08
  EventLoop loop;
  Words errors;
  CollectErrors(loop, errors);
  {
    AsyncFuture<int> future(loop);
    future.SetException(std::runtime_error("lost"));
    EXPECT_EQ(errors, Words());
  }
  EXPECT_EQ(errors, (Words{"Future exception was never retrieved: lost"}));
}

TEST(AsyncFutureTest, AnExceptionThatSomebodyAskedForIsNotReported) {  // B08
  EventLoop loop;
  Words errors;
  CollectErrors(loop, errors);
  {
    AsyncFuture<int> by_result(loop), by_exception(loop), fine(loop), cancelled(loop);
    by_result.SetException(std::runtime_error("seen"));
    by_exception.SetException(std::runtime_error("seen"));
    fine.SetResult(1);
    cancelled.Cancel();
    EXPECT_THROW(by_result.result(), std::runtime_error);
    EXPECT_NE(by_exception.Exception(), nullptr);
  }
  EXPECT_EQ(errors, Words());
}

TEST(AsyncFutureTest, AFutureMayBeDroppedAfterItsLoop) {
  std::unique_ptr<AsyncFuture<int>> future;
  {
    EventLoop loop;
    future = std::make_unique<AsyncFuture<int>>(loop);
    future->SetException(std::runtime_error("nobody is left to hear it"));
  }
}

TEST(AsyncFutureTest, AFutureOfAnotherLoopCannotBeAwaited) {  // B09
  EventLoop loop, other;
  AsyncFuture<int> future(other);
  auto await = [](AsyncFuture<int> future) -> Task<int> { co_return co_await future; };
  EXPECT_EQ(MessageOf<std::logic_error>([&] { loop.RunUntilComplete(await(future)); }),
            "a task cannot await a future or task of another loop");
}

TEST(AsyncFutureTest, AwaitingADoneFutureDoesNotGiveWay) {
  EventLoop loop;
  Words words;
  loop.RunUntilComplete([](Words& words) -> Task<void> {
    AsyncFuture<std::string> future;
    future.SetResult("result");
    EventLoop::Current().CallSoon([&] { words.push_back("callback"); });
    words.push_back(co_await future);
    co_await Yield();
    words.push_back("end");
  }(words));
  EXPECT_EQ(words, (Words{"result", "callback", "end"}));
}

TEST(AsyncFutureTest, ManyMayAwaitOneFutureAndGoOnInTheOrderOfArrival) {
  EventLoop loop;
  Words words;
  AsyncFuture<std::string> future(loop);
  auto waits = [&](std::string name) -> Task<void> {
    const std::string result = co_await future;
    words.push_back(name + result);
  };
  for (const char* name : {"a", "b", "c"}) SpawnOn(loop, waits(name));
  RunBriefly(loop);
  future.SetResult("!");
  RunBriefly(loop);
  EXPECT_EQ(words, (Words{"a!", "b!", "c!"}));
}

TEST(AsyncFutureTest, AResultThatCannotBeCopiedIsMovedToWhoAwaitsIt) {
  EventLoop loop;
  AsyncFuture<std::unique_ptr<int>> future(loop);
  future.SetResult(std::make_unique<int>(7));
  auto await = [](AsyncFuture<std::unique_ptr<int>> future) -> Task<int> {
    const std::unique_ptr<int> number = co_await future;
    co_return *number;
  };
  EXPECT_EQ(loop.RunUntilComplete(await(future)), 7);
}

// What becomes of callbacks whose time never comes.

TEST(AsyncFutureTest, OneThatIsLetGoPendingTakesItsCallbacksWithIt) {
  EventLoop loop;
  const auto captured = std::make_shared<int>();
  {
    AsyncFuture<int> future(loop);
    future.AddDoneCallback([captured] {});
    future.AddDoneCallback([captured](const AnyFuture&) {});
    EXPECT_EQ(captured.use_count(), 3);
  }
  EXPECT_EQ(captured.use_count(), 1);
}

TEST(AsyncFutureTest, OneThatIsDoneStaysUntilItsCallbacksHaveRun) {
  EventLoop loop;
  Words words;
  const auto captured = std::make_shared<int>();
  for (const bool done_before : {true, false}) {
    AsyncFuture<std::string> future(loop);
    if (done_before) future.SetResult("was done");
    future.AddDoneCallback([&words, captured](const AnyFuture& done) {
      words.push_back(AsyncFuture<std::string>(done.state()).result());
    });
    if (!done_before) future.SetResult("is done");
  }
  RunBriefly(loop);
  EXPECT_EQ(words, (Words{"was done", "is done"}));
  EXPECT_EQ(captured.use_count(), 1);
}

TEST(AsyncFutureTest, ALoopThatIsClosedDropsCallbacksThatHoldTheirOwnTask) {
  EventLoop loop;
  Words errors;
  CollectErrors(loop, errors);
  const auto captured = std::make_shared<int>();
  AsyncFuture<int> never(loop);
  {
    TaskHandle<int> task = SpawnOn(
        loop, [](AsyncFuture<int> future) -> Task<int> { co_return co_await future; }(never));
    task.AddDoneCallback([task, captured] {});
  }
  RunBriefly(loop);
  loop.Close();
  EXPECT_EQ(captured.use_count(), 1);
  EXPECT_EQ(errors.size(), 1u);
}

}  // namespace
}  // namespace interleave
