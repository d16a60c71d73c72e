// tests/async/gather_test.cc
//
// Gather, Wait, AsyncCompletions and Shield: everything here is ordered by hand, not by time.

#include "runtime/async/gather.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "runtime/async/async_wait.h"
#include "runtime/async/shield.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "tests/async/words.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;

// Takes `turns` turns of the loop.
Task<int> Takes(int turns, int result) {
  for (int i = 0; i < turns; ++i) co_await Yield();
  co_return result;
}

Task<int> Fails(int turns, std::string what) {
  for (int i = 0; i < turns; ++i) co_await Yield();
  throw std::runtime_error(what);
}

Task<void> Forever(Words& words, std::string name) {
  try {
    co_await SleepFor(1h);
  } catch (const TaskCancelled&) {
    words.push_back(name + " cancelled");
    throw;
  }
}

class GatherTest : public testing::Test {
 protected:
  GatherTest() { CollectErrors(loop, errors); }
  ~GatherTest() override { EXPECT_EQ(errors, Words()); }
  EventLoop loop;
  Words errors, words;
};

TEST_F(GatherTest, ResultsComeInTheOrderOfTheArguments) {  // D04
  auto main = []() -> Task<std::string> {
    auto [first, second, third] = co_await Gather(Takes(3, 1), Takes(1, 2), Takes(2, 3));
    co_return std::to_string(first) + std::to_string(second) + std::to_string(third);
  };
  EXPECT_EQ(loop.RunUntilComplete(main()), "123");
}

