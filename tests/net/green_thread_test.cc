// tests/net/green_thread_test.cc

#include "runtime/net/green_thread.h"

#include <gtest/gtest.h>

#include <chrono>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>

#include "runtime/async/async_mutex.h"
#include "runtime/async/async_queue.h"
#include "runtime/async/gather.h"
#include "runtime/async/run.h"
#include "runtime/async/task_group.h"
#include "runtime/async/timeout.h"
#include "tests/async/words.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;

Task<int> Later(int value) {
  co_await Yield();
  co_return value;
}

Task<int> Fail(std::string what) {
  co_await Yield();
  throw std::runtime_error(what);
}

// On a stack that is deep enough to be seen as one.
int AwaitDeep(int calls) {
  if (calls == 0) return Await(Later(1));
  return 1 + AwaitDeep(calls - 1);
}

// Runs it as a green thread of a loop of its own.
template <typename F>
auto RunIt(F function) {
  return Run(RunGreen(std::move(function)));
}

TEST(GreenThread, WaitsInTheMiddleOfOrdinaryCalls) {
  EXPECT_EQ(RunIt([] { return AwaitDeep(100); }), 101);
}

TEST(GreenThread, OthersRunWhileOneWaits) {
  EventLoop loop;
  Words words;
  auto say = [&words](std::string name) {
    return [&words, name] {
      for (int i = 1; i <= 3; ++i) {
        words.push_back(name + std::to_string(i));
        GreenYield();
      }
    };
  };
  SpawnOn(loop, RunGreen(say("a")));
  SpawnOn(loop, RunGreen(say("b")));
  RunBriefly(loop, 4);
  EXPECT_EQ(words, (Words{"a1", "b1", "a2", "b2", "a3", "b3"}));
}

TEST(GreenThread, AwaitsATaskAHandleAFutureALockAndAQueue) {
  const int sum = RunIt([] {
    AsyncFuture<int> future;
    EventLoop::Current().CallSoon([future]() mutable { future.SetResult(4); });
    TaskHandle<int> handle = Spawn(Later(2));
    AsyncMutex mutex;
    const AsyncMutexLock lock = Await(mutex.ScopedLock());
    AsyncQueue<int> queue;
    Spawn([&queue]() -> Task<void> { co_await queue.Put(8); });
    return Await(Later(1)) + Await(handle) + Await(future) + Await(queue.Get());
  });
  EXPECT_EQ(sum, 15);
}

TEST(GreenThread, WhatIsDoneIsHadWithoutWaiting) {
  RunIt([] {
    AsyncFuture<int> done;
    done.SetResult(7);
    bool other_ran = false;
    Spawn([&other_ran]() -> Task<void> {
      other_ran = true;
      co_return;
    });
    EXPECT_EQ(Await(done), 7);
    EXPECT_FALSE(other_ran);
    GreenYield();
    EXPECT_TRUE(other_ran);
  });
}

TEST(GreenThread, GivesItsResultToWhoeverAwaitsIt) {
  auto main = []() -> Task<std::string> {
    TaskHandle<std::string> green = SpawnGreen([] { return std::string("value"); }, "green");
    EXPECT_EQ(green.name(), "green");
    co_return co_await green;
  };
  EXPECT_EQ(interleave::Run(main()), "value");
}

TEST(GreenThread, AResultMayBeOfATypeThatCanOnlyBeMoved) {
  auto result = RunIt([] {
    GreenYield();
    return std::make_unique<int>(3);
  });
  EXPECT_EQ(*result, 3);
}

TEST(GreenThread, ExceptionsPassInBothDirections) {
  auto failing = [] {
    try {
      Await(Fail("inner"));
    } catch (const std::runtime_error& error) {
      throw std::runtime_error(std::string("outer, for ") + error.what());
    }
  };
  EXPECT_EQ(MessageOf<std::runtime_error>([&] { RunIt(failing); }), "outer, for inner");
}

// libstdc++ counts per thread which exceptions are being handled.
TEST(GreenThread, EachHasItsOwnExceptionInHand) {
  Words words;
  auto handle = [&words](std::string name, int yields) {
    return [&words, name, yields] {
      try {
        throw std::runtime_error(name);
      } catch (const std::exception&) {
        for (int i = 0; i < yields; ++i) GreenYield();
        try {
          throw;
        } catch (const std::exception& again) {
          words.push_back(name + " has " + again.what());
        }
      }
      EXPECT_EQ(std::current_exception(), nullptr);
    };
  };
  EventLoop loop;
  SpawnOn(loop, RunGreen(handle("first", 2)));
  SpawnOn(loop, RunGreen(handle("second", 3)));
  SpawnOn(loop, RunGreen(handle("third", 1)));
  RunBriefly(loop, 5);
  EXPECT_EQ(words, (Words{"third has third", "first has first", "second has second"}));
  EXPECT_EQ(std::current_exception(), nullptr);
}

TEST(GreenThread, AnExceptionUnderWayIsItsOwn) {
  struct AwaitsAtTheEnd {
    ~AwaitsAtTheEnd() {
      EXPECT_EQ(std::uncaught_exceptions(), 1);
      GreenYield();
      EXPECT_EQ(std::uncaught_exceptions(), 1);
    }
  };
  EventLoop loop;
  TaskHandle<void> thrower = SpawnOn(loop, RunGreen([] {
                                       AwaitsAtTheEnd guard;
                                       throw std::runtime_error("under way");
                                     }));
  SpawnOn(loop, RunGreen([] {
            EXPECT_EQ(std::uncaught_exceptions(), 0);
            GreenYield();
            EXPECT_EQ(std::uncaught_exceptions(), 0);
          }));
  loop.CallSoon([] { EXPECT_EQ(std::uncaught_exceptions(), 0); });
  RunBriefly(loop, 3);
  EXPECT_EQ(MessageOf<std::runtime_error>([&] { thrower.result(); }), "under way");
}

