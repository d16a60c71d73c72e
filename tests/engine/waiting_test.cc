// tests/engine/waiting_test.cc
//
// The standard library's ways to wait: who is woken, when, and what happens if nobody is.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <thread>

#include "runtime/engine/explore.h"
#include "tests/engine/outcomes.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;
using Set = std::set<std::string>;

TEST(Waiting, ANotifyBeforeTheWaitIsLost) {
  ExploreReport report = Explore([] {
    std::mutex mutex;
    std::condition_variable changed;
    std::thread waiter([&] {
      std::unique_lock lock(mutex);
      changed.wait(lock);
    });
    std::thread notifier([&] { changed.notify_one(); });
    waiter.join();
    notifier.join();
    return "woken";
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"deadlock", "woken"}));
}

TEST(Waiting, AFlagCheckedOutsideTheLockLosesTheNotify) {
  ExploreReport report = Explore([] {
    std::mutex mutex;
    std::condition_variable changed;
    std::atomic<bool> ready{false};
    std::thread waiter([&] {
      std::unique_lock lock(mutex);
      if (!ready) changed.wait(lock);
    });
    std::thread notifier([&] {
      ready = true;
      changed.notify_one();
    });
    waiter.join();
    notifier.join();
    return "woken";
  });
  EXPECT_EQ(Outcomes(report), (Set{"deadlock", "woken"}));
}

TEST(Waiting, NotifyOneMayWakeAnyOfTheWaiters) {
  ExploreReport report = Explore([] {
    std::mutex mutex;
    std::condition_variable changed;
    int waiting = 0;
    bool done = false;
    std::string woken;
    auto wait = [&](const char* name) {
      std::unique_lock lock(mutex);
      ++waiting;
      changed.wait(lock);
      if (!done) woken = name;
      done = true;
    };
    std::thread a(wait, "a"), b(wait, "b"), c(wait, "c");
    for (;;) {
      std::this_thread::sleep_for(1s);
      std::lock_guard lock(mutex);
      if (waiting == 3) break;
    }
    changed.notify_one();
    std::this_thread::sleep_for(1s);
    changed.notify_all();
    a.join();
    b.join();
    c.join();
    return woken;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"a", "b", "c"}));
}

TEST(Waiting, NotifyAllWakesEverybodyInEveryOrder) {
  ExploreReport report = Explore([] {
    std::mutex mutex;
    std::condition_variable changed;
    bool open = false;
    std::string order;
    auto wait = [&](const char* name) {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return open; });
      order += name;
    };
    std::thread a(wait, "a"), b(wait, "b");
    {
      std::lock_guard lock(mutex);
      open = true;
    }
    changed.notify_all();
    a.join();
    b.join();
    return order;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"ab", "ba"}));
}

TEST(Waiting, ATimeOutAndANotifyAtTheSameTimeComeInEitherOrder) {
  ExploreReport report = Explore([] {
    std::mutex mutex;
    std::condition_variable changed;
    bool ready = false;
    std::string outcome;
    std::thread waiter([&] {
      std::unique_lock lock(mutex);
      changed.wait_for(lock, 1s);
      outcome = ready ? "ready" : "not yet";
    });
    std::thread notifier([&] {
      std::this_thread::sleep_for(1s);
      std::lock_guard lock(mutex);
      ready = true;
      changed.notify_one();
    });
    waiter.join();
    notifier.join();
    return outcome;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"not yet", "ready"}));
}

TEST(Waiting, ATimedMutexGivesUpAtItsDeadline) {
  ExploreReport report = Explore([] {
    std::timed_mutex mutex;
    mutex.lock();
    std::string outcome;
    std::thread other([&] {
      auto before = std::chrono::steady_clock::now();
      outcome = mutex.try_lock_for(2s) ? "locked" : "gave up";
      outcome += " after " + std::to_string((std::chrono::steady_clock::now() - before) / 1s);
    });
    std::this_thread::sleep_for(5s);
    mutex.unlock();
    other.join();
    return outcome;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"gave up after 2"}));
}

