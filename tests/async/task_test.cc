// tests/async/task_test.cc

#include "runtime/async/task.h"

#include <gtest/gtest.h>

#include <memory>
#include <regex>
#include <stdexcept>
#include <string>
#include <utility>

#include "runtime/async/async_future.h"
#include "runtime/async/context.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "tests/async/words.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;

Task<int> Sum(int a, int b) {
  co_await Yield();
  co_return a + b;
}

// Awaiting.

TEST(TaskTest, ANestedAwaitReturnsTheInnerValueWithoutATurnOfTheLoop) {  // C01
  EventLoop loop;
  Words words;
  auto inner = [&]() -> Task<int> {
    words.push_back("inner");
    co_return 1000;
  };
  auto outer = [&]() -> Task<int> {
    EventLoop::Current().CallSoon([&] { words.push_back("callback"); });
    const int value = 42 + co_await inner();
    words.push_back("outer");
    co_return value;
  };
  EXPECT_EQ(loop.RunUntilComplete(outer()), 1042);
  EXPECT_EQ(words, (Words{"inner", "outer", "callback"}));
}

TEST(TaskTest, AnExceptionGoesThroughTheChainOfAwaitsWithItsType) {
  EventLoop loop;
  Words words;
  auto fails = []() -> Task<int> {
    co_await Yield();
    throw std::out_of_range("no such row");
  };
  auto middle = [&]() -> Task<int> {
    struct Says {
      Words& words;
      ~Says() { words.push_back("middle unwound"); }
    } says{words};
    co_return co_await fails();
  };
  auto outer = [&]() -> Task<std::string> {
    try {
      co_await middle();
    } catch (const std::out_of_range& error) {
      co_return error.what();
    }
    co_return "nothing";
  };
  EXPECT_EQ(loop.RunUntilComplete(outer()), "no such row");
  EXPECT_EQ(words, (Words{"middle unwound"}));
}

TEST(TaskTest, AResultMayBeMoveOnlyOrWithoutDefaultConstructor) {
  struct Number {
    explicit Number(int n) : value(std::make_unique<int>(n)) {}
    std::unique_ptr<int> value;
  };
  EventLoop loop;
  auto makes = []() -> Task<Number> { co_return Number(7); };
  auto outer = [&]() -> Task<int> {
    TaskHandle<Number> handle = Spawn(makes());
    const Number direct = co_await makes();
    const Number spawned = co_await handle;
    co_return *direct.value + *spawned.value;
  };
  EXPECT_EQ(loop.RunUntilComplete(outer()), 14);
}

TEST(TaskTest, ATaskIsAwaitedOnce) {  // C05
  EventLoop loop;
  auto outer = []() -> Task<int> {
    Task<int> task = Sum(1, 2);
    const int first = co_await task;
    co_return first + co_await task;
  };
  EXPECT_EQ(MessageOf<std::logic_error>([&] { loop.RunUntilComplete(outer()); }),
            "a Task can be awaited once, and this one was awaited or spawned before");
}

TEST(TaskTest, ParametersLiveUntilTheCoroutineHasEndedAndNoLonger) {
  EventLoop loop;
  auto parameter = std::make_shared<int>(1);
  std::weak_ptr<int> watch = parameter;
  TaskHandle<void> handle = SpawnOn(
      loop, [](std::shared_ptr<int>) -> Task<void> { co_await Yield(); }(std::move(parameter)));
  RunBriefly(loop);
  EXPECT_FALSE(watch.expired());
  loop.RunUntilComplete(handle);
  EXPECT_TRUE(watch.expired());
}

TEST(TaskTest, ACoroutineThatNeverRanIsReportedByNameAndPlace) {
  EventLoop loop;
  Words errors;
  CollectErrors(loop, errors);
  loop.RunUntilComplete([]() -> Task<void> {
    Task<int> forgotten = Sum(1, 2);
    co_return;
  }());
#if defined(__clang__)
  const std::string line = "24";  // where the function begins
#else
  const std::string line = "27";  // where it ends: g++ says so of all that a promise can ask it
#endif
  EXPECT_EQ(errors, (Words{"coroutine 'Sum' was never awaited (task_test.cc:" + line + ")"}));
}

