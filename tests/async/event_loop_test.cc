// tests/async/event_loop_test.cc
//
// Callbacks, timers, descriptors, and the loop's own life. Ids are rows of the contracts that
// docs/python.md lists.

#include "runtime/async/event_loop.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "runtime/async/async_errors.h"
#include "runtime/async/async_future.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "tests/async/words.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;

struct Pipe {
  Pipe() { EXPECT_EQ(pipe(fds), 0); }
  ~Pipe() {
    close(fds[0]);
    close(fds[1]);
  }
  int reader() const { return fds[0]; }
  int writer() const { return fds[1]; }
  int fds[2];
};

// Order.

TEST(EventLoopTest, CallbacksRunInTheOrderOfRegistrationWithTheirArguments) {  // A01
  EventLoop loop;
  Words words;
  auto say = [&](const std::string& what, int number) {
    words.push_back(what + std::to_string(number));
  };
  loop.CallSoon(say, "a", 1);
  loop.CallSoon(say, "b", 2);
  loop.CallSoon([&] { loop.Stop(); });
  loop.RunForever();
  EXPECT_EQ(words, (Words{"a1", "b2"}));
}

TEST(EventLoopTest, WhatACallbackSchedulesRunsInTheNextIteration) {  // A02
  EventLoop loop;
  Words words;
  loop.CallSoon([&] {
    words.push_back("first");
    loop.CallSoon([&] { words.push_back("next"); });
  });
  loop.CallSoon([&] { words.push_back("second"); });
  RunBriefly(loop);
  EXPECT_EQ(words, (Words{"first", "second"}));
  RunBriefly(loop);
  EXPECT_EQ(words, (Words{"first", "second", "next"}));
}

TEST(EventLoopTest, WhatAnExpiredTimerSchedulesRunsInTheNextIteration) {  // A02
  EventLoop loop;
  Words words;
  loop.CallLater(-1ns, [&] {
    words.push_back("timer");
    loop.CallSoon([&] { words.push_back("next"); });
  });
  RunBriefly(loop);
  EXPECT_EQ(words, (Words{"timer"}));
  RunBriefly(loop);
  EXPECT_EQ(words, (Words{"timer", "next"}));
}

TEST(EventLoopTest, AnExpiredTimerQueuesBehindWhatWasReady) {
  EventLoop loop;
  Words words;
  loop.CallLater(-1s, [&] { words.push_back("timer"); });
  loop.CallSoon([&] { words.push_back("ready"); });
  RunBriefly(loop);
  EXPECT_EQ(words, (Words{"ready", "timer"}));
}

TEST(EventLoopTest, TimersFireInTheOrderOfTheirDeadlines) {  // A06
  EventLoop loop;
  Words words;
  const EventLoop::TimePoint now = loop.Time();
  for (const int ms : {3, 1, -1, 2, -2}) {
    loop.CallAt(now + ms * 1ms, [&, ms] { words.push_back(std::to_string(ms)); });
  }
  loop.CallAt(now + 4ms, [&] { loop.Stop(); });
  loop.RunForever();
  EXPECT_EQ(words, (Words{"-2", "-1", "1", "2", "3"}));
}

TEST(EventLoopTest, TimersWithOneDeadlineFireInTheOrderOfTheirRegistration) {  // A24
  EventLoop loop;
  const EventLoop::TimePoint then = loop.Time() + 1ms;
  std::vector<int> fired;
  for (int i = 0; i < 100; ++i) loop.CallAt(then, [&, i] { fired.push_back(i); });
  loop.CallAt(then, [&] { loop.Stop(); });
  loop.RunForever();
  std::vector<int> expected(100);
  for (int i = 0; i < 100; ++i) expected[i] = i;
  EXPECT_EQ(fired, expected);
}

TEST(EventLoopTest, ATimerNeverFiresTooEarly) {  // A05
  EventLoop loop;
  const EventLoop::TimePoint start = loop.Time();
  EventLoop::TimePoint fired;
  loop.CallAt(start + 5ms, [&] {
    fired = loop.Time();
    loop.Stop();
  });
  loop.RunForever();
  EXPECT_GE(fired - start, 5ms);
}

