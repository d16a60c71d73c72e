// tests/async/allocations_test.cc
//
// Waiting allocates nothing: whoever waits stands in lists with a part of its own frame. Here all
// of `new` is counted while programs go on that have been running for a while.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <new>
#include <vector>

#include "runtime/async/async_queue.h"
#include "runtime/async/event_loop.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"

namespace {
std::atomic<long> allocations = 0;

void* Allocate(std::size_t size, std::size_t alignment) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  if (void* block = std::aligned_alloc(alignment, rounded)) return block;
  throw std::bad_alloc();
}
}  // namespace

void* operator new(std::size_t size) { return Allocate(size, __STDCPP_DEFAULT_NEW_ALIGNMENT__); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return Allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }
void operator delete(void* block, std::align_val_t) noexcept { std::free(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { std::free(block); }

namespace interleave {
namespace {

using namespace std::chrono_literals;

constexpr int kRounds = 1000;

// Runs `tasks` coroutines of that function beside each other, each of which calls `round` over and
// over. The first rounds warm up; those that are counted begin and end while all are running.
template <typename MakeTask>
long AllocationsWhileRunning(int tasks, MakeTask make) {
  EventLoop loop;
  long before = 0, after = 0;
  std::vector<TaskHandle<void>> handles;
  for (int i = 0; i < tasks; ++i) handles.push_back(SpawnOn(loop, make(i, before, after)));
  for (TaskHandle<void>& handle : handles) loop.RunUntilComplete(handle);
  return after - before;
}

// For task 0 the moments at which counting begins and ends.
void Note(int task, int round, long& before, long& after) {
  if (task != 0) return;
  if (round == kRounds / 4) before = allocations;
  if (round == kRounds / 4 * 3) after = allocations;
}

TEST(AllocationsTest, TheCountCounts) {
  const long before = allocations;
  ::operator delete(::operator new(1));
  EXPECT_EQ(allocations, before + 1);
}

TEST(AllocationsTest, AYieldAllocatesNothing) {
  auto yields = [](int task, long& before, long& after) -> Task<void> {
    for (int round = 0; round < kRounds; ++round) {
      Note(task, round, before, after);
      co_await Yield();
    }
  };
  EXPECT_EQ(AllocationsWhileRunning(3, yields), 0);
}

TEST(AllocationsTest, ASleepAllocatesNothing) {
  auto sleeps = [](int task, long& before, long& after) -> Task<void> {
    for (int round = 0; round < kRounds; ++round) {
      Note(task, round, before, after);
      co_await SleepFor(1ns * (task + 1));
    }
  };
  EXPECT_EQ(AllocationsWhileRunning(3, sleeps), 0);
}

TEST(AllocationsTest, AQueueAllocatesNothingWhetherItIsWaitedForOrNot) {
  for (const int size : {1, 64}) {
    AsyncQueue<int> queue(size);
    auto passes = [&queue](int task, long& before, long& after) -> Task<void> {
      for (int round = 0; round < kRounds; ++round) {
        Note(task, round, before, after);
        if (task % 2 == 0) {
          co_await queue.Put(round);
        } else {
          co_await queue.Get();
        }
      }
    };
    EXPECT_EQ(AllocationsWhileRunning(4, passes), 0) << "of size " << size;
  }
}

// Where the pool is malloc, for a sanitizer's sake, frames are counted too.
#if !defined(__SANITIZE_ADDRESS__)

TEST(AllocationsTest, AnAwaitedCoroutineTakesItsFrameFromThePool) {
  auto callee = [](int n) -> Task<int> {
    co_await Yield();
    co_return n;
  };
  auto calls = [&callee](int task, long& before, long& after) -> Task<void> {
    for (int round = 0; round < kRounds; ++round) {
      Note(task, round, before, after);
      co_await callee(round);
    }
  };
  EXPECT_EQ(AllocationsWhileRunning(3, calls), 0);
}

TEST(AllocationsTest, ATaskComesFromThePoolToo) {
  auto callee = []() -> Task<void> { co_await Yield(); };
  auto spawns = [&callee](int task, long& before, long& after) -> Task<void> {
    for (int round = 0; round < kRounds; ++round) {
      Note(task, round, before, after);
      co_await Spawn(callee());
    }
  };
  EXPECT_EQ(AllocationsWhileRunning(3, spawns), 0);
}

#endif

}  // namespace
}  // namespace interleave