TEST(TaskTest, AChainOfAMillionAwaitsNeitherOverflowsTheStackNorGoesThroughTheLoop) {
  EventLoop loop;
  struct Chain {
    static Task<int> Await(int more) {
      if (more == 0) co_return 0;
      co_return 1 + co_await Await(more - 1);
    }
  };
  EXPECT_EQ(loop.RunUntilComplete(Chain::Await(1'000'000)), 1'000'000);
}

TEST(TaskTest, AwaitsDeeperThanTheLimitAreRefusedInWords) {
  EventLoop loop;
  loop.SetAwaitDepthLimit(1000);
  struct Chain {
    static Task<int> Foo(int more) {
      co_await Yield();
      if (more == 0) co_return 0;
      co_return 1 + co_await Boo(more - 1);
    }
    static Task<int> Boo(int more) {
      if (more == 0) co_return 0;
      co_return 1 + co_await Foo(more - 1);
    }
  };
  EXPECT_EQ(loop.RunUntilComplete(Chain::Foo(1000)), 1000);
  EXPECT_EQ(MessageOf<std::runtime_error>([&] { loop.RunUntilComplete(Chain::Foo(1001)); }),
            "awaits are nested 1001 deep, one more than the limit: "
            "... Boo awaits Foo awaits Boo awaits Foo awaits Boo");
}

// Spawning.

TEST(TaskTest, SpawningRunsNothingBeforeTheSpawnerGivesWay) {
  EventLoop loop;
  Words words;
  loop.RunUntilComplete([](Words& words) -> Task<void> {
    auto body = [&]() -> Task<void> {
      words.push_back("task");
      co_return;
    };
    TaskHandle<void> task = Spawn(body());
    words.push_back("creator");
    co_await task;
  }(words));
  EXPECT_EQ(words, (Words{"creator", "task"}));
}

TEST(TaskTest, ASpawnedLambdaIsKeptUntilItHasEnded) {
  EventLoop loop;
  Words words;
  loop.RunUntilComplete([](Words& words) -> Task<void> {
    TaskHandle<void> task = Spawn([&words, text = std::string("captured")]() -> Task<void> {
      co_await Yield();
      words.push_back(text);
    });
    co_await task;
  }(words));
  EXPECT_EQ(words, (Words{"captured"}));
}

TEST(TaskTest, ADroppedHandleLeavesTheTaskRunning) {
  EventLoop loop;
  Words words;
  loop.RunUntilComplete([](Words& words) -> Task<void> {
    Spawn([&]() -> Task<void> {
      co_await Yield();
      words.push_back("ran");
    });
    for (int i = 0; i < 3; ++i) co_await Yield();
  }(words));
  EXPECT_EQ(words, (Words{"ran"}));
}

TEST(TaskTest, TheExceptionOfADroppedTaskIsReported) {  // B08
  EventLoop loop;
  Words errors;
  CollectErrors(loop, errors);
  auto fails = []() -> Task<void> {
    throw std::runtime_error("lost");
    co_return;
  };
  SpawnOn(loop, fails(), "loser");
  RunBriefly(loop);
  EXPECT_EQ(errors, (Words{"Task exception was never retrieved, loser: lost"}));
}

TEST(TaskTest, ATasksResultIsSetByTheTaskAlone) {  // C03
  EventLoop loop;
  TaskHandle<int> task = SpawnOn(loop, Sum(1, 2));
  EXPECT_EQ(MessageOf<std::logic_error>([&] { task.SetResult(1); }),
            "a task's result is set by the task alone");
  EXPECT_EQ(MessageOf<std::logic_error>([&] { task.SetException(std::runtime_error("no")); }),
            "a task's result is set by the task alone");
  EXPECT_EQ(loop.RunUntilComplete(task), 3);
}

TEST(TaskTest, ATaskCannotAwaitItself) {  // C04
  EventLoop loop;
  auto awaits = [](AsyncFuture<void>& me) -> Task<void> { co_await me; };
  AsyncFuture<void> me(loop);
  TaskHandle<void> task = SpawnOn(loop, awaits(me));
  me = task;
  EXPECT_EQ(MessageOf<std::logic_error>([&] { loop.RunUntilComplete(task); }),
            "a task cannot await itself");
}