TEST(EventLoopTest, ATimeScaleShortensEveryDelayAndKeepsTheirOrder) {
  EventLoop::SetTimeScale(1e-6);
  {
    EventLoop loop;
    Words words;
    auto say = [&](const char* word) { words.push_back(word); };
    loop.CallLater(3h, say, "three");
    loop.CallLater(1h, say, "one");
    loop.CallLater(-1h, say, "before");
    auto sleeper = [&]() -> Task<void> {
      co_await SleepFor(5h);
      words.push_back("five");
    };
    const EventLoop::TimePoint start = loop.Time();
    loop.RunUntilComplete(sleeper());
    EXPECT_GE(loop.Time() - start, 5h / 1'000'000);
    EXPECT_EQ(words, (Words{"before", "one", "three", "five"}));
  }
  EventLoop::SetTimeScale(1);
}

TEST(EventLoopTest, TheHeapHoldsAgainstASortedListWithCancellationsInBetween) {
  EventLoop loop;
  std::uint32_t random = 1;
  auto next = [&] { return random = random * 1664525 + 1013904223; };
  const EventLoop::TimePoint start = loop.Time();
  std::multimap<EventLoop::TimePoint, int> model;  // keeps the order among equals
  std::vector<std::pair<Handle, std::multimap<EventLoop::TimePoint, int>::iterator>> armed;
  std::vector<int> fired;
  for (int i = 0; i < 2000; ++i) {
    const EventLoop::TimePoint when = start - std::chrono::nanoseconds(next() >> 22);
    Handle handle = loop.CallAt(when, [&, i] { fired.push_back(i); });
    armed.emplace_back(handle, model.emplace(when, i));
    if (next() % 3 == 0) {
      auto& chosen = armed[next() % armed.size()];
      if (!chosen.first.cancelled()) model.erase(chosen.second);
      chosen.first.Cancel();
    }
  }
  RunBriefly(loop);
  std::vector<int> expected;
  for (const auto& [when, i] : model) expected.push_back(i);
  EXPECT_EQ(fired, expected);
}

// Handles.

TEST(EventLoopTest, ACancelledCallbackIsDroppedAtOnceAndNeverCalled) {  // A07, A09
  EventLoop loop;
  auto captured = std::make_shared<int>(1);
  std::weak_ptr<int> watch = captured;
  Words words;
  Handle timer = loop.CallLater(0s, [&, captured] { words.push_back("timer"); });
  Handle soon = loop.CallSoon([&, captured = std::move(captured)] { words.push_back("soon"); });
  EXPECT_FALSE(timer.cancelled());
  timer.Cancel();
  soon.Cancel();
  soon.Cancel();  // harmless
  EXPECT_TRUE(timer.cancelled());
  EXPECT_TRUE(watch.expired());
  RunBriefly(loop);
  EXPECT_EQ(words, Words());
}

TEST(EventLoopTest, ACallbackMayCancelItself) {
  EventLoop loop;
  auto captured = std::make_shared<std::string>("still here");
  std::weak_ptr<std::string> watch = captured;
  std::string seen;
  Handle handle;
  handle = loop.CallSoon([&, captured = std::move(captured)] {
    handle.Cancel();
    seen = *captured;
  });
  RunBriefly(loop);
  EXPECT_EQ(seen, "still here");
  EXPECT_TRUE(watch.expired());
}

TEST(EventLoopTest, AHandleMayOutliveItsLoop) {
  Handle handle;
  {
    EventLoop loop;
    handle = loop.CallLater(1h, [] {});
  }
  EXPECT_FALSE(handle.cancelled());
}

// Exceptions.

TEST(EventLoopTest, AnExceptionInACallbackIsReportedAndTheLoopGoesOn) {  // A10
  EventLoop loop;
  Words errors, words;
  CollectErrors(loop, errors);
  loop.CallSoon([] { throw std::runtime_error("no such row"); });
  loop.CallSoon([&] { words.push_back("goes on"); });
  RunBriefly(loop);
  EXPECT_EQ(errors, (Words{"Exception in callback: no such row"}));
  EXPECT_EQ(words, (Words{"goes on"}));
}

TEST(EventLoopTest, TheDefaultHandlerWritesALineAndNullptrRestoresIt) {  // A11
  EventLoop loop;
  Words errors;
  CollectErrors(loop, errors);
  loop.SetExceptionHandler(nullptr);
  loop.CallSoon([] { throw std::runtime_error("no such row"); });
  testing::internal::CaptureStderr();
  RunBriefly(loop);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "Exception in callback: no such row\n");
  EXPECT_EQ(errors, Words());
}

