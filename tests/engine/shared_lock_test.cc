// tests/engine/shared_lock_test.cc
//
// Reader-writer locks: std::shared_mutex, std::shared_timed_mutex and pthread_rwlock_t.
#include <gtest/gtest.h>
#include <pthread.h>

#include <cerrno>
#include <chrono>
#include <map>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <string>
#include <thread>

#include "runtime/engine/explore.h"
#include "tests/engine/outcomes.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;
using Set = std::set<std::string>;

// How many schedules there are follows by hand: a reader is R U, a writer W X, and between W and X
// stands nothing.

TEST(SharedMutex, TwoReadersMayBeInsideTogether) {
  ExploreReport report = Explore([] {
    std::shared_mutex mutex;
    auto read = [&] { std::shared_lock lock(mutex); };
    std::thread a(read), b(read);
    a.join();
    b.join();
    return "";
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(report.runs, 6);  // 4! / (2! 2!)
}

TEST(SharedMutex, TwoWritersComeOneAfterTheOther) {
  ExploreReport report = Explore([] {
    std::shared_mutex mutex;
    std::string order;
    auto write = [&](char name) {
      std::lock_guard lock(mutex);
      order += name;
    };
    std::thread a(write, 'a'), b(write, 'b');
    a.join();
    b.join();
    return order;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Counts(report), (std::map<std::string, std::int64_t>{{"ab", 1}, {"ba", 1}}));
}

TEST(SharedMutex, AWriterAndTwoReadersHaveFourteenSchedules) {
  ExploreReport report = Explore([] {
    std::shared_mutex mutex;
    int value = 0;
    int seen[2] = {};
    auto read = [&](int me) {
      std::shared_lock lock(mutex);
      seen[me] = value;
    };
    std::thread a(read, 0), b(read, 1);
    std::thread writer([&] {
      std::lock_guard lock(mutex);
      value = 1;
    });
    a.join();
    b.join();
    writer.join();
    return std::to_string(seen[0]) + std::to_string(seen[1]);
  });
  EXPECT_EQ(Complaints(report), "");
  // Six orders of the readers, the writer before or behind all of it: 12. In two of the six nobody
  // is inside for a moment, and the writer may come there.
  EXPECT_EQ(Counts(report),
            (std::map<std::string, std::int64_t>{{"00", 6}, {"11", 6}, {"01", 1}, {"10", 1}}));
}

TEST(SharedMutex, AWriteUnderAReadLockIsARace) {
  ExploreReport report = Explore([] {
    std::shared_mutex mutex;
    int counter = 0;
    auto work = [&] {
      std::shared_lock lock(mutex);
      counter = counter + 1;
    };
    std::thread a(work), b(work);
    a.join();
    b.join();
    return std::to_string(counter);
  });
  EXPECT_FALSE(report.races.empty());
  EXPECT_EQ(Outcomes(report), (Set{"1", "2"}));
}

TEST(SharedMutex, AReadersUnlockDoesNotOrderTheNextReader) {
  ExploreReport report = Explore([] {
    std::shared_mutex mutex;
    int data = 0;
    std::thread a([&] {
      data = 1;
      std::shared_lock lock(mutex);
    });
    std::thread b([&] {
      { std::shared_lock lock(mutex); }
      [[maybe_unused]] volatile int seen = data;
    });
    a.join();
    b.join();
    return "";
  });
  EXPECT_EQ(report.races.size(), 1u);
}

TEST(SharedMutex, AWriterKnowsWhatTheReadersDidBefore) {
  ExploreReport report = Explore([] {
    std::shared_mutex mutex;
    int done[2] = {};
    auto read = [&](int me) {
      done[me] = 1;  // outside of the lock: what the writer learns of it is in the reader's unlock
      std::shared_lock lock(mutex);
    };
    std::string seen;
    std::thread a(read, 0), b(read, 1);
    std::thread writer([&] {
      std::this_thread::sleep_for(1s);
      std::lock_guard lock(mutex);
      seen = std::to_string(done[0]) + std::to_string(done[1]);
    });
    a.join();
    b.join();
    writer.join();
    return seen;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"11"}));
}

TEST(SharedMutex, ATryFailsOnlyWhereSomebodyIsInside) {
  ExploreReport report = Explore([] {
    std::shared_mutex mutex;
    std::string seen;
    std::thread reader([&] { std::shared_lock lock(mutex); });
    std::thread trier([&] {
      seen += mutex.try_lock_shared() ? "r" : "-";
      if (seen == "r") mutex.unlock_shared();
      bool locked = mutex.try_lock();
      seen += locked ? "w" : "-";
      if (locked) mutex.unlock();
    });
    reader.join();
    trier.join();
    return seen;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"r-", "rw"}));
}

TEST(SharedMutex, AReaderThatWantsToWriteWaitsForItself) {
  RunReport report = Simulate([] {
    std::shared_mutex mutex;
    mutex.lock_shared();
    mutex.lock();
    return "never";
  });
  EXPECT_EQ(report.ending, Ending::kDeadlock);
}

TEST(SharedMutex, ADeadlockNamesWhoHoldsWhat) {
  RunReport report = Simulate([] {
    std::shared_mutex left, right;
    std::thread reader([&] {
      std::shared_lock first(left);
      std::this_thread::sleep_for(1s);
      std::unique_lock second(right);
    });
    std::shared_lock first(right);
    std::this_thread::sleep_for(1s);
    std::unique_lock second(left);
    return "never";
  });
  EXPECT_EQ(report.ending, Ending::kDeadlock);
  EXPECT_NE(report.explanation.find("MainThread  holds right, waits for left"), std::string::npos)
      << report.explanation;
  EXPECT_NE(report.explanation.find("MainThread -> left -> Thread-1 -> right -> MainThread"),
            std::string::npos)
      << report.explanation;
}

TEST(SharedMutex, LockingItTwiceToWriteIsAnError) {
  RunReport report = Simulate([] {
    std::shared_mutex mutex;
    mutex.lock();
    try {
      mutex.lock_shared();
    } catch (const std::system_error& error) {
      return error.code() == std::errc::resource_deadlock_would_occur ? "refused" : "?";
    }
    return "locked";
  });
  EXPECT_EQ(report.outcome, "refused");
}

TEST(SharedTimedMutex, GivesUpAtItsDeadline) {
  ExploreReport report = Explore([] {
    std::shared_timed_mutex mutex;
    mutex.lock_shared();
    std::string outcome;
    std::thread other([&] {
      auto began = std::chrono::steady_clock::now();
      outcome = mutex.try_lock_shared_for(1s) ? "reads, " : "does not read, ";
      mutex.unlock_shared();
      outcome += mutex.try_lock_for(2s) ? "writes" : "does not write";
      outcome += " after " + std::to_string((std::chrono::steady_clock::now() - began) / 1s);
    });
    std::this_thread::sleep_for(5s);
    mutex.unlock_shared();
    other.join();
    return outcome;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"reads, does not write after 2"}));
}

