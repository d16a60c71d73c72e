// tests/async/cancellation_test.cc

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "runtime/async/async_errors.h"
#include "runtime/async/async_future.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "tests/async/words.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;

// A sanitizer makes each exception that passes through a frame many times as slow.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kMany = 20'000;
#else
constexpr int kMany = 1'000'000;
#endif

// Says where it is cancelled, and with which message.
Task<void> Sleeper(Words& words, std::string name) {
  try {
    co_await SleepFor(1h);
  } catch (const TaskCancelled& cancelled) {
    words.push_back(name + " cancelled" + cancelled.message());
    throw;
  }
}

TEST(CancellationTest, CancelledIsThrownWhereTheTaskWaitsInALaterIteration) {  // C09
  EventLoop loop;
  Words words;
  TaskHandle<void> task = SpawnOn(loop, Sleeper(words, "task"));
  RunBriefly(loop);
  EXPECT_TRUE(task.Cancel(": enough"));
  EXPECT_FALSE(task.done());
  EXPECT_EQ(words, Words());
  RunBriefly(loop);
  EXPECT_EQ(words, (Words{"task cancelled: enough"}));
  EXPECT_TRUE(task.done());
  EXPECT_TRUE(task.cancelled());
  EXPECT_FALSE(task.Cancel());
  EXPECT_THROW(task.result(), TaskCancelled);
}

TEST(CancellationTest, ATaskThatYieldsIsCancelledThere) {  // C09
  EventLoop loop;
  Words words;
  TaskHandle<void> task = SpawnOn(loop, [](Words& words) -> Task<void> {
    co_await Yield();
    co_await Yield();
    words.push_back("not reached");
  }(words));
  RunBriefly(loop);
  task.Cancel();
  RunBriefly(loop);
  EXPECT_TRUE(task.cancelled());
  EXPECT_EQ(words, Words());
}

TEST(CancellationTest, CancellingATaskCancelsTheFutureItWaitsFor) {  // C10
  EventLoop loop;
  AsyncFuture<int> future(loop);
  auto await = [](AsyncFuture<int> future) -> Task<int> { co_return co_await future; };
  TaskHandle<int> task = SpawnOn(loop, await(future));
  RunBriefly(loop);
  task.Cancel("message");
  EXPECT_TRUE(future.cancelled());
  RunBriefly(loop);
  try {
    task.result();
    ADD_FAILURE();
  } catch (const TaskCancelled& cancelled) {
    EXPECT_EQ(cancelled.message(), "message");
  }
}

TEST(CancellationTest, CancellingTheFutureCancelsTheTask) {  // C10
  EventLoop loop;
  AsyncFuture<int> future(loop);
  auto await = [](AsyncFuture<int> future) -> Task<int> { co_return co_await future; };
  TaskHandle<int> task = SpawnOn(loop, await(future));
  RunBriefly(loop);
  future.Cancel();
  RunBriefly(loop);
  EXPECT_TRUE(task.cancelled());
}

TEST(CancellationTest, CancellingBothIsOneCancellation) {  // C10
  EventLoop loop;
  AsyncFuture<int> future(loop);
  Words words;
  TaskHandle<void> task = SpawnOn(loop, [](AsyncFuture<int> future, Words& words) -> Task<void> {
    try {
      co_await future;
    } catch (const TaskCancelled&) {
      words.push_back("cancelled");
    }
    co_await Yield();
    words.push_back("goes on");
  }(future, words));
  RunBriefly(loop);
  future.Cancel();
  task.Cancel();
  RunBriefly(loop, 2);
  EXPECT_EQ(words, (Words{"cancelled", "goes on"}));
  EXPECT_FALSE(task.cancelled());
}

TEST(CancellationTest, ATaskMayCatchItAndReturn) {  // C11
  EventLoop loop;
  TaskHandle<int> task = SpawnOn(loop, []() -> Task<int> {
    try {
      co_await SleepFor(1h);
    } catch (const TaskCancelled&) {
    }
    co_return 42;
  }());
  RunBriefly(loop);
  task.Cancel();
  RunBriefly(loop);
  EXPECT_EQ(task.result(), 42);
  EXPECT_FALSE(task.cancelled());
}

TEST(CancellationTest, ATaskMaySwallowItAndTheNextAwaitIsNotCancelled) {  // C12
  EventLoop loop;
  TaskHandle<int> task = SpawnOn(loop, []() -> Task<int> {
    try {
      co_await SleepFor(1h);
    } catch (const TaskCancelled&) {
    }
    EXPECT_EQ(CurrentTask().Cancelling(), 1);
    EXPECT_EQ(CurrentTask().core().Uncancel(), 0);
    co_await SleepFor(1ms);
    co_return 42;
  }());
  RunBriefly(loop);
  task.Cancel();
  EXPECT_EQ(loop.RunUntilComplete(task), 42);
}

TEST(CancellationTest, ATaskThatCancelsItselfIsCancelledAtItsNextSuspension) {  // C13
  EventLoop loop;
  Words words;
  TaskHandle<void> task = SpawnOn(loop, [](Words& words) -> Task<void> {
    CurrentTask().Cancel(" by itself");
    words.push_back("goes on");
    co_await Sleeper(words, "sleep");
  }(words));
  RunBriefly(loop);
  EXPECT_EQ(words, (Words{"goes on"}));
  RunBriefly(loop);
  EXPECT_EQ(words, (Words{"goes on", "sleep cancelled by itself"}));
  EXPECT_TRUE(task.cancelled());
}