TEST(TaskTest, TasksInARingAreReportedByNameAndCancellingOneEndsAll) {
  EventLoop loop;
  Words errors, words;
  CollectErrors(loop, errors);
  std::vector<AsyncFuture<void>> others(3, AsyncFuture<void>(loop));
  auto awaits = [&](int i) -> Task<void> {
    try {
      co_await others[i];
    } catch (const TaskCancelled&) {
      words.push_back("cancelled " + CurrentTask().name());
      throw;
    }
  };
  std::vector<TaskHandle<void>> tasks;
  for (int i = 0; i < 3; ++i) {
    tasks.push_back(SpawnOn(loop, awaits(i), std::string(1, static_cast<char>('a' + i))));
  }
  for (int i = 0; i < 3; ++i) others[i] = tasks[(i + 1) % 3];
  RunBriefly(loop);
  EXPECT_EQ(errors, (Words{"tasks wait for each other: c -> a -> b -> c"}));
  tasks[1].Cancel();
  EXPECT_THROW(loop.RunUntilComplete(tasks[1]), TaskCancelled);
  EXPECT_EQ(words, (Words{"cancelled a", "cancelled c", "cancelled b"}));
}

// A ring of more tasks than one looks ahead is found when the loop has nothing else to do.
TEST(TaskTest, ALongRingIsReportedWhenTheLoopGoesToSleep) {
  EventLoop loop;
  Words errors;
  loop.SetExceptionHandler([&](EventLoop& loop, const LoopError& error) {
    errors.push_back(error.Text().substr(0, 41));
    loop.Stop();
  });
  constexpr int kTasks = 100;
  std::vector<AsyncFuture<void>> others(kTasks, AsyncFuture<void>(loop));
  auto awaits = [&](int i) -> Task<void> { co_await others[i]; };
  std::vector<TaskHandle<void>> tasks;
  for (int i = 0; i < kTasks; ++i) tasks.push_back(SpawnOn(loop, awaits(i)));
  for (int i = 0; i < kTasks; ++i) others[i] = tasks[(i + kTasks - 1) % kTasks];
  loop.CallLater(1ms, [] {});
  std::thread waker([&] {  // the loop sleeps without a limit, once the timer is gone
    std::this_thread::sleep_for(20ms);
    loop.CallSoonThreadSafe([] {});
  });
  loop.RunForever();
  waker.join();
  EXPECT_EQ(errors, (Words{"tasks wait for each other: Task-" + errors.at(0).substr(32)}));
  tasks[0].Cancel();
  for (TaskHandle<void>& task : tasks) EXPECT_THROW(loop.RunUntilComplete(task), TaskCancelled);
}

// Names and texts.

TEST(TaskTest, NamesAreGivenOrCounted) {  // C07
  EventLoop loop;
  TaskHandle<int> first = SpawnOn(loop, Sum(1, 2));
  TaskHandle<int> named = SpawnOn(loop, Sum(1, 2), "adder");
  TaskHandle<int> third = SpawnOn(loop, Sum(1, 2));
  const int number = std::stoi(first.name().substr(5));
  EXPECT_EQ(first.name(), "Task-" + std::to_string(number));
  EXPECT_EQ(named.name(), "adder");
  EXPECT_EQ(third.name(), "Task-" + std::to_string(number + 2));
  third.SetName("other");
  EXPECT_EQ(third.name(), "other");
  RunBriefly(loop, 2);
}

