// tests/engine/abseil_test.cc
//
// Abseil's blocking types are explored as the standard's are: their locks are steps, what they
// order does not race, and what they do not order does. What only readers share is refused.
#include <absl/base/call_once.h>
#include <absl/base/config.h>
#include <absl/synchronization/barrier.h>
#include <absl/synchronization/blocking_counter.h>
#include <absl/synchronization/mutex.h>
#include <absl/synchronization/notification.h>
#include <absl/time/clock.h>
#include <absl/time/time.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "runtime/engine/explore.h"
#include "tests/engine/outcomes.h"

namespace interleave {
namespace {

using Map = std::map<std::string, std::int64_t>;
using Set = std::set<std::string>;

#if ABSL_LTS_RELEASE_VERSION != 20220623

TEST(AbseilMutex, OfAnotherVersionIsRefused) {
  RunReport report = Simulate([] {
    absl::Mutex mutex;
    absl::MutexLock lock(&mutex);
    return "fine";
  });
  EXPECT_EQ(report.ending, Ending::kUnsupported);
  EXPECT_EQ(report.outcome,
            "absl::Mutex::Lock of this version of Abseil cannot run in a simulation in MainThread");
}

#else

TEST(AbseilMutex, Excludes) {
  ExploreReport report = Explore([] {
    absl::Mutex mutex;
    std::string order;
    const auto work = [&](char name) {
      absl::MutexLock lock(&mutex);
      order += name;
    };
    std::thread a(work, 'a'), b(work, 'b');
    a.join();
    b.join();
    return order;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"ab", "ba"}));
}

TEST(AbseilMutex, IsOneOfAFewChoices) {
  const auto runs = [](auto make) {
    ExploreReport report = Explore([make] {
      auto lock_and_unlock = make();
      std::thread a([&] { lock_and_unlock(); }), b([&] { lock_and_unlock(); });
      a.join();
      b.join();
      return "";
    });
    EXPECT_EQ(Complaints(report), "");
    return report.runs;
  };
  static absl::Mutex abseils;
  static std::mutex standard;
  EXPECT_EQ(runs([] { return [] { absl::MutexLock lock(&abseils); }; }),
            runs([] { return [] { std::lock_guard lock(standard); }; }));
}

TEST(AbseilMutex, InTwoOrdersDeadlocks) {
  ExploreReport report = Explore([] {
    absl::Mutex first, second;
    std::thread other([&] {
      absl::MutexLock one(&second);
      absl::MutexLock two(&first);
    });
    {
      absl::MutexLock one(&first);
      absl::MutexLock two(&second);
    }
    other.join();
    return "fine";
  });
  EXPECT_TRUE(report.complete);
  EXPECT_EQ(Outcomes(report), (Set{"deadlock", "fine"}));
}

TEST(AbseilMutex, TryLockMayFail) {
  ExploreReport report = Explore([] {
    absl::Mutex mutex;
    std::string got = "taken";
    std::thread holder([&] { absl::MutexLock lock(&mutex); });
    if (mutex.TryLock()) {
      got = "free";
      mutex.Unlock();
    }
    holder.join();
    return got;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"free", "taken"}));
}

TEST(AbseilMutex, AwaitsItsCondition) {
  ExploreReport report = Explore([] {
    absl::Mutex mutex;
    std::vector<int> queue;
    std::string taken;
    std::thread consumer([&] {
      const auto not_empty = [&queue] { return !queue.empty(); };
      for (int i = 0; i < 2; ++i) {
        mutex.LockWhen(absl::Condition(&not_empty));
        taken += std::to_string(queue.back());
        queue.pop_back();
        mutex.Unlock();
      }
      absl::MutexLock lock(&mutex);
      mutex.Await(absl::Condition(&not_empty));
    });
    for (int i = 1; i <= 3; ++i) {
      absl::MutexLock lock(&mutex);
      queue.push_back(i);
    }
    consumer.join();
    return taken;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"12", "13", "21", "23", "32"}));
}

TEST(AbseilMutex, AwaitRunsOutOfVirtualTime) {
  RunReport report = Simulate([] {
    absl::Mutex mutex;
    bool never = false;
    const absl::Time begin = absl::Now();
    absl::MutexLock lock(&mutex);
    bool came = mutex.AwaitWithTimeout(absl::Condition(&never), absl::Seconds(5));
    EXPECT_EQ(absl::Now() - begin, absl::Seconds(5));
    came |= mutex.AwaitWithDeadline(absl::Condition(&never), begin + absl::Seconds(7));
    EXPECT_EQ(absl::Now() - begin, absl::Seconds(7));
    return came ? "came" : "ran out";
  });
  EXPECT_EQ(report.outcome, "ran out");
}

TEST(AbseilMutex, ThatNobodyMakesTrueIsADeadlock) {
  RunReport report = Simulate([] {
    absl::Mutex mutex;
    bool never = false;
    mutex.LockWhen(absl::Condition(&never));
    return "not reached";
  });
  EXPECT_EQ(report.ending, Ending::kDeadlock);
}

TEST(AbseilMutex, KnowsWhoHoldsIt) {
  RunReport report = Simulate([] {
    absl::Mutex mutex;
    {
      absl::MutexLock lock(&mutex);
      mutex.AssertHeld();
    }
    mutex.AssertHeld();
    return "not reached";
  });
  EXPECT_EQ(report.ending, Ending::kAbort);
}

