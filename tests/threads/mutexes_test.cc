// tests/threads/mutexes_test.cc
//
// What FairMutex, UnfairMutex and PriorityMutex have in common, on real threads. Who is next is in
// mutexes_explored_test.cc, in virtual time.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "runtime/threads/fair_mutex.h"
#include "runtime/threads/priority_mutex.h"
#include "runtime/threads/unfair_mutex.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;

template <typename Mutex>
class MutexTest : public testing::Test {};
using Mutexes = testing::Types<FairMutex, UnfairMutex, PriorityMutex>;
TYPED_TEST_SUITE(MutexTest, Mutexes);

template <typename Mutex>
bool AnotherThreadGetsIt(Mutex& mutex) {
  bool got_it = false;
  std::thread([&] {
    got_it = mutex.try_lock();
    if (got_it) mutex.unlock();
  }).join();
  return got_it;
}

// L01: a second acquire blocks, a non-blocking one returns false.
TYPED_TEST(MutexTest, OnlyOneThreadAtATime) {
  TypeParam mutex;
  int counter = 0;  // plain
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 500; ++j) {
        std::lock_guard lock(mutex);
        ++counter;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counter, 2000);
}

TYPED_TEST(MutexTest, TryLockSaysWhetherItIsFree) {
  TypeParam mutex;
  ASSERT_TRUE(mutex.try_lock());
  EXPECT_FALSE(AnotherThreadGetsIt(mutex));
  mutex.unlock();
  EXPECT_TRUE(AnotherThreadGetsIt(mutex));
}

// L01: the block form releases also on an exception.
TYPED_TEST(MutexTest, ABlockReleasesItAlsoOnAnException) {
  TypeParam mutex;
  try {
    std::lock_guard lock(mutex);
    throw std::runtime_error("in the block");
  } catch (const std::runtime_error&) {
  }
  EXPECT_TRUE(AnotherThreadGetsIt(mutex));
}

// L02
TYPED_TEST(MutexTest, UnlockingAFreeLockIsRefused) {
  TypeParam mutex;
  EXPECT_THROW(mutex.unlock(), std::logic_error);
  mutex.lock();
  mutex.unlock();
  EXPECT_THROW(mutex.unlock(), std::logic_error);
  EXPECT_TRUE(AnotherThreadGetsIt(mutex));
}

// Two of them in two orders, but both at once.
TYPED_TEST(MutexTest, ScopedLockTakesTwo) {
  TypeParam left, right;
  int meals = 0;
  auto eat = [&](TypeParam& first, TypeParam& second) {
    for (int i = 0; i < 100; ++i) {
      std::scoped_lock both(first, second);
      ++meals;
    }
  };
  std::thread alice([&] { eat(left, right); }), bob([&] { eat(right, left); });
  alice.join();
  bob.join();
  EXPECT_EQ(meals, 200);
}

// L02
TEST(FairMutexTest, AnotherThreadMayUnlock) {
  FairMutex mutex;
  mutex.lock();
  std::thread([&] { mutex.unlock(); }).join();
  EXPECT_TRUE(mutex.try_lock());
}

// L01, L02
TEST(FairMutexTest, TryLockForGivesUpAndLeavesTheLockAsItWas) {
  FairMutex mutex;
  mutex.lock();
  std::thread([&] { EXPECT_FALSE(mutex.try_lock_for(10ms)); }).join();
  EXPECT_FALSE(AnotherThreadGetsIt(mutex));
  mutex.unlock();
  EXPECT_TRUE(mutex.try_lock_for(0s));
  mutex.unlock();
  EXPECT_TRUE(AnotherThreadGetsIt(mutex));
}

TEST(PriorityMutexTest, AnotherThreadMayNotUnlock) {
  PriorityMutex mutex;
  mutex.lock();
  std::thread([&] { EXPECT_THROW(mutex.unlock(), std::logic_error); }).join();
  EXPECT_FALSE(AnotherThreadGetsIt(mutex));
  mutex.unlock();
}

TEST(PriorityMutexTest, LockingItTwiceIsRefused) {
  PriorityMutex mutex;
  mutex.lock();
  EXPECT_THROW(mutex.lock(), std::logic_error);
  mutex.unlock();
  EXPECT_TRUE(AnotherThreadGetsIt(mutex));
}

}  // namespace
}  // namespace interleave
