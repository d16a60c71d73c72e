// tests/engine/rarely_used_test.cc
//
// What few programs use of the standard library and of POSIX threads, explored all the same.
#include <gtest/gtest.h>
#include <pthread.h>
#include <time.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <future>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <syncstream>
#include <thread>

#include "runtime/engine/explore.h"
#include "tests/engine/outcomes.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;
using Map = std::map<std::string, std::int64_t>;
using Set = std::set<std::string>;

TEST(RecursiveTimedMutex, GivesUpWhileAnotherHoldsIt) {
  ExploreReport report = Explore([] {
    std::recursive_timed_mutex mutex;
    std::string got;
    std::thread holder([&] {
      std::lock_guard once(mutex);
      std::lock_guard twice(mutex);
      std::this_thread::sleep_for(2s);
    });
    if (mutex.try_lock_for(1s)) {
      got = mutex.try_lock() ? "twice" : "once";
      mutex.unlock();
      mutex.unlock();
    } else {
      got = "gave up";
    }
    holder.join();
    return got;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"gave up", "twice"}));
}

TEST(AtThreadExit, APromiseIsKeptWhenThreadLocalsAreGone) {
  ExploreReport report = Explore([] {
    int destroyed = 0;
    std::promise<int> promise;
    std::future<int> future = promise.get_future();
    std::thread thread([&] {
      struct Sets {
        int* to;
        ~Sets() { *to = 1; }
      };
      static thread_local Sets sets{nullptr};
      sets.to = &destroyed;
      promise.set_value_at_thread_exit(7);
    });
    const int value = future.get();
    const int before = destroyed;
    thread.join();
    return std::to_string(value) + " " + std::to_string(before);
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"7 1"}));
}

TEST(AtThreadExit, ATaskIsReady) {
  ExploreReport report = Explore([] {
    std::packaged_task<int()> task([] { return 3; });
    std::future<int> future = task.get_future();
    std::thread thread([&] { task.make_ready_at_thread_exit(); });
    int value = future.get();
    thread.join();
    return std::to_string(value);
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"3"}));
}

// To become ready is a step, so whoever only looks may come before it. Each schedule is found again
// by its text.
TEST(AtThreadExit, IsAStepThatOthersMayPrecede) {
  const Body body = [] {
    int written = 0;
    std::promise<void> promise;
    std::future<void> future = promise.get_future();
    std::thread thread([&] {
      promise.set_value_at_thread_exit();
      written = 5;
    });
    const bool ready = future.wait_for(0s) == std::future_status::ready;
    const std::string text = ready ? "ready " + std::to_string(written) : "not ready";
    thread.join();
    return text;
  };
  ExploreReport report = Explore(body);
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"not ready", "ready 5"}));
  for (const CensusRow& row : report.census) {
    SimulateOptions options;
    options.schedule = row.schedule;
    EXPECT_EQ(Simulate(body, options).outcome, row.outcome) << row.schedule;
  }
}

TEST(AtThreadExit, OrdersInTheMemoryModelsToo) {
  for (MemoryMode memory : {MemoryMode::kCpp, MemoryMode::kTso}) {
    ExploreOptions options;
    options.memory = memory;
    ExploreReport report = Explore(
        [] {
          std::atomic<int> written = 0;
          std::promise<int> promise;
          std::future<int> future = promise.get_future();
          std::thread thread([&] {
            promise.set_value_at_thread_exit(7);
            written.store(5, std::memory_order_relaxed);
          });
          const int value = future.get();
          const int seen = written.load(std::memory_order_relaxed);
          thread.join();
          return std::to_string(value) + " " + std::to_string(seen);
        },
        options);
    EXPECT_EQ(Complaints(report), "");
    EXPECT_EQ(Outcomes(report), (Set{"7 5"}));
  }
}

// Nobody is left who could ask, or the last one goes meanwhile.
TEST(AtThreadExit, FindsNobodyWhoOwnsTheFuture) {
  struct Value {
    int* destroyed;
    ~Value() { *destroyed = *destroyed + 1; }
  };
  ExploreReport report = Explore([] {
    int destroyed = 0;
    {
      std::promise<std::unique_ptr<Value>> first, second;
      std::future<std::unique_ptr<Value>> future = second.get_future();
      std::thread thread(
          [&destroyed, first = std::move(first), second = std::move(second)]() mutable {
            first.set_value_at_thread_exit(std::make_unique<Value>(&destroyed));
            second.set_value_at_thread_exit(std::make_unique<Value>(&destroyed));
          });
      thread.detach();
      future.get();
    }
    return std::to_string(destroyed);
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"2"}));
}