TEST(EventLoopTest, AnExceptionHandlerThatThrowsIsReportedAndDoesNotEndTheLoop) {  // A11
  EventLoop loop;
  loop.SetExceptionHandler(
      [](EventLoop&, const LoopError&) { throw std::runtime_error("handler is broken"); });
  loop.CallSoon([] { throw std::runtime_error("no such row"); });
  Words words;
  loop.CallSoon([&] { words.push_back("goes on"); });
  testing::internal::CaptureStderr();
  RunBriefly(loop);
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "Exception in callback: no such row\n"
            "the exception handler itself threw: handler is broken\n");
  EXPECT_EQ(words, (Words{"goes on"}));
}

TEST(EventLoopTest, InterruptedLeavesTheLoopAtOnceAndItCanBeRunAgain) {  // A18
  EventLoop loop;
  Words errors, words;
  CollectErrors(loop, errors);
  TaskHandle<void> task = SpawnOn(loop, []() -> Task<void> {
    co_await Yield();
    throw Interrupted();
  }());
  loop.CallSoon([&] { loop.CallSoon([&] { words.push_back("left over"); }); });
  EXPECT_THROW(loop.RunForever(), Interrupted);
  EXPECT_EQ(words, Words());
  EXPECT_TRUE(task.done());
  RunBriefly(loop);
  EXPECT_EQ(words, (Words{"left over"}));

  loop.CallSoon([] { throw Interrupted(); });
  EXPECT_THROW(loop.RunForever(), Interrupted);
  EXPECT_EQ(errors, Words());  // it was no failure that somebody forgot
}

// Threads.

TEST(EventLoopTest, CallSoonThreadSafeWakesALoopThatSleeps) {  // A12
  EventLoop loop;
  Words words;
  std::thread other([&] {
    loop.CallSoonThreadSafe([&](const std::string& word) { words.push_back(word); },
                            "from outside");
    loop.CallSoonThreadSafe([&] { loop.Stop(); });
  });
  loop.RunForever();  // hangs if it is not woken
  other.join();
  EXPECT_EQ(words, (Words{"from outside"}));
}

TEST(EventLoopTest, CallSoonThreadSafeOfTheLoopsThreadKeepsTheOrder) {  // A12
  EventLoop loop;
  Words words;
  loop.CallSoonThreadSafe([&] { words.push_back("a"); });
  loop.CallSoon([&] { words.push_back("b"); });
  loop.CallSoonThreadSafe([&] { words.push_back("c"); });
  RunBriefly(loop);
  EXPECT_EQ(words, (Words{"a", "b", "c"}));
}

TEST(EventLoopTest, ManyThreadsCallAndNothingIsLost) {
  EventLoop loop;
  constexpr int kThreads = 4, kCalls = 1000;
  int called = 0;
  std::vector<int> last(kThreads, -1);
  bool in_order = true;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kCalls; ++i) {
        loop.CallSoonThreadSafe([&, t, i] {
          in_order = in_order && last[t] == i - 1;
          last[t] = i;
          if (++called == kThreads * kCalls) loop.Stop();
        });
      }
    });
  }
  loop.RunForever();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(called, kThreads * kCalls);
  EXPECT_TRUE(in_order);
}

// Descriptors and signals.

TEST(EventLoopTest, AReaderIsCalledWhileThereIsSomethingToRead) {
  EventLoop loop;
  Pipe pipe;
  std::string got;
  loop.AddReader(pipe.reader(), [&] {
    char byte;
    ASSERT_EQ(read(pipe.reader(), &byte, 1), 1);
    got += byte;
    if (got.size() == 3) loop.Stop();
  });
  loop.CallSoon([&] { ASSERT_EQ(write(pipe.writer(), "abc", 3), 3); });
  loop.RunForever();
  EXPECT_EQ(got, "abc");
  EXPECT_TRUE(loop.RemoveReader(pipe.reader()));
  EXPECT_FALSE(loop.RemoveReader(pipe.reader()));
}

TEST(EventLoopTest, AWriterIsCalledWhileThereIsRoom) {
  EventLoop loop;
  Pipe pipe;
  int called = 0;
  loop.AddWriter(pipe.writer(), [&] {
    if (++called == 3) {
      EXPECT_TRUE(loop.RemoveWriter(pipe.writer()));
      loop.CallSoon([&] { loop.Stop(); });
    }
  });
  loop.RunForever();
  EXPECT_EQ(called, 3);
}

