// tests/threads/event_test.cc

#include "runtime/threads/event.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

namespace interleave {
namespace {

using namespace std::chrono_literals;

TEST(EventTest, IsUnsetAtFirst) { EXPECT_FALSE(Event().IsSet()); }

TEST(EventTest, StaysSetUntilItIsCleared) {
  Event event;
  event.Set();
  event.Wait();
  EXPECT_TRUE(event.IsSet());
  EXPECT_TRUE(event.WaitFor(0s));
  event.Clear();
  EXPECT_FALSE(event.IsSet());
}

TEST(EventTest, WaitForIsFalseIfItWasNotSet) {  // L05
  Event event;
  EXPECT_FALSE(event.WaitFor(0s));
  EXPECT_FALSE(event.WaitFor(-1s));
  EXPECT_FALSE(event.WaitFor(10ms));
}

TEST(EventTest, SetWakesAllWaiters) {
  Event event;
  std::atomic<int> woken = 0;
  std::vector<std::thread> waiters;
  for (int i = 0; i < 4; ++i) {
    waiters.emplace_back([&] {
      event.Wait();
      ++woken;
    });
  }
  event.Set();
  for (std::thread& waiter : waiters) waiter.join();
  EXPECT_EQ(woken, 4);
}

TEST(EventTest, WhatWasDoneBeforeSetIsSeenAfterWait) {
  Event event;
  int result = 0;
  std::thread worker([&] {
    result = 42;
    event.Set();
  });
  event.Wait();
  EXPECT_EQ(result, 42);
  worker.join();
}

// A sanitizer would see Set touch what is no longer there.
TEST(EventTest, MayBeDestroyedAsSoonAsWaitHasReturned) {
  for (int i = 0; i < 200; ++i) {
    auto event = std::make_unique<Event>();
    std::thread setter([&event = *event] { event.Set(); });
    event->Wait();
    event.reset();
    setter.join();
  }
}

}  // namespace
}  // namespace interleave
