// tests/process/answer_wait_test.cc
//
// Who reads a worker's answer: the pool's thread, or one that is in Get. Which of them it is
// depends on who comes first, so what is said here has to be true in both cases.

#include "runtime/process/answer_wait.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <latch>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/async/run.h"
#include "runtime/async/wrap_future.h"
#include "runtime/process/message_channel.h"
#include "runtime/process/process.h"
#include "runtime/process/process_pool.h"
#include "runtime/process/shared_memory.h"
#include "runtime/threads/future_errors.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;

// ---- One socket, one process, and one thread that plays both ----

struct Worker {
  std::pair<Descriptor, Descriptor> ends = MessageChannel::Pair();
  Process process = Process::Fork([] {
    for (;;) pause();
    return 0;
  });
  AnswerWait wait{ends.first.get(), process.end_descriptor()};

  void Answer() { EXPECT_EQ(write(ends.second.get(), "x", 1), 1); }
  void Read() {
    char answer;
    EXPECT_EQ(read(ends.first.get(), &answer, 1), 1);
  }
};

TEST(AnswerWaitTest, EitherCanWaitForAnAnswer) {
  Worker worker;
  worker.Answer();
  EXPECT_FALSE(worker.wait.Await());  // not the end
  worker.Read();
  {
    const AnswerWait::StandIn stand_in(worker.wait);
    worker.Answer();
    EXPECT_TRUE(stand_in.Await({}));
    worker.Read();
  }
  worker.Answer();
  EXPECT_FALSE(worker.wait.Await());
}

TEST(AnswerWaitTest, WhatAStandInHasNotReadIsForThePoolsThread) {
  Worker worker;
  {
    const AnswerWait::StandIn stand_in(worker.wait);
    worker.Answer();
  }
  EXPECT_FALSE(worker.wait.Await());
  worker.Read();
}

TEST(AnswerWaitTest, AStandInGoesWhenItsTimeIsOver) {
  Worker worker;
  const AnswerWait::StandIn stand_in(worker.wait);
  EXPECT_FALSE(stand_in.Await(DeadlineAfter(-1s)));
  EXPECT_FALSE(stand_in.Await(DeadlineAfter(1ms)));
}

TEST(AnswerWaitTest, BothHearOfTheEndOfTheProcess) {
  Worker worker;
  const AnswerWait::StandIn stand_in(worker.wait);
  worker.process.Kill();
  EXPECT_FALSE(stand_in.Await({}));
  EXPECT_TRUE(worker.wait.Await());
}

TEST(AnswerWaitTest, BothHearOfAClosedConnection) {
  Worker worker;
  const AnswerWait::StandIn stand_in(worker.wait);
  worker.ends.second.Close();
  EXPECT_TRUE(stand_in.Await({}));
  EXPECT_FALSE(worker.wait.Await());
}

// ---- The pool ----

int Square(int x) { return x * x; }
// Opens when somebody sets it, in whatever process.
using Gate = Shared<std::atomic<int>>;
int PassAndSquare(const Gate& gate, int x) {
  while (*gate == 0) std::this_thread::sleep_for(100us);
  return x * x;
}

TEST(ThreadsInGet, HaveTheirOwnResults) {
  ProcessPool pool(2);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 500; ++i) {
        const int x = thread * 1'000 + i;
        EXPECT_EQ(pool.Submit<Square>(x).Get(60s), x * x);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(ThreadsInGet, DoNotWaitForEachOthersJobs) {
  const Gate first_gate = Gate::Make(0), second_gate = Gate::Make(0);
  ProcessPool pool(2);
  const Future<int> first = pool.Submit<PassAndSquare>(first_gate, 3);
  const Future<int> second = pool.Submit<PassAndSquare>(second_gate, 4);
  std::thread waits_for_first([&] { EXPECT_EQ(first.Get(60s), 9); });
  std::thread waits_for_second([&] { EXPECT_EQ(second.Get(60s), 16); });
  *second_gate = 1;
  waits_for_second.join();
  EXPECT_FALSE(first.done());
  *first_gate = 1;
  waits_for_first.join();
}

TEST(ThreadsInGet, MayWaitForTheSameJob) {
  const Gate gate = Gate::Make(0);
  ProcessPool pool(1);
  const Future<int> future = pool.Submit<PassAndSquare>(gate, 3);
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] { EXPECT_EQ(future.Get(60s), 9); });
  }
  // One that goes, when it may be the one that reads, leaves the others with somebody who does.
  EXPECT_THROW(future.Get(1ms), TimedOut);
  *gate = 1;
  for (std::thread& thread : threads) thread.join();
}

TEST(ThreadsInGet, MayBeCancelledOrWaitInTheQueueWhileAnotherReads) {
  const Gate gate = Gate::Make(0);
  ProcessPool pool(1);
  const Future<int> running = pool.Submit<PassAndSquare>(gate, 3);
  const Future<int> dropped = pool.Submit<Square>(4);
  const Future<int> queued = pool.Submit<Square>(5);
  std::thread reads([&] { EXPECT_EQ(running.Get(60s), 9); });
  std::thread hears_of_the_cancel([&] { EXPECT_THROW(dropped.Get(60s), Cancelled); });
  std::thread waits([&] { EXPECT_EQ(queued.Get(60s), 25); });
  EXPECT_TRUE(dropped.Cancel());
  hears_of_the_cancel.join();
  *gate = 1;
  reads.join();
  waits.join();
}

// Without anybody in Get it is the pool's thread that must have its socket back.
TEST(AfterGet, ThePoolsThreadReads) {
  const Gate gate = Gate::Make(0);
  ProcessPool pool(1);
  const Future<int> future = pool.Submit<PassAndSquare>(gate, 3);
  EXPECT_THROW(future.Get(1ms), TimedOut);
  std::latch timed_out_before(1);
  future.AddDoneCallback([&](const Future<int>&) { timed_out_before.count_down(); });
  *gate = 1;
  timed_out_before.wait();

  EXPECT_EQ(pool.Submit<Square>(4).Get(), 16);
  std::latch got_another_before(1);
  pool.Submit<Square>(5).AddDoneCallback(
      [&](const Future<int>&) { got_another_before.count_down(); });
  got_another_before.wait();
}

// The loop takes the value.
TEST(ALoopThatAwaits, HasTheResultOfAFutureThatAThreadWaitsFor) {
  ProcessPool pool(1);
  for (int i = 0; i < 100; ++i) {
    const Future<int> future = pool.Submit<Square>(i);
    std::thread waits([&] { EXPECT_TRUE(future.Wait(60s)); });
    auto main = [&]() -> Task<int> { co_return co_await WrapFuture(future); };
    EXPECT_EQ(interleave::Run(main()), i * i);
    waits.join();
  }
}

// Its pool's sockets are its parent's.
TEST(AForkedChild, DoesNotReadTheAnswersOfItsParent) {
  const Gate gate = Gate::Make(0);
  ProcessPool pool(1);
  const Future<int> future = pool.Submit<PassAndSquare>(gate, 3);
  const pid_t child = fork();
  if (child == 0) {
    *gate = 1;
    _exit(future.Wait(50ms) ? 1 : 0);
  }
  int status = -1;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(future.Get(60s), 9);
}

}  // namespace
}  // namespace interleave