TEST(AbseilMutex, ReadersAreRefused) {
  RunReport report = Simulate([] {
    absl::Mutex mutex;
    absl::ReaderMutexLock lock(&mutex);
    return "not reached";
  });
  EXPECT_EQ(report.ending, Ending::kUnsupported);
  EXPECT_EQ(report.outcome, "absl::Mutex::ReaderLock cannot run in a simulation in MainThread");
}

TEST(AbseilCondVar, LosesASignalThatComesTooEarly) {
  ExploreReport report = Explore([] {
    absl::Mutex mutex;
    absl::CondVar condition;
    std::thread waiter([&] {
      absl::MutexLock lock(&mutex);
      condition.Wait(&mutex);
    });
    {
      absl::MutexLock lock(&mutex);
      condition.Signal();
    }
    waiter.join();
    return "woken";
  });
  EXPECT_TRUE(report.complete);
  EXPECT_EQ(Outcomes(report), (Set{"deadlock", "woken"}));
}

TEST(AbseilCondVar, WithAPredicateIsRight) {
  ExploreReport report = Explore([] {
    absl::Mutex mutex;
    absl::CondVar condition;
    bool ready = false;
    int data = 0;
    std::thread waiter([&] {
      absl::MutexLock lock(&mutex);
      while (!ready) condition.Wait(&mutex);
      if (data != 7) std::abort();
    });
    data = 7;
    {
      absl::MutexLock lock(&mutex);
      ready = true;
    }
    condition.SignalAll();
    waiter.join();
    return "woken";
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"woken"}));
}

TEST(AbseilCondVar, RunsOutOfVirtualTime) {
  RunReport report = Simulate([] {
    absl::Mutex mutex;
    absl::CondVar condition;
    const absl::Time begin = absl::Now();
    absl::MutexLock lock(&mutex);
    bool out = condition.WaitWithTimeout(&mutex, absl::Milliseconds(1500));
    EXPECT_EQ(absl::Now() - begin, absl::Milliseconds(1500));
    out &= condition.WaitWithDeadline(&mutex, begin + absl::Seconds(2));
    EXPECT_EQ(absl::Now() - begin, absl::Seconds(2));
    return out ? "ran out" : "woken";
  });
  EXPECT_EQ(report.outcome, "ran out");
}

TEST(AbseilNotification, Publishes) {
  ExploreReport report = Explore([] {
    absl::Notification done;
    int data = 0;
    std::thread worker([&] {
      data = 1;
      done.Notify();
    });
    std::string seen;
    if (done.HasBeenNotified()) seen = "early " + std::to_string(data) + ", ";
    done.WaitForNotification();
    seen += std::to_string(data);
    worker.join();
    return seen;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"1", "early 1, 1"}));
}

TEST(AbseilNotification, OrdersNothingThatComesAfter) {
  ExploreReport report = Explore([] {
    absl::Notification done;
    int data = 0;
    std::thread worker([&] {
      done.Notify();
      data = 1;
    });
    done.WaitForNotification();
    int seen = data;
    worker.join();
    return std::to_string(seen);
  });
  EXPECT_EQ(report.races.size(), 1u);
  EXPECT_EQ(Outcomes(report), (Set{"0", "1"}));
}

TEST(AbseilNotification, RunsOutOfVirtualTime) {
  RunReport report = Simulate([] {
    absl::Notification never;
    return never.WaitForNotificationWithTimeout(absl::Hours(1)) ? "notified" : "ran out";
  });
  EXPECT_EQ(report.outcome, "ran out");
  EXPECT_EQ(report.ended - report.began, std::chrono::hours(1));
}

TEST(AbseilBlockingCounter, WaitsForAll) {
  ExploreReport report = Explore([] {
    absl::BlockingCounter counter(2);
    int a = 0, b = 0;
    std::thread one([&] {
      a = 1;
      counter.DecrementCount();
    });
    std::thread two([&] {
      b = 2;
      counter.DecrementCount();
    });
    counter.Wait();
    std::string sum = std::to_string(a + b);
    one.join();
    two.join();
    return sum;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"3"}));
}

TEST(AbseilBarrier, OrdersBothSides) {
  ExploreReport report = Explore([] {
    auto* barrier = new absl::Barrier(2);
    int mine = 0, others = 0;
    std::thread other([&] {
      others = 2;
      if (barrier->Block()) delete barrier;
      if (mine != 1) std::abort();
    });
    mine = 1;
    if (barrier->Block()) delete barrier;
    std::string sum = std::to_string(mine + others);
    other.join();
    return sum;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"3"}));
}

TEST(AbseilCallOnce, CallsOnce) {
  ExploreReport report = Explore([] {
    absl::once_flag once;
    int calls = 0;
    const auto call = [&] { absl::call_once(once, [&] { ++calls; }); };
    std::thread a(call), b(call);
    a.join();
    b.join();
    return std::to_string(calls);
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"1"}));
}

TEST(Abseil, WorksOnRealThreads) {
  absl::Mutex mutex;
  absl::BlockingCounter counter(4);
  int count = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) {
        absl::MutexLock lock(&mutex);
        ++count;
      }
      counter.DecrementCount();
    });
  }
  counter.Wait();
  {
    absl::ReaderMutexLock lock(&mutex);
    EXPECT_EQ(count, 400);
  }
  for (std::thread& thread : threads) thread.join();
}

#endif

}  // namespace
}  // namespace interleave