TEST(Waiting, ATimedMutexUnlockedAtTheDeadlineGoesEitherWay) {
  ExploreReport report = Explore([] {
    std::timed_mutex mutex;
    mutex.lock();
    bool locked = false;
    std::thread other([&] { locked = mutex.try_lock_for(2s); });
    std::this_thread::sleep_for(2s);
    mutex.unlock();
    other.join();
    return locked ? "locked" : "gave up";
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"gave up", "locked"}));
}

TEST(Waiting, ATimedMutexUnlockedAtTheDeadlineAndTakenAgainIsNotWaitedFor) {
  ExploreReport report = Explore([] {
    std::timed_mutex mutex;
    mutex.lock();
    std::string outcome;
    auto began = std::chrono::steady_clock::now();
    std::thread other([&] {
      bool locked = mutex.try_lock_for(1s);
      outcome = locked ? "locked" : "gave up";
      outcome += " after " + std::to_string((std::chrono::steady_clock::now() - began) / 1s);
      if (locked) mutex.unlock();
    });
    std::this_thread::sleep_for(1s);
    mutex.unlock();
    mutex.lock();  // the other one's time is over
    std::this_thread::sleep_for(5s);
    mutex.unlock();
    other.join();
    return outcome;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"gave up after 1", "locked after 1"}));
}

TEST(Waiting, TryLockFailsOnlyWhereTheMutexIsTaken) {
  ExploreReport report = Explore([] {
    std::mutex mutex;
    int entered = 0;
    auto work = [&] {
      if (!mutex.try_lock()) return;
      ++entered;
      mutex.unlock();
    };
    std::thread a(work), b(work);
    a.join();
    b.join();
    return std::to_string(entered);
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"1", "2"}));
}

TEST(Waiting, ARecursiveMutexIsFreeAfterItsLastUnlock) {
  ExploreReport report = Explore([] {
    std::recursive_mutex mutex;
    std::string order;
    auto work = [&](char name) {
      std::lock_guard outer(mutex);
      order += name;
      std::lock_guard inner(mutex);
      if (!mutex.try_lock()) std::abort();
      mutex.unlock();
      order += name;
    };
    std::thread a(work, 'a'), b(work, 'b');
    a.join();
    b.join();
    return order;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"aabb", "bbaa"}));
}

TEST(Waiting, AJthreadStopsAndJoinsByItself) {
  RunReport report = Simulate([] {
    int rounds = 0;
    {
      std::jthread worker([&](std::stop_token stop) {
        while (!stop.stop_requested()) {
          ++rounds;
          std::this_thread::sleep_for(1s);
        }
      });
      std::this_thread::sleep_for(3500ms);
    }
    return std::to_string(rounds);
  });
  EXPECT_EQ(report.outcome, "4");
  EXPECT_TRUE(report.races.empty());
}

TEST(Waiting, AStopRequestWakesAConditionVariableAny) {
  RunReport report = Simulate([] {
    std::mutex mutex;
    std::condition_variable_any changed;
    std::string outcome;
    {
      std::jthread worker([&](std::stop_token stop) {
        std::unique_lock lock(mutex);
        bool found = changed.wait(lock, stop, [] { return false; });
        outcome = found ? "found" : "stopped";
      });
      std::this_thread::sleep_for(1s);
    }
    return outcome;
  });
  EXPECT_EQ(report.outcome, "stopped") << report.explanation;
}

TEST(Waiting, ThreadsThatStillRunAreNamed) {
  RunReport report = Simulate([] {
    std::thread sleeper([] { std::this_thread::sleep_for(1h); });
    pthread_setname_np(sleeper.native_handle(), "sleeper");
    sleeper.detach();
    std::thread([] {}).join();
    return "returned";
  });
  EXPECT_EQ(report.ending, Ending::kReturned);
  EXPECT_EQ(report.outcome, "returned");
  EXPECT_EQ(report.threads, (std::vector<std::string>{"MainThread", "sleeper", "Thread-2"}));
  EXPECT_EQ(report.still_running, (std::vector<std::string>{"sleeper"}));
}

TEST(Waiting, ADetachedThreadMayEndBeforeTheBodyDoes) {
  ExploreReport report = Explore([] {
    static std::atomic<int> done;
    done = 0;
    std::thread([] { done = 1; }).detach();
    return std::to_string(done);
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"0", "1"}));
}

}  // namespace
}  // namespace interleave
