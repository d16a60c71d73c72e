// tests/engine/order_test.cc
//
// What orders two accesses is no race, and what does not is one: the second half keeps the first
// from passing for the wrong reason.
#include <gtest/gtest.h>
#include <sanitizer/tsan_interface.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "runtime/engine/explore.h"
#include "tests/engine/outcomes.h"

namespace interleave {
namespace {

// Runs the two functions on two threads.
std::string Both(const std::function<void()>& first, const std::function<void()>& second) {
  std::thread a(first), b(second);
  a.join();
  b.join();
  return "";
}

// A correct program: no race in any schedule.
void ExpectOrdered(const Body& body) { EXPECT_EQ(Complaints(Explore(body)), ""); }

void ExpectRace(const Body& body) {
  ExploreReport report = Explore(body);
  EXPECT_TRUE(report.complete) << report.stopped_by << report.nondeterminism;
  EXPECT_FALSE(report.races.empty());
}

TEST(Order, CreationAndJoinOrder) {
  ExpectOrdered([] {
    int value = 1;
    std::thread a([&] { ++value; });
    a.join();
    ++value;
    std::thread b([&] { ++value; });
    b.join();
    return std::to_string(value);
  });
}

TEST(Order, CreationDoesNotOrderWhatComesAfterIt) {
  ExpectRace([] {
    int value = 1;
    std::thread a([&] { ++value; });
    ++value;
    a.join();
    return std::to_string(value);
  });
}

TEST(Order, ThreadsThatCreateThreadsPassOnWhatTheyKnow) {
  ExpectOrdered([] {
    int value = 1;
    std::thread a([&] {
      ++value;
      std::thread b([&] { ++value; });
      b.join();
    });
    a.join();
    return std::to_string(value);
  });
}

TEST(Order, TwoMutexesDoNotOrder) {
  ExpectRace([] {
    int value = 0;
    std::mutex one, other;
    return Both(
        [&] {
          std::lock_guard lock(one);
          ++value;
        },
        [&] {
          std::lock_guard lock(other);
          ++value;
        });
  });
}

TEST(Order, AConditionVariableHandsOver) {
  ExpectOrdered([] {
    int value = 0;
    bool ready = false;
    std::mutex mutex;
    std::condition_variable changed;
    return Both(
        [&] {
          value = 1;
          std::lock_guard lock(mutex);
          ready = true;
          changed.notify_one();
        },
        [&] {
          std::unique_lock lock(mutex);
          changed.wait(lock, [&] { return ready; });
          lock.unlock();
          ++value;
        });
  });
}

TEST(Order, CallOnceOrders) {
  ExpectOrdered([] {
    int value = 0;
    std::once_flag once;
    auto use = [&] {
      std::call_once(once, [&] { value = 1; });
      int copy = value;
      (void)copy;
    };
    return Both(use, use);
  });
}

TEST(Order, AFirstCallOfCallOnceThatThrowsIsMadeGoodByTheNext) {
  ExploreReport report = Explore([] {
    int calls = 0, failures = 0;
    std::mutex mutex;
    std::once_flag once;
    auto use = [&] {
      try {
        std::call_once(once, [&] {
          if (++calls == 1) throw 1;
        });
      } catch (int) {
        std::lock_guard lock(mutex);
        ++failures;
      }
    };
    Both(use, use);
    return std::to_string(calls) + " calls, " + std::to_string(failures) + " failures";
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (std::set<std::string>{"2 calls, 1 failures"}));
}

int MakeStaticValue() { return 42; }
int StaticValue() {
  static int value = MakeStaticValue();
  return value;
}

TEST(Order, AFunctionLocalStaticIsConstructedOnceAndOrdered) {
  ExpectOrdered([] { return Both([] { StaticValue(); }, [] { StaticValue(); }); });
  EXPECT_EQ(StaticValue(), 42);
}

TEST(Order, AHeapBlockHasNoHistory) {
  ExpectOrdered([] {
    // Each block may be the other thread's last one.
    auto churn = [] {
      for (int i = 0; i < 5; ++i) {
        auto value = std::make_unique<int>(i);
        ++*value;
        std::vector<int> more(100, i);
        more.resize(200);
      }
    };
    return Both(churn, churn);
  });
}

TEST(Order, ReallocForgetsTheOldBlock) {
  ExpectOrdered([] {
    auto churn = [] {
      int* block = static_cast<int*>(std::malloc(16));
      block[0] = 1;
      block = static_cast<int*>(std::realloc(block, 4096));
      block[1000] = 2;
      std::free(block);
    };
    return Both(churn, churn);
  });
}

TEST(Order, TheStackOfAnEndedThreadHasNoHistory) {
  ExpectOrdered([] {
    for (int round = 0; round < 4; ++round) {
      auto work = [] {
        int local = 0;
        int* pointer = &local;
        for (int i = 0; i < 3; ++i) ++*pointer;
      };
      Both(work, work);
    }
    return "";
  });
}

thread_local int own = 0;

TEST(Order, AThreadLocalIsEachThreadsOwn) {
  ExploreReport report = Explore([] {
    int sum = 0;
    std::mutex mutex;
    auto work = [&] {
      for (int i = 0; i < 3; ++i) {
        ++own;
        std::lock_guard lock(mutex);
        sum += own;
      }
    };
    Both(work, work);
    return std::to_string(sum);
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (std::set<std::string>{"12"}));
}

thread_local std::vector<int> kept;

TEST(Order, AThreadLocalOfTheCallersThreadIsItsOwnAgainAfterwards) {
  kept = {1};
  Explore([] {
    for (int i = 0; i < 100; ++i) kept.push_back(2);
    std::thread([] {}).join();
    return std::to_string(kept.size());
  });
  for (int i = 0; i < 1000; ++i) kept.push_back(3);
  EXPECT_EQ(kept.size() - static_cast<std::size_t>(std::count(kept.begin(), kept.end(), 2)), 1001u);
}

// Message passing: data, then a flag.
Body Publish(std::memory_order store, std::memory_order load) {
  return [=] {
    int data = 0, seen = -1;
    std::atomic<bool> ready{false};
    Both(
        [&] {
          data = 1;
          ready.store(true, store);
        },
        [&] {
          if (ready.load(load)) seen = data;
        });
    return std::to_string(seen);
  };
}

TEST(Order, ReleaseAndAcquirePublish) {
  ExpectOrdered(Publish(std::memory_order_release, std::memory_order_acquire));
  ExpectOrdered(Publish(std::memory_order_seq_cst, std::memory_order_seq_cst));
}

TEST(Order, RelaxedDoesNotPublish) {
  ExpectRace(Publish(std::memory_order_relaxed, std::memory_order_acquire));
  ExpectRace(Publish(std::memory_order_release, std::memory_order_relaxed));
}

Body PublishWithFences(bool release, bool acquire) {
  return [=] {
    int data = 0, seen = -1;
    std::atomic<bool> ready{false};
    Both(
        [&] {
          data = 1;
          if (release) std::atomic_thread_fence(std::memory_order_release);
          ready.store(true, std::memory_order_relaxed);
        },
        [&] {
          if (!ready.load(std::memory_order_relaxed)) return;
          if (acquire) std::atomic_thread_fence(std::memory_order_acquire);
          seen = data;
        });
    return std::to_string(seen);
  };
}

TEST(Order, FencesPublish) { ExpectOrdered(PublishWithFences(true, true)); }

TEST(Order, OneFenceIsNotEnough) {
  ExpectRace(PublishWithFences(true, false));
  ExpectRace(PublishWithFences(false, true));
}

// A third thread changes the flag between release and acquire.
Body PublishThroughAThird(bool by_update) {
  return [=] {
    int data = 0, seen = -1;
    std::atomic<int> flag{0};
    std::thread writer([&] {
      data = 1;
      flag.store(1, std::memory_order_release);
    });
    std::thread between([&] {
      if (by_update) {
        flag.fetch_add(1, std::memory_order_relaxed);
      } else if (flag.load(std::memory_order_relaxed) == 1) {
        flag.store(2, std::memory_order_relaxed);
      }
    });
    std::thread reader([&] {
      if (flag.load(std::memory_order_acquire) == 2) seen = data;
    });
    writer.join();
    between.join();
    reader.join();
    return std::to_string(seen);
  };
}

TEST(Order, AnUpdateContinuesAReleaseSequence) { ExpectOrdered(PublishThroughAThird(true)); }
TEST(Order, AStoreOfAnotherThreadEndsAReleaseSequence) { ExpectRace(PublishThroughAThird(false)); }

// A lock that says it is one, though its atomic operations alone order nothing.
class OwnLock {
 public:
  explicit OwnLock(bool annotated) : annotated_(annotated) {}

  void lock() {
    while (taken_.exchange(true, std::memory_order_relaxed)) std::this_thread::yield();
    if (annotated_) __tsan_mutex_post_lock(this, 0, 0);
  }
  void unlock() {
    if (annotated_) __tsan_mutex_pre_unlock(this, 0);
    taken_.store(false, std::memory_order_relaxed);
  }

 private:
  const bool annotated_;
  std::atomic<bool> taken_{false};
};

Body CountUnder(bool annotated) {
  return [annotated] {
    OwnLock lock(annotated);
    int counter = 0;
    auto add = [&] {
      std::lock_guard guard(lock);
      ++counter;
    };
    Both(add, add);
    return std::to_string(counter);
  };
}

TEST(Order, ALockThatIsAnnotatedOrders) { ExpectOrdered(CountUnder(true)); }
TEST(Order, ALockThatIsNotDoesNot) { ExpectRace(CountUnder(false)); }

TEST(Order, SharedPointersCountInOrder) {
  ExpectOrdered([] {
    auto shared = std::make_shared<int>(1);
    std::thread a([copy = shared] { (void)*copy; });
    std::thread b([copy = std::move(shared)] { (void)*copy; });
    a.join();
    b.join();
    return "";
  });
}

}  // namespace
}  // namespace interleave
