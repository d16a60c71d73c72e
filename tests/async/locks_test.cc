// tests/async/locks_test.cc

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "runtime/async/async_barrier.h"
#include "runtime/async/async_condition.h"
#include "runtime/async/async_event.h"
#include "runtime/async/async_mutex.h"
#include "runtime/async/async_semaphore.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "tests/async/words.h"

namespace interleave {
namespace {

class LocksTest : public testing::Test {
 protected:
  EventLoop loop;
  Words words;
};

// AsyncMutex.

TEST_F(LocksTest, AMutexAdmitsInTheOrderOfArrival) {  // F01
  AsyncMutex mutex;
  auto locks = [&](std::string name) -> Task<void> {
    const AsyncMutexLock lock = co_await mutex.ScopedLock();
    words.push_back(name);
    co_await Yield();
  };
  TaskHandle<void> last = SpawnOn(loop, locks("holder"));
  for (const char* name : {"1", "2", "3"}) last = SpawnOn(loop, locks(name));
  loop.RunUntilComplete(last);
  EXPECT_EQ(words, (Words{"holder", "1", "2", "3"}));
  EXPECT_FALSE(mutex.locked());
}

TEST_F(LocksTest, UnlockingAFreeMutexIsRefused) {  // F02
  AsyncMutex mutex;
  EXPECT_EQ(MessageOf<std::logic_error>([&] { mutex.Unlock(); }),
            "AsyncMutex::Unlock: it is not locked");
}

TEST_F(LocksTest, ACancelledWaiterLeavesNoTraceInAMutex) {  // F03
  AsyncMutex mutex;
  auto locks = [&](std::string name) -> Task<void> {
    co_await mutex.Lock();
    words.push_back(name);
    mutex.Unlock();
  };
  auto holds = [&]() -> Task<void> { co_await mutex.Lock(); };
  loop.RunUntilComplete(holds());
  TaskHandle<void> a = SpawnOn(loop, locks("a")), b = SpawnOn(loop, locks("b"));
  RunBriefly(loop);
  a.Cancel();
  mutex.Unlock();
  loop.RunUntilComplete(b);
  EXPECT_TRUE(a.cancelled());
  EXPECT_EQ(words, (Words{"b"}));
  EXPECT_FALSE(mutex.locked());
}

TEST_F(LocksTest, AMutexOnItsWayToACancelledTaskGoesToTheNext) {  // F03
  AsyncMutex mutex;
  auto locks = [&](std::string name) -> Task<void> {
    co_await mutex.Lock();
    words.push_back(name);
    mutex.Unlock();
  };
  auto holds = [&]() -> Task<void> { co_await mutex.Lock(); };
  loop.RunUntilComplete(holds());
  TaskHandle<void> a = SpawnOn(loop, locks("a")), b = SpawnOn(loop, locks("b"));
  RunBriefly(loop);
  mutex.Unlock();
  a.Cancel();
  loop.RunUntilComplete(b);
  EXPECT_TRUE(a.cancelled());
  EXPECT_EQ(words, (Words{"b"}));
}

TEST_F(LocksTest, NobodyOvertakesWhoWaitsForAMutex) {
  AsyncMutex mutex;
  auto locks = [&](std::string name) -> Task<void> {
    co_await mutex.Lock();
    words.push_back(name);
    mutex.Unlock();
  };
  auto holds = [&]() -> Task<void> { co_await mutex.Lock(); };
  loop.RunUntilComplete(holds());
  TaskHandle<void> waits = SpawnOn(loop, locks("waits"));
  RunBriefly(loop);
  TaskHandle<void> comes = SpawnOn(loop, locks("comes"));  // runs before the one that is woken
  mutex.Unlock();
  loop.RunUntilComplete(comes);
  EXPECT_EQ(words, (Words{"waits", "comes"}));
}

// AsyncEvent.

TEST_F(LocksTest, AnEventWakesAllAndASetOneMakesNobodyWait) {  // F04
  AsyncEvent event;
  auto waits = [&](std::string name) -> Task<void> {
    co_await event.Wait();
    words.push_back(name);
  };
  SpawnOn(loop, waits("1"));
  SpawnOn(loop, waits("2"));
  RunBriefly(loop);
  SpawnOn(loop, waits("3"));
  event.Set();
  RunBriefly(loop, 2);
  EXPECT_EQ(words, (Words{"3", "1", "2"}));
}

TEST_F(LocksTest, WhoWasWokenGoesOnAlthoughTheEventWasCleared) {
  AsyncEvent event;
  auto waits = [&]() -> Task<void> {
    co_await event.Wait();
    words.push_back(event.is_set() ? "set" : "cleared");
  };
  TaskHandle<void> task = SpawnOn(loop, waits());
  RunBriefly(loop);
  event.Set();
  event.Clear();
  loop.RunUntilComplete(task);
  EXPECT_EQ(words, (Words{"cleared"}));
}

// AsyncCondition.

TEST_F(LocksTest, AConditionWakesInOrderAndReturnsWithTheLock) {  // F06
  AsyncMutex mutex;
  AsyncCondition condition(mutex);
  auto waits = [&](std::string name) -> Task<void> {
    const AsyncMutexLock lock = co_await mutex.ScopedLock();
    co_await condition.Wait();
    EXPECT_TRUE(mutex.locked());
    words.push_back(name);
  };
  for (const char* name : {"1", "2", "3", "4"}) SpawnOn(loop, waits(name));
  RunBriefly(loop, 5);
  EXPECT_FALSE(mutex.locked());
  auto notify = [&](int tasks) -> Task<void> {
    const AsyncMutexLock lock = co_await mutex.ScopedLock();
    condition.Notify(tasks);
    words.push_back("notified");
    co_await Yield();
    words.push_back("unlocks");
  };
  loop.RunUntilComplete(notify(1));
  RunBriefly(loop, 9);
  EXPECT_EQ(words, (Words{"notified", "unlocks", "1"}));
  loop.RunUntilComplete(notify(2));
  RunBriefly(loop, 9);
  EXPECT_EQ(words, (Words{"notified", "unlocks", "1", "notified", "unlocks", "2", "3"}));
  loop.RunUntilComplete(notify(9));
  RunBriefly(loop, 9);
  EXPECT_EQ(words.back(), "4");
}

TEST_F(LocksTest, AConditionWithoutTheLockIsRefused) {
  AsyncMutex mutex;
  AsyncCondition condition(mutex);
  EXPECT_THROW(condition.Notify(), std::logic_error);
  EXPECT_EQ(MessageOf<std::logic_error>([&] { loop.RunUntilComplete(condition.Wait()); }),
            "AsyncCondition: its mutex is not locked");
}

TEST_F(LocksTest, ACancelledWaitForAConditionTakesTheLockFirst) {
  AsyncMutex mutex;
  AsyncCondition condition(mutex);
  auto waits = [&](std::string name) -> Task<void> {
    const AsyncMutexLock lock = co_await mutex.ScopedLock();
    try {
      co_await condition.Wait();
      words.push_back(name + " notified");
    } catch (const TaskCancelled&) {
      words.push_back(name + (mutex.locked() ? " cancelled, locked" : " cancelled, not locked"));
      throw;
    }
  };
  TaskHandle<void> a = SpawnOn(loop, waits("a")), b = SpawnOn(loop, waits("b"));
  RunBriefly(loop, 3);
  auto notify = [&]() -> Task<void> {
    const AsyncMutexLock lock = co_await mutex.ScopedLock();
    condition.Notify();
    a.Cancel();  // the notification is on its way to it
  };
  loop.RunUntilComplete(notify());
  loop.RunUntilComplete(b);
  EXPECT_EQ(words, (Words{"a cancelled, locked", "b notified"}));
  EXPECT_FALSE(mutex.locked());
}

TEST_F(LocksTest, WaitUntilWaitsForAFact) {
  AsyncMutex mutex;
  AsyncCondition condition(mutex);
  int value = 0;
  auto waits = [&]() -> Task<void> {
    const AsyncMutexLock lock = co_await mutex.ScopedLock();
    auto fact = [&] { return value == 2; };
    co_await condition.WaitUntil(fact);
    words.push_back(std::to_string(value));
  };
  TaskHandle<void> task = SpawnOn(loop, waits());
  auto change = [&]() -> Task<void> {
    for (int i = 0; i < 2; ++i) {
      const AsyncMutexLock lock = co_await mutex.ScopedLock();
      ++value;
      condition.NotifyAll();
      co_await Yield();
    }
  };
  SpawnOn(loop, change());
  loop.RunUntilComplete(task);
  EXPECT_EQ(words, (Words{"2"}));
}

// AsyncSemaphore.

TEST_F(LocksTest, ASemaphoreIsFifoAndNobodyOvertakes) {  // F09
  EXPECT_EQ(MessageOf<std::invalid_argument>([] { AsyncSemaphore semaphore(-1); }),
            "AsyncSemaphore: the value is -1, it must be at least 0");
  AsyncSemaphore semaphore(1);
  auto uses = [&](std::string name) -> Task<void> {
    for (int round = 1; round <= 2; ++round) {
      co_await semaphore.Acquire();
      words.push_back(name + "_" + std::to_string(round));
      semaphore.Release();
    }
  };
  auto holds = [&]() -> Task<void> { co_await semaphore.Acquire(); };
  loop.RunUntilComplete(holds());
  TaskHandle<void> last = SpawnOn(loop, uses("c1"));
  for (const char* name : {"c2", "c3"}) last = SpawnOn(loop, uses(name));
  RunBriefly(loop);
  semaphore.Release();
  loop.RunUntilComplete(last);
  EXPECT_EQ(words, (Words{"c1_1", "c2_1", "c3_1", "c1_2", "c2_2", "c3_2"}));
  EXPECT_EQ(semaphore.value(), 1);
  EXPECT_FALSE(semaphore.locked());
}

TEST_F(LocksTest, AReleaseOnItsWayToACancelledTaskIsNotLost) {  // F10
  AsyncSemaphore semaphore(0);
  auto acquires = [&](std::string name) -> Task<void> {
    co_await semaphore.Acquire();
    words.push_back(name);
  };
  TaskHandle<void> a = SpawnOn(loop, acquires("a")), b = SpawnOn(loop, acquires("b")),
                   c = SpawnOn(loop, acquires("c"));
  RunBriefly(loop);
  a.Cancel();  // before it is woken
  semaphore.Release();
  b.Cancel();  // after it was woken
  loop.RunUntilComplete(c);
  EXPECT_EQ(words, (Words{"c"}));
  EXPECT_EQ(semaphore.value(), 0);
  semaphore.Release();
  loop.RunUntilComplete(acquires("d"));
  EXPECT_EQ(words, (Words{"c", "d"}));
}

TEST_F(LocksTest, ABoundedSemaphoreIsNotReleasedAboveItsValue) {  // F11
  AsyncBoundedSemaphore semaphore(1);
  EXPECT_EQ(MessageOf<std::invalid_argument>([&] { semaphore.Release(); }),
            "AsyncBoundedSemaphore::Release: it was not acquired");
  auto uses = [&]() -> Task<void> {
    co_await semaphore.Acquire();
    semaphore.Release();
  };
  loop.RunUntilComplete(uses());
}

// AsyncBarrier.

TEST_F(LocksTest, ABarrierOpensForAllAndAgainInTheNextRound) {
  AsyncBarrier barrier(3);
  auto arrives = [&](std::string name) -> Task<void> {
    for (int round = 0; round < 2; ++round) {
      words.push_back(name + std::to_string(round));
      co_await barrier.Wait();
    }
  };
  std::vector<TaskHandle<void>> tasks;
  for (const char* name : {"a", "b", "c"}) tasks.push_back(SpawnOn(loop, arrives(name)));
  for (TaskHandle<void>& task : tasks) loop.RunUntilComplete(task);
  ASSERT_EQ(words.size(), 6u);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(words[i].back(), i < 3 ? '0' : '1');
  EXPECT_EQ(barrier.waiting(), 0);
}

TEST_F(LocksTest, ABarrierThatIsAbortedOrResetThrowsWhoWaitsOut) {
  AsyncBarrier barrier(2);
  auto arrives = [&]() -> Task<void> {
    try {
      co_await barrier.Wait();
      words.push_back("passed");
    } catch (const BrokenBarrier&) {
      words.push_back(barrier.broken() ? "broken" : "reset");
    }
  };
  TaskHandle<void> first = SpawnOn(loop, arrives());
  RunBriefly(loop);
  loop.RunUntilComplete(barrier.Abort());
  loop.RunUntilComplete(first);
  loop.RunUntilComplete(arrives());
  loop.RunUntilComplete(barrier.Reset());
  TaskHandle<void> second = SpawnOn(loop, arrives());
  RunBriefly(loop);
  loop.RunUntilComplete(barrier.Reset());
  loop.RunUntilComplete(second);
  TaskHandle<void> third = SpawnOn(loop, arrives());
  loop.RunUntilComplete(arrives());
  loop.RunUntilComplete(third);
  EXPECT_EQ(words, (Words{"broken", "broken", "reset", "passed", "passed"}));
  EXPECT_THROW(AsyncBarrier(0), std::invalid_argument);
}

TEST_F(LocksTest, ALockMayGoBeforeWhoWaitsForIt) {
  auto event = std::make_unique<AsyncEvent>();
  auto waits = [](AsyncEvent& event) -> Task<void> { co_await event.Wait(); };
  TaskHandle<void> task = SpawnOn(loop, waits(*event));
  RunBriefly(loop);
  event.reset();
  Words errors;
  CollectErrors(loop, errors);
  loop.Close();
  EXPECT_EQ(errors.size(), 1u);
}

}  // namespace
}  // namespace interleave