TEST(AtThreadExit, EverybodyIsNotified) {
  ExploreReport report = Explore([] {
    std::mutex mutex;
    std::condition_variable condition;
    bool ready = false;
    std::thread thread([&] {
      std::unique_lock lock(mutex);
      ready = true;
      std::notify_all_at_thread_exit(condition, std::move(lock));
    });
    {
      std::unique_lock lock(mutex);
      condition.wait(lock, [&] { return ready; });
    }
    thread.join();
    return "notified";
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"notified"}));
}

// Whoever lets go last destroys it, after what the others did with it.
TEST(ExceptionPtr, IsDestroyedByItsLastOwner) {
  struct Error {
    int code;
    ~Error() { code = 0; }
  };
  ExploreReport report = Explore([] {
    std::string seen[2];
    const auto look = [](std::exception_ptr error, std::string& seen) {
      try {
        std::rethrow_exception(std::move(error));
      } catch (const Error& caught) {
        seen = std::to_string(caught.code);
      }
    };
    std::exception_ptr error = std::make_exception_ptr(Error{7});
    std::thread a(look, error, std::ref(seen[0]));
    std::thread b(look, std::move(error), std::ref(seen[1]));
    a.join();
    b.join();
    return seen[0] + " " + seen[1];
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"7 7"}));
}

TEST(WeakPtr, IsLockedAsLongAsAnOwnerIsThere) {
  ExploreReport report = Explore([] {
    auto owner = std::make_shared<int>(5);
    std::weak_ptr<int> weak = owner;
    std::string seen;
    std::thread looks([&] {
      auto mine = weak.lock();
      seen = mine ? std::to_string(*mine) : "gone";
    });
    owner.reset();
    looks.join();
    return seen;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"5", "gone"}));
}

std::set<std::string> WrittenBy(void (*write)(const std::string&)) {
  Set all;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    std::string written;
    SimulateOptions options;
    options.random = true;
    options.seed = seed;
    options.output = [&](int, std::string_view text) { written += text; };
    RunReport report = Simulate(
        [write] {
          std::thread a(write, "a"), b(write, "b");
          a.join();
          b.join();
          return "";
        },
        options);
    EXPECT_TRUE(report.races.empty());
    all.insert(written);
  }
  return all;
}

// Each << is a step of its own.
TEST(Streams, OfManyThreadsMixTheirPieces) {
  EXPECT_EQ(WrittenBy([](const std::string& name) { std::cout << name << "!"; }),
            (Set{"a!b!", "ab!!", "b!a!", "ba!!"}));
}

TEST(Streams, ThatAreSynchronisedDoNot) {
  EXPECT_EQ(WrittenBy([](const std::string& name) { std::osyncstream(std::cout) << name << "!"; }),
            (Set{"a!b!", "b!a!"}));
}

TEST(PthreadOnce, CallsOnce) {
  ExploreReport report = Explore([] {
    static int calls;
    pthread_once_t once = PTHREAD_ONCE_INIT;
    calls = 0;
    const auto work = [&] { pthread_once(&once, [] { ++calls; }); };
    std::thread a(work), b(work);
    a.join();
    b.join();
    return std::to_string(calls);
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"1"}));
}

TEST(PthreadCondition, WaitsForItsTimeByEitherClock) {
  for (clockid_t clock : {CLOCK_REALTIME, CLOCK_MONOTONIC}) {
    RunReport report = Simulate([clock] {
      pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
      pthread_condattr_t attributes;
      pthread_condattr_init(&attributes);
      pthread_condattr_setclock(&attributes, clock);
      pthread_cond_t condition;
      pthread_cond_init(&condition, &attributes);
      timespec until;
      clock_gettime(clock, &until);
      until.tv_sec += 3;
      pthread_mutex_lock(&mutex);
      int error = pthread_cond_timedwait(&condition, &mutex, &until);
      pthread_mutex_unlock(&mutex);
      pthread_cond_destroy(&condition);
      pthread_condattr_destroy(&attributes);
      return error == ETIMEDOUT ? "ran out" : "woken";
    });
    EXPECT_EQ(report.outcome, "ran out");
    EXPECT_EQ(report.ended - report.began, 3s);
  }
}

TEST(PthreadMutex, ExcludesAsItIs) {
  ExploreReport report = Explore([] {
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    int count = 0;
    const auto work = [&] {
      pthread_mutex_lock(&mutex);
      count = count + 1;
      pthread_mutex_unlock(&mutex);
    };
    std::thread a(work), b(work);
    a.join();
    b.join();
    return std::to_string(count);
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"2"}));
}

}  // namespace
}  // namespace interleave