TEST(CancellationTest, ATaskThatCancelsItselfCancelsTheTaskThatItGoesToAwait) {  // C13
  EventLoop loop;
  Words words;
  TaskHandle<void> task = SpawnOn(loop, [](Words& words) -> Task<void> {
    TaskHandle<void> inner = Spawn(Sleeper(words, "inner"));
    co_await Yield();
    CurrentTask().Cancel();
    try {
      co_await inner;
    } catch (const TaskCancelled&) {
      words.push_back(inner.cancelled() ? "after inner" : "before inner");
      throw;
    }
  }(words));
  EXPECT_THROW(loop.RunUntilComplete(task), TaskCancelled);
  EXPECT_EQ(words, (Words{"inner cancelled", "after inner"}));
}

TEST(CancellationTest, ATaskThatCancelsItselfAndReturnsIsCancelled) {  // C14
  EventLoop loop;
  TaskHandle<int> task = SpawnOn(loop, []() -> Task<int> {
    CurrentTask().Cancel("at the end");
    co_return 42;
  }());
  RunBriefly(loop);
  EXPECT_TRUE(task.cancelled());
  EXPECT_THROW(task.result(), TaskCancelled);
}

TEST(CancellationTest, CancelledBeforeItsFirstStepTheBodyNeverRuns) {  // C15
  EventLoop loop;
  Words words;
  TaskHandle<void> task = SpawnOn(loop, [](Words& words) -> Task<void> {
    words.push_back("body");
    co_return;
  }(words));
  task.Cancel("too early");
  RunBriefly(loop);
  EXPECT_TRUE(task.cancelled());
  EXPECT_EQ(words, Words());
  try {
    task.result();
    ADD_FAILURE();
  } catch (const TaskCancelled& cancelled) {
    EXPECT_EQ(cancelled.message(), "too early");
  }
}

TEST(CancellationTest, ItPassesThroughEveryAwaitingFrameInnermostFirst) {  // C16
  EventLoop loop;
  Words words;
  TaskHandle<void> task = SpawnOn(loop, [](Words& words) -> Task<void> {
    auto outer = [&]() -> Task<void> {
      try {
        co_await Sleeper(words, "inner");
      } catch (const TaskCancelled&) {
        words.push_back("outer cancelled");
        throw;
      }
    };
    co_await outer();
  }(words));
  RunBriefly(loop);
  task.Cancel();
  RunBriefly(loop);
  EXPECT_EQ(words, (Words{"inner cancelled", "outer cancelled"}));
  EXPECT_TRUE(task.cancelled());
}

TEST(CancellationTest, CancelGoesToTheInnermostOfTasksThatAwaitEachOther) {
  EventLoop loop;
  Words words;
  TaskHandle<void> inner = SpawnOn(loop, Sleeper(words, "inner"));
  auto awaits = [&](TaskHandle<void> other, std::string name) -> Task<void> {
    try {
      co_await other;
    } catch (const TaskCancelled&) {
      words.push_back(name + " cancelled");
      throw;
    }
  };
  TaskHandle<void> middle = SpawnOn(loop, awaits(inner, "middle"));
  TaskHandle<void> outer = SpawnOn(loop, awaits(middle, "outer"));
  RunBriefly(loop);
  outer.Cancel();
  EXPECT_EQ(inner.Cancelling(), 1);
  RunBriefly(loop, 3);
  EXPECT_EQ(words, (Words{"inner cancelled", "middle cancelled", "outer cancelled"}));
}

TEST(CancellationTest, ASleepThatHasExpiredButNotGoneOnCanStillBeCancelled) {
  EventLoop loop;
  Words words;
  auto sleeps = [&](std::string name) -> Task<void> {
    try {
      co_await SleepFor(1ns);
      words.push_back(name + " slept");
    } catch (const TaskCancelled&) {
      words.push_back(name + " cancelled");
    }
  };
  TaskHandle<void> a = SpawnOn(loop, sleeps("a"));
  TaskHandle<void> b = SpawnOn(loop, sleeps("b"));
  RunBriefly(loop);
  // Both timers expire in the next iteration, and stand in the queue behind this.
  loop.CallSoon([&] { b.Cancel(); });
  RunBriefly(loop, 4);
  EXPECT_EQ(words, (Words{"b cancelled", "a slept"}));
}

TEST(CancellationTest, AChainOfAMillionTasksIsCancelledWithoutRecursion) {
  EventLoop loop;
  std::vector<TaskHandle<void>> tasks;
  tasks.reserve(kMany);
  tasks.push_back(SpawnOn(loop, []() -> Task<void> { co_await SleepFor(1h); }()));
  auto awaits = [&](int i) -> Task<void> { co_await tasks[i]; };
  for (int i = 1; i < kMany; ++i) tasks.push_back(SpawnOn(loop, awaits(i - 1)));
  RunBriefly(loop);
  tasks.back().Cancel();
  EXPECT_EQ(tasks.front().Cancelling(), 1);
  EXPECT_THROW(loop.RunUntilComplete(tasks.back()), TaskCancelled);
}

TEST(CancellationTest, AChainOfAMillionAwaitsIsCancelledAndDestroyedWithoutRecursion) {
  Words errors;
  struct Chain {
    static Task<void> Await(int more) {
      if (more == 0) co_await SleepFor(1h);
      if (more > 0) co_await Await(more - 1);
    }
  };
  {
    EventLoop loop;
    CollectErrors(loop, errors);
    TaskHandle<void> cancelled = SpawnOn(loop, Chain::Await(kMany));
    SpawnOn(loop, Chain::Await(kMany), "abandoned");
    RunBriefly(loop);
    cancelled.Cancel();
    EXPECT_THROW(loop.RunUntilComplete(cancelled), TaskCancelled);
  }
  EXPECT_EQ(errors, (Words{"Task was destroyed but it is pending, abandoned"}));
}

}  // namespace
}  // namespace interleave
