// tests/async/offload_test.cc
//
// Real threads: jobs are held at gates, and nothing depends on who is faster.

#include "runtime/async/offload.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "runtime/async/context.h"
#include "runtime/async/gather.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/threads/thread_pool.h"
#include "tests/async/words.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;

TEST(OffloadTest, AFunctionRunsOnAnotherThreadOfTheLoopsPool) {  // I01
  auto main = []() -> Task<void> {
    const std::thread::id other = co_await Offload([] { return std::this_thread::get_id(); });
    EXPECT_NE(other, std::this_thread::get_id());
  };
  interleave::Run(main());
}

TEST(OffloadTest, ResultExceptionArgumentsAndContextReachTheOtherSide) {  // I04
  ContextVar<std::string> request("-");
  auto main = [&]() -> Task<void> {
    request.Set("request 7");
    auto add = [&](std::unique_ptr<int> a, int b) {
      return request.Get() + " " + std::to_string(*a + b);
    };
    EXPECT_EQ(co_await Offload(add, std::make_unique<int>(40), 2), "request 7 42");
    auto fails = [] { throw std::out_of_range("no such row"); };
    std::string what;
    try {
      co_await Offload(fails);
    } catch (const std::out_of_range& error) {
      what = error.what();
    }
    EXPECT_EQ(what, "no such row");
  };
  interleave::Run(main());
}

// How many there are.
class Counted {
 public:
  Counted() { ++alive; }
  Counted(const Counted&) { ++alive; }
  ~Counted() { --alive; }
  static inline std::atomic<int> alive = 0;
};

// The way around g++'s lambdas in a co_await expression (task.h, Trap of g++).
TEST(OffloadTest, WhatIsPassedWithinAnAwaitIsDestroyedOnce) {
  auto main = []() -> Task<void> {
    auto takes = [](const Counted&) {};
    co_await Offload(takes, Counted());
    auto captures = [counted = Counted()] {};
    co_await Offload(captures);
  };
  interleave::Run(main());
  EXPECT_EQ(Counted::alive, 0);
}

TEST(OffloadTest, TenCallsRunTenTimes) {  // I04
  std::atomic<int> ran = 0;
  auto main = [&]() -> Task<void> {
    std::vector<AsyncFuture<void>> calls;
    for (int i = 0; i < 10; ++i) calls.push_back(Offload([&] { ++ran; }));
    co_await Gather(std::move(calls));
  };
  interleave::Run(main());
  EXPECT_EQ(ran, 10);
}

TEST(OffloadTest, TheLoopGoesOnWhileAJobBlocks) {
  std::latch gate(1);
  auto main = [&]() -> Task<void> {
    AsyncFuture<void> job = Offload([&] { gate.wait(); });
    for (int i = 0; i < 3; ++i) co_await Yield();
    gate.count_down();  // hangs if the loop waits for the job
    co_await job;
  };
  interleave::Run(main());
}

TEST(OffloadTest, AJobThatHasNotBegunIsNotRunWhenItIsCancelled) {
  std::latch gate(1);
  std::atomic<bool> ran = false;
  ThreadPool pool(1);
  auto main = [&]() -> Task<void> {
    AsyncFuture<void> blocks = Offload(pool, [&] { gate.wait(); });
    AsyncFuture<void> queued = Offload(pool, [&] { ran = true; });
    queued.Cancel();
    co_await Yield();
    gate.count_down();
    co_await blocks;
    EXPECT_TRUE(queued.cancelled());
  };
  interleave::Run(main());
  pool.Shutdown();
  EXPECT_FALSE(ran);
}

TEST(OffloadTest, AJobMayEndAfterItsLoop) {
  std::latch gate(1);
  ThreadPool pool(1);
  auto main = [&]() -> Task<void> {
    Offload(pool, [&] { gate.wait(); });
    co_return;
  };
  interleave::Run(main());
  gate.count_down();
  pool.Shutdown();
}

TEST(OffloadTest, APoolThatHasBeenShutDownRefuses) {
  ThreadPool pool(1);
  pool.Shutdown();
  auto main = [&]() -> Task<void> { co_await Offload(pool, [] {}); };
  EXPECT_THROW(interleave::Run(main()), std::exception);
}

// From a thread.

TEST(RunFromThreadTest, AThreadGetsResultAndExceptionOfATask) {  // I05
  EventLoop loop;
  auto adds = [](int a, int b) -> Task<int> {
    co_await Yield();
    co_return a + b;
  };
  auto fails = []() -> Task<void> {
    co_await Yield();
    throw std::out_of_range("no such row");
  };
  std::thread other([&] {
    EXPECT_EQ(RunFromThread(loop, adds(40, 2)).Get(), 42);
    EXPECT_EQ(MessageOf<std::out_of_range>([&] { RunFromThread(loop, fails()).Get(); }),
              "no such row");
    loop.CallSoonThreadSafe([&] { loop.Stop(); });
  });
  loop.RunForever();
  other.join();
}

TEST(RunFromThreadTest, ATaskThatIsCancelledGivesItsThreadCancelled) {  // I07
  EventLoop loop;
  auto main = []() -> Task<void> {
    CurrentTask().Cancel();
    co_await SleepFor(1h);
  };
  std::thread other([&] {
    EXPECT_THROW(RunFromThread(loop, main()).Get(), Cancelled);
    loop.CallSoonThreadSafe([&] { loop.Stop(); });
  });
  loop.RunForever();
  other.join();
}

TEST(RunFromThreadTest, AThreadMayCancelTheTask) {
  EventLoop loop;
  Words words;
  std::latch began(1);
  auto main = [&]() -> Task<void> {
    began.count_down();
    try {
      co_await SleepFor(1h);
    } catch (const TaskCancelled&) {
      words.push_back("cancelled");
      EventLoop::Current().Stop();
    }
  };
  std::thread other([&] {
    const Future<void> future = RunFromThread(loop, main());
    began.wait();
    EXPECT_TRUE(future.Cancel());
  });
  loop.RunForever();
  other.join();
  EXPECT_EQ(words, (Words{"cancelled"}));
}

TEST(RunFromThreadTest, AClosedLoopRefuses) {
  EventLoop loop;
  loop.Close();
  auto main = []() -> Task<void> { co_return; };
  testing::internal::CaptureStderr();  // the coroutine that never runs
  EXPECT_EQ(MessageOf<std::logic_error>([&] { RunFromThread(loop, main()); }),
            "the event loop is closed");
  testing::internal::GetCapturedStderr();
}

}  // namespace
}  // namespace interleave