// Cancellation.

TEST(GreenThread, CancellingThrowsWhereItWaits) {
  EventLoop loop;
  Words words;
  TaskHandle<void> green = SpawnOn(loop, RunGreen([&] {
                                     try {
                                       GreenSleep(1h);
                                     } catch (const TaskCancelled& cancelled) {
                                       words.push_back("cancelled: " + cancelled.message());
                                       throw;
                                     }
                                   }));
  RunBriefly(loop);
  green.Cancel("enough");
  EXPECT_EQ(words, Words());
  RunBriefly(loop);
  EXPECT_EQ(words, (Words{"cancelled: enough"}));
  EXPECT_TRUE(green.cancelled());
}

TEST(GreenThread, CancellingReachesTheTaskThatItAwaits) {
  EventLoop loop;
  Words words;
  auto sleeper = [](Words& words) -> Task<void> {
    try {
      co_await SleepFor(1h);
    } catch (const TaskCancelled&) {
      words.push_back("inner");
      throw;
    }
  };
  TaskHandle<void> green = SpawnOn(loop, RunGreen([&] {
                                     try {
                                       Await(sleeper(words));
                                     } catch (const TaskCancelled&) {
                                       words.push_back("outer");
                                     }
                                     GreenYield();
                                     words.push_back("went on");
                                   }));
  RunBriefly(loop);
  green.Cancel();
  RunBriefly(loop, 2);
  EXPECT_EQ(words, (Words{"inner", "outer", "went on"}));
  EXPECT_TRUE(green.done());
  EXPECT_FALSE(green.cancelled());
}

TEST(GreenThread, OneThatIsCancelledBeforeItBeginsNeverRuns) {
  EventLoop loop;
  bool ran = false;
  TaskHandle<void> green = SpawnOn(loop, RunGreen([&] { ran = true; }));
  green.Cancel();
  RunBriefly(loop);
  EXPECT_TRUE(green.cancelled());
  EXPECT_FALSE(ran);
}

// Combinators.

TEST(GreenThread, WaitForGatherAndTaskGroupTakeItAsATask) {
  RunIt([] {
    EXPECT_THROW(Await(WaitFor(RunGreen([] { GreenSleep(1h); }), 1ms)), TimedOut);
    EXPECT_EQ(Await(Gather(RunGreen([] { return Await(Later(1)); }), Later(2))),
              (std::tuple<int, int>(1, 2)));
    TaskGroup group;
    int sum = 0;
    Await(group.Run(RunGreen([&] {
      for (int i = 1; i <= 4; ++i) {
        group.Spawn(RunGreen([&sum, i] { sum += Await(Later(i)); }));
      }
    })));
    EXPECT_EQ(sum, 10);
  });
}

TEST(GreenThread, AFailureInAGroupCancelsTheOthers) {
  Words words;
  RunIt([&] {
    TaskGroup group;
    EXPECT_THROW(Await(group.Run(RunGreen([&] {
                   group.Spawn(RunGreen([&words] {
                     try {
                       GreenSleep(1h);
                     } catch (const TaskCancelled&) {
                       words.push_back("cancelled");
                       throw;
                     }
                   }));
                   group.Spawn(Fail("failed"));
                 }))),
                 ExceptionGroup);
  });
  EXPECT_EQ(words, (Words{"cancelled"}));
}

// What reports say.

TEST(GreenThread, ItsTextSaysWhereItsFunctionWaits) {
  EventLoop loop;
  TaskHandle<void> green = SpawnOn(loop, RunGreen([] { GreenSleep(1h); }), "green");
  RunBriefly(loop);
  EXPECT_EQ(green.Text(),
            "<Task pending name='green' coro=<lambda in TestBody() running at "
            "green_thread_test.cc:" +
                std::to_string(__LINE__ - 5) + "> wait_for=<sleep>>");
  green.Cancel();
  RunBriefly(loop);
}

// Misuse.

TEST(GreenThread, AwaitElsewhereIsRefused) {
  EventLoop loop;
  Words words;
  auto attempt = [&words] {
    EXPECT_FALSE(OnGreenThread());
    words.push_back(MessageOf<std::logic_error>([] { GreenSleep(1s); }));
  };
  attempt();
  loop.CallSoon(attempt);
  SpawnOn(loop, [](auto attempt) -> Task<void> {
    attempt();
    co_return;
  }(attempt));
  RunBriefly(loop);
  EXPECT_EQ(
      words,
      (Words{"Await outside of a green thread: SpawnGreen makes one, in a running event loop",
             "Await in a callback would stop the event loop: SpawnGreen a function that waits",
             "Await in a coroutine would stop the event loop: use co_await"}));
}

TEST(GreenThread, ACoroutineThatAGreenThreadAwaitsIsNoGreenThread) {
  RunIt([] {
    EXPECT_TRUE(OnGreenThread());
    auto look = []() -> Task<bool> { co_return OnGreenThread(); };
    EXPECT_FALSE(Await(look()));
    EXPECT_TRUE(OnGreenThread());
  });
}

TEST(GreenThread, AwaitingATaskTwiceIsRefused) {
  RunIt([] {
    Task<int> task = Later(1);
    EXPECT_EQ(Await(task), 1);
    EXPECT_THROW(Await(task), std::logic_error);
  });
}

}  // namespace
}  // namespace interleave