TEST(EventLoopTest, AReaderThatIsRemovedWhileItIsReadyIsNotCalled) {
  EventLoop loop;
  Pipe pipe;
  Words words;
  ASSERT_EQ(write(pipe.writer(), "x", 1), 1);
  loop.AddReader(pipe.reader(), [&] { words.push_back("reader"); });
  loop.CallSoon([&] { loop.RemoveReader(pipe.reader()); });
  RunBriefly(loop, 2);
  EXPECT_EQ(words, Words());
}

TEST(EventLoopTest, DescriptorsAreServedWhileTasksKeepTheLoopBusy) {
  EventLoop loop;
  Pipe pipe;
  ASSERT_EQ(write(pipe.writer(), "x", 1), 1);
  bool served = false;
  loop.AddReader(pipe.reader(), [&] {
    served = true;
    loop.RemoveReader(pipe.reader());
  });
  loop.RunUntilComplete([](bool& served) -> Task<void> {
    while (!served) co_await Yield();  // hangs if they are not
  }(served));
}

TEST(EventLoopTest, ADescriptorThatCannotBeWatchedIsRefused) {
  EventLoop loop;
  EXPECT_THROW(loop.AddReader(-1, [] {}), std::system_error);
  EXPECT_FALSE(loop.RemoveReader(-1));
}

TEST(EventLoopTest, ASignalHandlerRunsInTheLoop) {
  EventLoop loop;
  Words words;
  loop.AddSignalHandler(SIGUSR1, [&] {
    words.push_back("signal");
    loop.Stop();
  });
  loop.CallSoon([] { raise(SIGUSR1); });
  loop.RunForever();
  EXPECT_EQ(words, (Words{"signal"}));
  EventLoop other;
  EXPECT_THROW(other.AddSignalHandler(SIGUSR1, [] {}), std::logic_error);
  EXPECT_TRUE(loop.RemoveSignalHandler(SIGUSR1));
  EXPECT_FALSE(loop.RemoveSignalHandler(SIGUSR1));
  other.AddSignalHandler(SIGUSR1, [] {});
}

TEST(EventLoopTest, NoSuchSignalIsRefused) {
  EventLoop loop;
  EXPECT_THROW(loop.AddSignalHandler(0, [] {}), std::invalid_argument);
  EXPECT_THROW(loop.AddSignalHandler(SIGKILL, [] {}), std::system_error);
}

// Running and closing.

TEST(EventLoopTest, AfterCloseEverythingIsRefused) {  // A14
  EventLoop loop;
  loop.Close();
  loop.Close();
  EXPECT_TRUE(loop.is_closed());
  const std::string closed = "the event loop is closed";
  auto coroutine = []() -> Task<void> { co_return; };
  EXPECT_EQ(MessageOf<std::logic_error>([&] { loop.RunForever(); }), closed);
  EXPECT_EQ(MessageOf<std::logic_error>([&] { loop.CallSoon([] {}); }), closed);
  EXPECT_EQ(MessageOf<std::logic_error>([&] { loop.CallSoonThreadSafe([] {}); }), closed);
  std::thread([&] {
    EXPECT_EQ(MessageOf<std::logic_error>([&] { loop.CallSoonThreadSafe([] {}); }), closed);
  }).join();
  EXPECT_EQ(MessageOf<std::logic_error>([&] { loop.CallLater(1s, [] {}); }), closed);
  EXPECT_EQ(MessageOf<std::logic_error>([&] { loop.CallAt(loop.Time(), [] {}); }), closed);
  EXPECT_EQ(MessageOf<std::logic_error>([&] { loop.AddReader(0, [] {}); }), closed);
  EXPECT_EQ(MessageOf<std::logic_error>([&] { loop.AddSignalHandler(SIGUSR1, [] {}); }), closed);
  EXPECT_EQ(MessageOf<std::logic_error>([&] { loop.default_pool(); }), closed);
  testing::internal::CaptureStderr();  // the coroutines that don't run
  EXPECT_EQ(MessageOf<std::logic_error>([&] { loop.RunUntilComplete(coroutine()); }), closed);
  EXPECT_EQ(MessageOf<std::logic_error>([&] { SpawnOn(loop, coroutine()); }), closed);
  testing::internal::GetCapturedStderr();
}

