// tests/async/run_test.cc

#include "runtime/async/run.h"

#include <gtest/gtest.h>

#include <csignal>
#include <stdexcept>
#include <string>
#include <vector>

#include "runtime/async/async_errors.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "tests/async/words.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;

Task<void> Forever(Words& words, std::string name) {
  try {
    co_await SleepFor(1h);
  } catch (const TaskCancelled&) {
    words.push_back(name + " cancelled");
    throw;
  }
}

TEST(RunTest, RunReturnsTheValueOrThrowsTheException) {  // H01
  EXPECT_EQ(interleave::Run([]() -> Task<int> { co_return 42; }()), 42);
  auto fails = []() -> Task<void> {
    co_await Yield();
    throw std::out_of_range("no such row");
  };
  EXPECT_EQ(MessageOf<std::out_of_range>([&] { interleave::Run(fails()); }), "no such row");
}

TEST(RunTest, RunInsideARunningLoopIsRefused) {  // H03
  Words words;
  auto inner = []() -> Task<void> { co_return; };
  auto main = [&]() -> Task<void> {
    words.push_back(MessageOf<std::logic_error>([&] { interleave::Run(inner()); }));
    co_return;
  };
  testing::internal::CaptureStderr();
  interleave::Run(main());
  EXPECT_EQ(testing::internal::GetCapturedStderr().substr(0, 20), "coroutine 'lambda in");
  EXPECT_EQ(words,
            (Words{"Run: an event loop runs in this thread already; await the task instead"}));
}

TEST(RunTest, WhatIsLeftIsCancelledAndWaitedFor) {  // H04
  Words words;
  auto cleans_up = [&]() -> Task<void> {
    try {
      co_await SleepFor(1h);
    } catch (const TaskCancelled&) {
    }
    for (int i = 0; i < 3; ++i) co_await Yield();
    words.push_back("cleaned up");
  };
  auto main = [&]() -> Task<int> {
    Spawn(Forever(words, "left over"));
    Spawn(cleans_up());
    co_await Yield();
    co_return 42;
  };
  EXPECT_EQ(interleave::Run(main()), 42);
  EXPECT_EQ(words, (Words{"left over cancelled", "cleaned up"}));
}

TEST(RunTest, TheLeftOverHandlerIsToldOfTasksThatAreNotDone) {
  Words words;
  auto main = [&]() -> Task<void> {
    Spawn(Forever(words, "x"), "forgotten");
    co_await Yield();
  };
  {
    Runner runner;
    runner.SetLeftOverHandler([&](const std::vector<AnyTask>& tasks) {
      for (const AnyTask& task : tasks) words.push_back(task.name());
    });
    runner.Run(main());
  }
  EXPECT_EQ(words, (Words{"forgotten", "x cancelled"}));
}

TEST(RunTest, ARunnerRunsSeveralTasksOnOneLoop) {
  Runner runner;
  AsyncFuture<int> future(runner.loop());
  auto sets = [&]() -> Task<void> {
    future.SetResult(42);
    co_return;
  };
  auto awaits = [&]() -> Task<int> { co_return co_await future; };
  runner.Run(sets());
  EXPECT_EQ(runner.Run(awaits()), 42);
}

TEST(RunTest, ControlCCancelsTheMainTaskAndThenThrowsInterrupted) {  // H07
  Words words;
  auto main = [&]() -> Task<void> {
    EventLoop::Current().CallSoon([] { raise(SIGINT); });
    co_await Forever(words, "main");
  };
  EXPECT_THROW(interleave::Run(main()), Interrupted);
  EXPECT_EQ(words, (Words{"main cancelled"}));
}

TEST(RunTest, AMainTaskThatIsCancelledOtherwiseStaysCancelled) {  // H07
  Words words;
  auto main = [&]() -> Task<void> {
    EventLoop::Current().CallSoon([task = CurrentTask()]() mutable {
      task.Cancel();
      raise(SIGINT);
    });
    co_await Forever(words, "main");
  };
  EXPECT_THROW(interleave::Run(main()), TaskCancelled);
}

TEST(RunTest, AMainTaskThatCatchesControlCReturnsItsValue) {
  auto main = []() -> Task<int> {
    EventLoop::Current().CallSoon([] { raise(SIGINT); });
    try {
      co_await SleepFor(1h);
    } catch (const TaskCancelled&) {
    }
    co_return 42;
  };
  EXPECT_EQ(interleave::Run(main()), 42);
}

TEST(RunTest, ASecondControlCDoesNotWaitForCleaningUp) {
  Words words;
  auto main = [&]() -> Task<void> {
    EventLoop::Current().CallSoon([] { raise(SIGINT); });
    try {
      co_await SleepFor(1h);
    } catch (const TaskCancelled&) {
      words.push_back("cleaning up");
    }
    raise(SIGINT);
    co_await Forever(words, "stubborn");
  };
  EXPECT_THROW(interleave::Run(main()), Interrupted);
  EXPECT_EQ(words, (Words{"cleaning up", "stubborn cancelled"}));
}

TEST(RunTest, AProgramsOwnHandlerOfControlCIsLeftAlone) {
  static volatile std::sig_atomic_t caught;
  caught = 0;
  auto before = std::signal(SIGINT, [](int) { caught = 1; });
  auto main = []() -> Task<int> {
    raise(SIGINT);
    co_await Yield();
    co_return 42;
  };
  EXPECT_EQ(interleave::Run(main()), 42);
  EXPECT_EQ(caught, 1);
  std::signal(SIGINT, before);
}

}  // namespace
}  // namespace interleave
