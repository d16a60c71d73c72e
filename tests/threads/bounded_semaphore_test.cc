// tests/threads/bounded_semaphore_test.cc

#include "runtime/threads/bounded_semaphore.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace interleave {
namespace {

using namespace std::chrono_literals;

TEST(BoundedSemaphoreTest, CountsDownAndUp) {
  BoundedSemaphore semaphore(2);
  EXPECT_EQ(semaphore.available(), 2);
  semaphore.Acquire();
  EXPECT_TRUE(semaphore.TryAcquire());
  EXPECT_EQ(semaphore.available(), 0);
  EXPECT_FALSE(semaphore.TryAcquire());
  semaphore.Release();
  EXPECT_EQ(semaphore.available(), 1);
  EXPECT_EQ(semaphore.limit(), 2);
}

TEST(BoundedSemaphoreTest, AcquireForIsFalseIfThereWasNone) {
  BoundedSemaphore semaphore(1);
  EXPECT_TRUE(semaphore.AcquireFor(0s));
  EXPECT_FALSE(semaphore.AcquireFor(0s));
  EXPECT_FALSE(semaphore.AcquireFor(10ms));
  EXPECT_EQ(semaphore.available(), 0);
}

// L09: limits 1 to 9, from many threads.
TEST(BoundedSemaphoreTest, NeverMoreThanTheLimitAtOnce) {
  for (int limit = 1; limit <= 9; ++limit) {
    BoundedSemaphore semaphore(limit);
    std::atomic<int> inside = 0;
    std::atomic<bool> too_many = false;
    std::vector<std::thread> threads;
    for (int i = 0; i < 12; ++i) {
      threads.emplace_back([&] {
        semaphore.Acquire();
        if (++inside > limit) too_many = true;
        --inside;
        semaphore.Release();
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_FALSE(too_many) << "limit " << limit;
    EXPECT_EQ(semaphore.available(), limit);
    EXPECT_THROW(semaphore.Release(), std::invalid_argument);
  }
}

TEST(BoundedSemaphoreTest, OneReleaseTooManyIsRefusedAndChangesNothing) {
  BoundedSemaphore semaphore(3);
  try {
    semaphore.Release();
    FAIL() << "it was accepted";
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(), "BoundedSemaphore::Release: all 3 are back already");
  }
  EXPECT_EQ(semaphore.available(), 3);
}

TEST(BoundedSemaphoreTest, AnotherThreadMayRelease) {
  BoundedSemaphore semaphore(1);
  semaphore.Acquire();
  std::thread([&] { semaphore.Release(); }).join();
  EXPECT_EQ(semaphore.available(), 1);
}

TEST(BoundedSemaphoreTest, NegativeLimitIsRefused) {
  try {
    BoundedSemaphore semaphore(-1);
    FAIL() << "it was accepted";
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(), "BoundedSemaphore: the limit is -1, it must be at least 0");
  }
}

TEST(BoundedSemaphoreTest, LimitZeroIsNeverFree) {
  BoundedSemaphore semaphore(0);
  EXPECT_FALSE(semaphore.TryAcquire());
  EXPECT_THROW(semaphore.Release(), std::invalid_argument);
}

}  // namespace
}  // namespace interleave