TEST(EventLoopTest, CloseDropsWhatIsLeft) {
  auto captured = std::make_shared<int>(1);
  std::weak_ptr<int> watch = captured;
  Words errors;
  {
    EventLoop loop;
    CollectErrors(loop, errors);
    loop.CallSoon([captured] {});
    loop.CallLater(1h, [captured] {});
    loop.CallSoonThreadSafe([captured] {});
    SpawnOn(
        loop, [](std::shared_ptr<int>) -> Task<void> { co_await SleepFor(1h); }(captured), "a");
    RunBriefly(loop);
    SpawnOn(
        loop, [](std::shared_ptr<int>) -> Task<void> { co_return; }(captured), "b");
    loop.CallSoon([captured = std::move(captured)] {});
  }
  EXPECT_TRUE(watch.expired());
  EXPECT_EQ(errors, (Words{"Task was destroyed but it is pending, a",
                           "Task was destroyed but it is pending, b"}));
}

TEST(EventLoopTest, ALoopInsideARunningLoopIsRefused) {  // A16
  EventLoop loop;
  EventLoop other;
  Words errors;
  CollectErrors(loop, errors);
  loop.CallSoon([&] { loop.RunForever(); });
  loop.CallSoon([&] { other.RunForever(); });
  loop.CallSoon([&] { loop.Close(); });
  RunBriefly(loop);
  EXPECT_EQ(errors,
            (Words{"Exception in callback: this event loop is already running",
                   "Exception in callback: cannot run an event loop while another one runs in the "
                   "same thread",
                   "Exception in callback: EventLoop::Close: the loop is running"}));
}

TEST(EventLoopTest, TheRunningLoopIsKnownOnItsThreadOnly) {
  EventLoop loop;
  EXPECT_EQ(EventLoop::Running(), nullptr);
  EXPECT_EQ(MessageOf<std::logic_error>([] { EventLoop::Current(); }),
            "no event loop runs in this thread");
  loop.CallSoon([&] {
    EXPECT_EQ(EventLoop::Running(), &loop);
    std::thread([] { EXPECT_EQ(EventLoop::Running(), nullptr); }).join();
  });
  RunBriefly(loop);
  EXPECT_EQ(EventLoop::Running(), nullptr);
}

TEST(EventLoopTest, RunUntilCompleteThatIsStoppedSaysSoAndTheTaskCanGoOn) {  // A17
  EventLoop loop;
  TaskHandle<int> task = SpawnOn(loop, [](EventLoop& loop) -> Task<int> {
    loop.Stop();
    co_await Yield();
    co_return 42;
  }(loop));
  EXPECT_EQ(MessageOf<std::logic_error>([&] { loop.RunUntilComplete(task); }),
            "the event loop was stopped before the task ended");
  EXPECT_FALSE(task.done());
  EXPECT_EQ(loop.RunUntilComplete(task), 42);
}

TEST(EventLoopTest, TwoLoopsRunOnTwoThreads) {
  auto run = [](int& result) {
    EventLoop loop;
    result = loop.RunUntilComplete([]() -> Task<int> {
      int sum = 0;
      for (int i = 0; i < 1000; ++i) {
        TaskHandle<int> task = Spawn([](int i) -> Task<int> {
          co_await Yield();
          co_return i;
        }(i));
        sum += co_await task;
      }
      co_return sum;
    }());
  };
  int a = 0, b = 0;
  std::thread one(run, std::ref(a)), two(run, std::ref(b));
  one.join();
  two.join();
  EXPECT_EQ(a, 499500);
  EXPECT_EQ(b, 499500);
}

// For whoever draws it.

Words moments;

void Note(TaskCore& task, TaskMoment moment) {
  static constexpr const char* kWords[] = {"ready", "begins", "pauses", "ends"};
  moments.push_back(task.Name() + " " + kWords[static_cast<int>(moment)]);
}

TEST(EventLoopTest, AHookIsToldWhatHappensToTasks) {
  moments.clear();
  EventLoop::SetHooks({.task = Note});
  {
    EventLoop loop;
    auto waits = [](AsyncFuture<int> future) -> Task<void> { co_await future; };
    AsyncFuture<int> answer(loop), never(loop);
    SpawnOn(loop, waits(answer), "one");
    RunBriefly(loop);
    answer.SetResult(42);
    RunBriefly(loop);
    SpawnOn(loop, waits(never), "two");
    loop.SetExceptionHandler([](EventLoop&, const LoopError&) {});
  }
  EventLoop::SetHooks({});
  EXPECT_EQ(moments, (Words{"one ready", "one begins", "one pauses", "one ready", "one begins",
                            "one ends", "two ready", "two ends"}));
}

}  // namespace
}  // namespace interleave