TEST(TaskTest, TheTextOfATaskSaysWhatItIsDoing) {  // C06
  EventLoop loop;
  AsyncFuture<void> future(loop);
  struct Fetches {
    static Task<void> Fetch(AsyncFuture<void>& future) { co_await future; }
    static Task<void> Crawl(AsyncFuture<void>& future) { co_await Fetch(future); }
  };
  TaskHandle<void> task = SpawnOn(loop, Fetches::Crawl(future), "crawler");
  const std::string line = std::to_string(__LINE__ - 3);
  EXPECT_EQ(task.Text(),
            "<Task pending name='crawler' coro=<Crawl() running at task_test.cc:" + line + ">>");
  RunBriefly(loop);
  EXPECT_EQ(task.Text(), "<Task pending name='crawler' coro=<Crawl() running at task_test.cc:" +
                             line + "> wait_for=<Future pending>>");
  task.Cancel();
  EXPECT_EQ(task.Text().substr(0, 16), "<Task cancelling");
  RunBriefly(loop, 2);
  // Which line of the function is named is the compiler's choice.
  auto text_without_line = [](const AnyTask& task) {
    return std::regex_replace(task.Text(), std::regex(":[0-9]+>"), ":N>");
  };
  EXPECT_EQ(text_without_line(task),
            "<Task cancelled name='crawler' coro=<Crawl() done, defined at task_test.cc:N>>");
  TaskHandle<int> sum = SpawnOn(loop, Sum(1, 2), "adder");
  loop.RunUntilComplete(sum);
  EXPECT_EQ(text_without_line(sum),
            "<Task finished name='adder' coro=<Sum() done, defined at task_test.cc:N> result=3>");
  struct Ends {
    static Task<std::string> Read() { co_return "abc"; }
    static Task<void> Fail() {
      throw std::runtime_error("no such book");
      co_return;
    }
  };
  TaskHandle<std::string> read = SpawnOn(loop, Ends::Read(), "reader");
  TaskHandle<void> failed = SpawnOn(loop, Ends::Fail(), "lookup");
  TaskHandle<void> never = SpawnOn(loop, Fetches::Crawl(future), "never");
  never.Cancel();
  RunBriefly(loop);
  EXPECT_EQ(text_without_line(read),
            "<Task finished name='reader' coro=<Read() done, defined at task_test.cc:N> "
            "result='abc'>");
  EXPECT_EQ(text_without_line(failed),
            "<Task finished name='lookup' coro=<Fail() done, defined at task_test.cc:N> "
            "exception='no such book'>");
  EXPECT_EQ(text_without_line(never),
            "<Task cancelled name='never' coro=<Crawl() done, defined at task_test.cc:N>>");
  EXPECT_NE(failed.Exception(), nullptr);  // or it would be reported
}

TEST(TaskTest, TheCurrentTaskIsTheOneThatRuns) {  // C08
  EventLoop loop;
  EXPECT_FALSE(CurrentTask());
  Words words;
  auto body = [&](std::string name) -> Task<void> {
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(CurrentTask().name(), name);
      words.push_back(name);
      co_await Yield();
    }
  };
  SpawnOn(loop, body("a"), "a");
  SpawnOn(loop, body("b"), "b");
  loop.CallSoon([] { EXPECT_FALSE(CurrentTask()); });
  RunBriefly(loop, 3);
  EXPECT_EQ(words, (Words{"a", "b", "a", "b"}));
}

TEST(TaskTest, AllTasksHasATaskFromItsCreationUntilItIsDone) {  // C21
  EventLoop loop;
  loop.RunUntilComplete([]() -> Task<void> {
    EXPECT_EQ(AllTasks().size(), 1u);
    TaskHandle<int> a = Spawn(Sum(1, 2)), b = Spawn(Sum(3, 4));
    EXPECT_EQ(AllTasks(), (std::vector<AnyTask>{CurrentTask(), a, b}));
    co_await a;
    co_await b;
    EXPECT_EQ(AllTasks(), (std::vector<AnyTask>{CurrentTask()}));
  }());
}

// Context.

TEST(TaskTest, AContextVariableHasAValuePerTask) {
  EventLoop loop;
  Words words;
  ContextVar<std::string> request("-");
  auto leaf = [&]() -> Task<void> {
    words.push_back(request.Get());
    request.Set(request.Get() + "'");
    co_await Yield();
    words.push_back(request.Get());
  };
  auto serve = [&](std::string id) -> Task<void> {
    request.Set(id);
    co_await Yield();
    TaskHandle<void> child = Spawn(leaf());  // begins with this task's value
    co_await child;
    words.push_back(request.Get());  // what the child set is the child's
  };
  SpawnOn(loop, serve("a"));
  SpawnOn(loop, serve("b"));
  TaskHandle<void> last = SpawnOn(loop, leaf());
  RunBriefly(loop, 8);
  EXPECT_EQ(words, (Words{"-", "-'", "a", "b", "a'", "b'", "a", "b"}));
  EXPECT_EQ(request.Get(), "-");
}

TEST(TaskTest, AYieldLetsGoFirstWhatWasScheduledBeforeIt) {  // D02
  EventLoop loop;
  Words words;
  auto yields = [&]() -> Task<void> {
    loop.CallSoon([&] { words.push_back("callback"); });
    co_await Yield();
    words.push_back("task");
    loop.CallSoon([&] { words.push_back("second callback"); });
    co_await SleepFor(EventLoop::Duration(0));
    words.push_back("end");
  };
  loop.RunUntilComplete(yields());
  EXPECT_EQ(words, (Words{"callback", "task", "second callback", "end"}));
}

}  // namespace
}  // namespace interleave
