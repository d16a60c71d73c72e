// tests/threads/barrier_test.cc

#include "runtime/threads/barrier.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

namespace interleave {
namespace {

using namespace std::chrono_literals;

// `body(i)` on so many threads, to their end.
template <typename Body>
void OnThreads(int count, Body body) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back(body, i);
  for (std::thread& thread : threads) thread.join();
}

bool IsBroken(Barrier& barrier) {
  try {
    barrier.Wait();
  } catch (const BrokenBarrier&) {
    return true;
  }
  return false;
}

TEST(BarrierTest, NobodyGoesOnBeforeAllHaveCome) {
  Barrier barrier(4);
  std::atomic<int> came = 0;
  std::atomic<int> too_early = 0;
  OnThreads(4, [&](int) {
    ++came;
    barrier.Wait();
    if (came != 4) ++too_early;
  });
  EXPECT_EQ(too_early, 0);
}

TEST(BarrierTest, EachThreadGetsAnotherNumber) {
  Barrier barrier(4);
  std::mutex mutex;
  std::set<int> numbers;
  OnThreads(4, [&](int) {
    const int number = barrier.Wait();
    std::lock_guard lock(mutex);
    numbers.insert(number);
  });
  EXPECT_EQ(numbers, (std::set<int>{0, 1, 2, 3}));
}

TEST(BarrierTest, IsUsedAgainRoundAfterRound) {
  constexpr int kRounds = 200;
  Barrier barrier(3);
  std::vector<std::vector<int>> seen(3);
  std::vector<int> done(3);  // plain: the barrier orders the accesses
  OnThreads(3, [&](int i) {
    for (int round = 1; round <= kRounds; ++round) {
      done[i] = round;
      barrier.Wait();
      seen[i].push_back(done[0] + done[1] + done[2]);
      barrier.Wait();
    }
  });
  std::vector<int> expected;
  for (int round = 1; round <= kRounds; ++round) expected.push_back(3 * round);
  for (const std::vector<int>& one : seen) EXPECT_EQ(one, expected);
}

TEST(BarrierTest, ActionRunsOnceARoundBeforeAnybodyGoesOn) {
  int actions = 0;  // plain: only the last one to come touches it
  Barrier barrier(3, [&] { ++actions; });
  std::atomic<bool> wrong = false;
  OnThreads(3, [&](int) {
    for (int round = 1; round <= 50; ++round) {
      barrier.Wait();
      if (actions != round) wrong = true;
      barrier.Wait();  // its action is the next one
      if (actions != ++round) wrong = true;
    }
  });
  EXPECT_FALSE(wrong);
  EXPECT_EQ(actions, 50);
}

TEST(BarrierTest, ActionMayAskTheBarrier) {
  int waiting = -1;
  Barrier* asked = nullptr;
  Barrier barrier(1, [&] { waiting = asked->waiting(); });
  asked = &barrier;
  EXPECT_EQ(barrier.Wait(), 0);
  EXPECT_EQ(waiting, 0);  // it is the next round's already
}

TEST(BarrierTest, AbortBreaksItForThoseWhoWaitAndThoseWhoCome) {
  Barrier barrier(3);
  std::atomic<int> broken = 0;
  std::thread aborter([&] {
    while (barrier.waiting() < 2) std::this_thread::yield();
    barrier.Abort();
  });
  OnThreads(2, [&](int) { broken += IsBroken(barrier); });
  aborter.join();
  EXPECT_EQ(broken, 2);
  EXPECT_TRUE(barrier.broken());
  EXPECT_TRUE(IsBroken(barrier));
  EXPECT_EQ(barrier.waiting(), 0);
}

TEST(BarrierTest, ResetOpensABrokenOne) {
  Barrier barrier(2);
  barrier.Abort();
  barrier.Reset();
  EXPECT_FALSE(barrier.broken());
  OnThreads(2, [&](int) { barrier.Wait(); });
}

TEST(BarrierTest, ResetSendsAwayWhoWaits) {
  Barrier barrier(2);
  std::atomic<bool> broken = false;
  std::thread waiter([&] { broken = IsBroken(barrier); });
  while (barrier.waiting() < 1) std::this_thread::yield();
  barrier.Reset();
  waiter.join();
  EXPECT_TRUE(broken);
  EXPECT_FALSE(barrier.broken());
}

TEST(BarrierTest, WhoWaitsTooLongBreaksIt) {
  Barrier barrier(2);
  EXPECT_THROW(barrier.WaitFor(10ms), BrokenBarrier);
  EXPECT_TRUE(barrier.broken());
}

TEST(BarrierTest, ActionThatThrowsBreaksIt) {
  Barrier barrier(2, [] { throw std::domain_error("the map is torn"); });
  std::atomic<int> threw = 0, broken = 0;
  OnThreads(2, [&](int) {
    try {
      barrier.Wait();
    } catch (const std::domain_error&) {
      ++threw;
    } catch (const BrokenBarrier&) {
      ++broken;
    }
  });
  EXPECT_EQ(threw, 1);
  EXPECT_EQ(broken, 1);
  EXPECT_TRUE(barrier.broken());
}

TEST(BarrierTest, FewerThanOnePartyIsRefused) {
  try {
    Barrier barrier(0);
    FAIL() << "it was accepted";
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(), "Barrier: parties is 0, it must be at least 1");
  }
  EXPECT_THROW(Barrier(-2), std::invalid_argument);
}

}  // namespace
}  // namespace interleave