TEST_F(GatherTest, AVectorGivesAVector) {
  auto main = []() -> Task<std::vector<int>> {
    std::vector<Task<int>> tasks;
    for (int i = 0; i < 5; ++i) tasks.push_back(Takes(5 - i, i));
    co_return co_await Gather(std::move(tasks));
  };
  EXPECT_EQ(loop.RunUntilComplete(main()), (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST_F(GatherTest, TasksFuturesAndVoidsMayBeMixed) {
  auto main = [&]() -> Task<void> {
    AsyncFuture<std::string> future;
    TaskHandle<int> handle = Spawn(Takes(2, 7));
    auto nothing = [&]() -> Task<void> {
      future.SetResult("set");
      co_return;
    };
    auto [text, none, number] = co_await Gather(future, nothing(), handle);
    words.push_back(text + std::to_string(number));
    static_cast<void>(none);
  };
  loop.RunUntilComplete(main());
  EXPECT_EQ(words, (Words{"set7"}));
}

TEST_F(GatherTest, TheFirstExceptionComesAtOnceAndTheOthersGoOn) {  // D05
  auto main = [&]() -> Task<void> {
    auto late = [&]() -> Task<int> {
      for (int i = 0; i < 10; ++i) co_await Yield();
      words.push_back("late is done");
      throw std::runtime_error("ignored");
    };
    try {
      co_await Gather(late(), Fails(1, "first"), Fails(2, "second"));
    } catch (const std::runtime_error& error) {
      words.push_back(error.what());
    }
    for (int i = 0; i < 12; ++i) co_await Yield();
  };
  loop.RunUntilComplete(main());
  EXPECT_EQ(words, (Words{"first", "late is done"}));
}

TEST_F(GatherTest, SettledWaitsForAllAndGivesExceptionsInTheirPlace) {  // D06
  auto main = []() -> Task<std::string> {
    std::vector<Task<int>> tasks;
    tasks.push_back(Takes(3, 1));
    tasks.push_back(Fails(1, "two"));
    tasks.push_back(Takes(1, 3));
    std::string text;
    std::vector<Outcome<int>> outcomes = co_await GatherSettled(std::move(tasks));
    for (Outcome<int>& outcome : outcomes) {
      try {
        text += std::to_string(outcome.value()) + " ";
      } catch (const std::runtime_error& error) {
        text += error.what() + std::string(" ");
      }
    }
    auto [number, nothing] = co_await GatherSettled(Takes(1, 4), Fails(2, "four"));
    co_return text + std::to_string(number.value()) + (nothing.has_value() ? "" : " failed");
  };
  EXPECT_EQ(loop.RunUntilComplete(main()), "1 two 3 4 failed");
}

TEST_F(GatherTest, ACancelledChildMakesItFailButItIsNotCancelledItself) {  // D07
  auto main = [&]() -> Task<void> {
    TaskHandle<int> child = Spawn(Takes(100, 1));
    TaskHandle<int> other = Spawn(Takes(3, 2));
    AsyncFuture<std::tuple<int, int>> gather = Gather(child, other);
    co_await Yield();
    child.Cancel();
    try {
      co_await gather;
    } catch (const TaskCancelled&) {
      words.push_back(gather.cancelled() ? "cancelled" : "failed with TaskCancelled");
    }
    TaskHandle<int> second = Spawn(Takes(100, 1));
    auto settled = GatherSettled(second, other);
    co_await Yield();
    second.Cancel();
    auto [first, rest] = co_await settled;
    words.push_back(first.has_value() ? "value" : "in its place");
    words.push_back(std::to_string(rest.value()));
  };
  loop.RunUntilComplete(main());
  EXPECT_EQ(words, (Words{"failed with TaskCancelled", "in its place", "2"}));
}

TEST_F(GatherTest, CancellingWhoAwaitsItCancelsEveryChild) {  // D08
  auto main = [&]() -> Task<void> {
    auto gathers = [&]() -> Task<void> {
      co_await Gather(Forever(words, "a"), Forever(words, "b"), Forever(words, "c"));
    };
    TaskHandle<void> task = Spawn(gathers());
    for (int i = 0; i < 3; ++i) co_await Yield();
    task.Cancel();
    try {
      co_await task;
    } catch (const TaskCancelled&) {
      words.push_back("gatherer cancelled");
    }
  };
  loop.RunUntilComplete(main());
  EXPECT_EQ(words, (Words{"a cancelled", "b cancelled", "c cancelled", "gatherer cancelled"}));
}

TEST_F(GatherTest, CancellingWhoAwaitsASettledOneIsNotSwallowed) {  // D10
  auto main = [&]() -> Task<void> {
    auto gathers = [&]() -> Task<void> {
      while (true) {
        std::vector<Task<void>> one;
        one.push_back(Forever(words, "child"));
        co_await GatherSettled(std::move(one));
      }
    };
    TaskHandle<void> task = Spawn(gathers());
    for (int i = 0; i < 3; ++i) co_await Yield();
    task.Cancel();
    try {
      co_await task;
    } catch (const TaskCancelled&) {
      words.push_back("gatherer cancelled");
    }
  };
  loop.RunUntilComplete(main());
  EXPECT_EQ(words, (Words{"child cancelled", "gatherer cancelled"}));
}

TEST_F(GatherTest, OfNothingItIsEmpty) {  // D11
  auto main = []() -> Task<std::size_t> {
    co_await Gather();
    const std::vector<int> values = co_await Gather(std::vector<Task<int>>());
    co_return values.size();
  };
  EXPECT_EQ(loop.RunUntilComplete(main()), 0u);
}

// Wait.

std::string Names(const AsyncWaited<TaskHandle<int>>& waited) {
  std::string text;
  for (const TaskHandle<int>& task : waited.done) text += task.name() + " ";
  text += "|";
  for (const TaskHandle<int>& task : waited.pending) text += " " + task.name();
  return text;
}

TEST_F(GatherTest, WaitForAllThrowsNothingAndReturnsAtOnceAgain) {  // D14
  auto main = [&]() -> Task<void> {
    const std::vector<TaskHandle<int>> tasks{Spawn(Takes(3, 1), "a"), Spawn(Fails(1, "no"), "b"),
                                             Spawn(Takes(2, 3), "c")};
    words.push_back(Names(co_await Wait(tasks)));
    words.push_back(Names(co_await Wait(tasks)));
    EXPECT_NE(tasks[1].Exception(), nullptr);
  };
  loop.RunUntilComplete(main());
  EXPECT_EQ(words, (Words{"a b c |", "a b c |"}));
}

TEST_F(GatherTest, WaitForTheFirstLeavesTheOthersPending) {  // D15
  auto main = [&]() -> Task<void> {
    const std::vector<TaskHandle<int>> tasks{Spawn(Takes(9, 1), "a"), Spawn(Takes(1, 2), "b")};
    words.push_back(Names(co_await Wait(tasks, ReturnWhen::kFirstCompleted)));
    EXPECT_EQ(co_await tasks[0], 1);
  };
  loop.RunUntilComplete(main());
  EXPECT_EQ(words, (Words{"b | a"}));
}

TEST_F(GatherTest, WaitForTheFirstExceptionIsOverWithItOrWithAll) {  // D17
  auto main = [&]() -> Task<void> {
    const std::vector<TaskHandle<int>> tasks{Spawn(Takes(9, 1), "a"), Spawn(Fails(2, "no"), "b"),
                                             Spawn(Takes(1, 2), "c")};
    words.push_back(Names(co_await Wait(tasks, ReturnWhen::kFirstException)));
    words.push_back(Names(co_await Wait(tasks, ReturnWhen::kFirstException)));  // happened already
    const std::vector<TaskHandle<int>> others{tasks[0], tasks[2]};
    words.push_back(Names(co_await Wait(others, ReturnWhen::kFirstException)));
    EXPECT_NE(tasks[1].Exception(), nullptr);
  };
  loop.RunUntilComplete(main());
  EXPECT_EQ(words, (Words{"b c | a", "b c | a", "a c |"}));
}

TEST_F(GatherTest, WaitWithATimeoutCancelsNothing) {  // D18
  auto main = [&]() -> Task<void> {
    AsyncFuture<int> never;
    const std::vector<AsyncFuture<int>> futures{never};
    const AsyncWaited<AsyncFuture<int>> waited =
        co_await Wait(futures, ReturnWhen::kAllCompleted, 1ms);
    EXPECT_TRUE(waited.done.empty());
    EXPECT_EQ(waited.pending, futures);
    EXPECT_FALSE(never.done());
  };
  loop.RunUntilComplete(main());
}

TEST_F(GatherTest, WaitForNothingIsRefused) {
  auto main = []() -> Task<void> { co_await Wait(std::vector<TaskHandle<int>>()); };
  EXPECT_EQ(MessageOf<std::invalid_argument>([&] { loop.RunUntilComplete(main()); }),
            "Wait: there is nothing to wait for");
}

// AsyncCompletions.

TEST_F(GatherTest, CompletionsComeInTheirOrder) {  // D21
  auto main = [&]() -> Task<void> {
    std::vector<Task<int>> tasks;
    tasks.push_back(Takes(5, 1));
    tasks.push_back(Fails(3, "two"));
    tasks.push_back(Takes(1, 3));
    AsyncCompletions<int> results(std::move(tasks));
    while (results.remaining() > 0) {
      try {
        words.push_back(std::to_string(co_await results.Next()));
      } catch (const std::runtime_error& error) {
        words.push_back(error.what());
      }
    }
  };
  loop.RunUntilComplete(main());
  EXPECT_EQ(words, (Words{"3", "two", "1"}));
}

TEST_F(GatherTest, CompletionsAfterTheTimeIsOverThrowTimedOutAndCancelNothing) {  // D22
  auto main = [&]() -> Task<void> {
    AsyncFuture<int> now, never;
    now.SetResult(1);
    AsyncCompletions<int> results(std::vector{now, never}, 1ms);
    words.push_back(std::to_string(co_await results.Next()));
    try {
      co_await results.Next();
    } catch (const TimedOut& error) {
      words.push_back(error.what());
    }
    EXPECT_FALSE(never.done());
  };
  loop.RunUntilComplete(main());
  EXPECT_EQ(words, (Words{"1", "1 futures are unfinished"}));
}

// Shield.

TEST_F(GatherTest, AShieldPassesResultExceptionAndCancellationThrough) {  // D25
  auto main = [&]() -> Task<void> {
    words.push_back(std::to_string(co_await Shield(Takes(1, 42))));
    try {
      co_await Shield(Fails(1, "inner failed"));
    } catch (const std::runtime_error& error) {
      words.push_back(error.what());
    }
    TaskHandle<int> inner = Spawn(Takes(9, 1));
    AsyncFuture<int> outer = Shield(inner);
    inner.Cancel();
    try {
      co_await outer;
    } catch (const TaskCancelled&) {
      words.push_back(outer.cancelled() ? "outer cancelled" : "?");
    }
  };
  loop.RunUntilComplete(main());
  EXPECT_EQ(words, (Words{"42", "inner failed", "outer cancelled"}));
}

TEST_F(GatherTest, AShieldDoesNotKeepAFutureThatNobodyCompletes) {
  const auto captured = std::make_shared<int>();
  {
    AsyncFuture<int> inner(loop);
    inner.AddDoneCallback([captured] {});
    const AsyncFuture<int> outer = Shield(inner);
  }
  EXPECT_EQ(captured.use_count(), 1);
}

TEST_F(GatherTest, CancellingWhoAwaitsAShieldLeavesTheInnerOneRunning) {  // D26
  auto main = [&]() -> Task<void> {
    TaskHandle<int> inner = Spawn(Takes(9, 42));
    auto waits = [&]() -> Task<void> { co_await Shield(inner); };
    TaskHandle<void> waiter = Spawn(waits());
    co_await Yield();
    co_await Yield();
    waiter.Cancel();
    try {
      co_await waiter;
    } catch (const TaskCancelled&) {
      words.push_back("waiter cancelled");
    }
    words.push_back(std::to_string(co_await inner));
  };
  loop.RunUntilComplete(main());
  EXPECT_EQ(words, (Words{"waiter cancelled", "42"}));
}

}  // namespace
}  // namespace interleave