TEST(SharedTimedMutex, UnlockedAtTheDeadlineGoesEitherWay) {
  ExploreReport report = Explore([] {
    std::shared_timed_mutex mutex;
    mutex.lock();
    bool locked = false;
    std::thread other(
        [&] { locked = mutex.try_lock_shared_until(std::chrono::system_clock::now() + 2s); });
    std::this_thread::sleep_for(2s);
    mutex.unlock();
    other.join();
    return locked ? "locked" : "gave up";
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"gave up", "locked"}));
}

TEST(Rwlock, AReaderMayReadTwice) {
  RunReport report = Simulate([] {
    pthread_rwlock_t lock;
    pthread_rwlock_init(&lock, nullptr);
    std::string results;
    results += std::to_string(pthread_rwlock_rdlock(&lock));
    results += std::to_string(pthread_rwlock_rdlock(&lock));
    results += pthread_rwlock_trywrlock(&lock) == EBUSY ? "b" : "?";
    pthread_rwlock_unlock(&lock);
    results += pthread_rwlock_trywrlock(&lock) == EBUSY ? "b" : "?";
    results += pthread_rwlock_destroy(&lock) == EBUSY ? "b" : "?";
    pthread_rwlock_unlock(&lock);
    results += std::to_string(pthread_rwlock_trywrlock(&lock));
    pthread_rwlock_unlock(&lock);
    results += std::to_string(pthread_rwlock_destroy(&lock));
    return results;
  });
  EXPECT_EQ(report.outcome, "00bbb00");
}

TEST(Rwlock, UnlockingWhatIsNotHeldEndsTheRun) {
  RunReport report = Simulate([] {
    pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
    pthread_rwlock_unlock(&lock);
    return "went on";
  });
  EXPECT_EQ(report.ending, Ending::kAbort);
  EXPECT_EQ(report.outcome, "unlock of a reader-writer lock that the thread does not hold");
}

}  // namespace
}  // namespace interleave
