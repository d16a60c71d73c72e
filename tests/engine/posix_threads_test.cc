// tests/engine/posix_threads_test.cc
//
// Mutexes of POSIX of the other kinds (those that check, recursive and robust ones), timed joins,
// and keys.
#include <gtest/gtest.h>
#include <pthread.h>

#include <cerrno>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <thread>

#include "runtime/engine/explore.h"
#include "tests/engine/deadlines.h"
#include "tests/engine/outcomes.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;
using Map = std::map<std::string, std::int64_t>;
using Set = std::set<std::string>;

pthread_mutex_t MutexOf(int type, bool robust = false) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes, type);
  if (robust) pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_t mutex;
  pthread_mutex_init(&mutex, &attributes);
  return mutex;
}

TEST(Mutex, ThatChecksNamesItsMisuse) {
  RunReport report = Simulate([] {
    pthread_mutex_t mutex = MutexOf(PTHREAD_MUTEX_ERRORCHECK);
    std::string text;
    text += pthread_mutex_unlock(&mutex) == EPERM ? "not held, " : "?";
    pthread_mutex_lock(&mutex);
    text += pthread_mutex_lock(&mutex) == EDEADLK ? "held already, " : "?";
    text += pthread_mutex_trylock(&mutex) == EBUSY ? "busy, " : "?";
    text += pthread_mutex_destroy(&mutex) == EBUSY ? "in use" : "?";
    pthread_mutex_unlock(&mutex);
    return text + (pthread_mutex_destroy(&mutex) == 0 ? "" : "?");
  });
  EXPECT_EQ(report.outcome, "not held, held already, busy, in use");
}

TEST(Mutex, RecursiveCountsAndRefusesStrangers) {
  ExploreReport report = Explore([] {
    pthread_mutex_t mutex = MutexOf(PTHREAD_MUTEX_RECURSIVE);
    std::string text;
    pthread_mutex_lock(&mutex);
    pthread_mutex_lock(&mutex);
    pthread_mutex_unlock(&mutex);
    std::thread([&] {
      text += pthread_mutex_unlock(&mutex) == EPERM ? "not mine, " : "?";
      text += pthread_mutex_trylock(&mutex) == EBUSY ? "busy" : "?";
    }).join();
    pthread_mutex_unlock(&mutex);
    return text;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"not mine, busy"}));
}

TEST(Mutex, RobustSurvivesItsOwner) {
  ExploreReport report = Explore([] {
    pthread_mutex_t mutex = MutexOf(PTHREAD_MUTEX_NORMAL, true);
    int half_done = 0;
    std::thread([&] {
      pthread_mutex_lock(&mutex);
      half_done = 1;
    }).join();
    std::string text;
    std::thread([&] {
      text += pthread_mutex_lock(&mutex) == EOWNERDEAD ? "owner died, " : "?";
      half_done = 0;
      text += pthread_mutex_consistent(&mutex) == 0 ? "repaired, " : "?";
      pthread_mutex_unlock(&mutex);
    }).join();
    text += pthread_mutex_lock(&mutex) == 0 ? "locked" : "?";
    pthread_mutex_unlock(&mutex);
    return text;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"owner died, repaired, locked"}));
}

TEST(Mutex, RobustThatNobodyRepairsIsLost) {
  RunReport report = Simulate([] {
    pthread_mutex_t mutex = MutexOf(PTHREAD_MUTEX_NORMAL, true);
    std::thread([&] { pthread_mutex_lock(&mutex); }).join();
    std::string text;
    text += pthread_mutex_trylock(&mutex) == EOWNERDEAD ? "owner died, " : "?";
    pthread_mutex_unlock(&mutex);
    text += pthread_mutex_lock(&mutex) == ENOTRECOVERABLE ? "lost, " : "?";
    text += pthread_mutex_consistent(&mutex) == EINVAL ? "too late" : "?";
    return text;
  });
  EXPECT_EQ(report.outcome, "owner died, lost, too late");
}

TEST(Mutex, RobustIsHandedOnToWhoWaits) {
  ExploreReport report = Explore([] {
    pthread_mutex_t mutex = MutexOf(PTHREAD_MUTEX_NORMAL, true);
    auto work = [&] {
      if (pthread_mutex_lock(&mutex) == EOWNERDEAD) pthread_mutex_consistent(&mutex);
    };
    std::thread a(work), b(work);
    a.join();
    b.join();
    return "both";
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Counts(report), (Map{{"both", 2}}));
}

TEST(Condition, DestroyedWhileSomebodyWaitsEndsTheRun) {
  RunReport report = Simulate([] {
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
    std::thread waiter([&] {
      pthread_mutex_lock(&mutex);
      pthread_cond_wait(&condition, &mutex);
    });
    std::this_thread::sleep_for(1s);
    pthread_cond_destroy(&condition);
    waiter.join();
    return "went on";
  });
  EXPECT_EQ(report.ending, Ending::kAbort);
  EXPECT_EQ(report.outcome, "destruction of a condition variable that a thread waits on");
}

TEST(Join, IsTimedAndTried) {
  RunReport report = Simulate([] {
    pthread_t handle;
    auto sleep = [](void*) -> void* {
      std::this_thread::sleep_for(3s);
      return nullptr;
    };
    pthread_create(&handle, nullptr, sleep, nullptr);
    std::string text;
    text += pthread_tryjoin_np(handle, nullptr) == EBUSY ? "busy, " : "?";
    timespec deadline = In(1s);
    text += pthread_timedjoin_np(handle, nullptr, &deadline) == ETIMEDOUT ? "late, " : "?";
    deadline = In(1s);
    text += pthread_clockjoin_np(handle, nullptr, CLOCK_MONOTONIC, &deadline) == ETIMEDOUT
                ? "late again, "
                : "?";
    deadline = In(5s);
    text += pthread_timedjoin_np(handle, nullptr, &deadline) == 0 ? "joined at " : "?";
    text += Seconds();
    text += pthread_tryjoin_np(handle, nullptr) == ESRCH ? ", gone" : ", ?";
    return text;
  });
  EXPECT_EQ(report.outcome, "busy, late, late again, joined at 3, gone");
}

TEST(Join, ThatIsTriedComesBeforeTheEndOrAfter) {
  ExploreReport report = Explore([] {
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    auto work = [](void* lock) -> void* {
      pthread_mutex_lock(static_cast<pthread_mutex_t*>(lock));
      pthread_mutex_unlock(static_cast<pthread_mutex_t*>(lock));
      return nullptr;
    };
    pthread_t thread;
    pthread_create(&thread, nullptr, work, &mutex);
    int error = pthread_tryjoin_np(thread, nullptr);
    if (error == EBUSY) pthread_join(thread, nullptr);
    return error == EBUSY ? "before" : "after";
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Counts(report), (Map{{"after", 1}, {"before", 2}}));
}

// ---- Keys -----------------------------------------------------------------

std::string* destroyed;
pthread_key_t first_key, second_key;

TEST(Key, IsDestroyedInEachThreadThatHasAValueAndNotInMain) {
  std::string text;
  destroyed = &text;
  ExploreReport report = Explore([] {
    destroyed->clear();
    pthread_key_create(&first_key, [](void* value) {
      *destroyed += std::string("1") + static_cast<const char*>(value);
      // Set again, it is destroyed once more, in the next round.
      if (destroyed->size() < 6) pthread_setspecific(first_key, value);
    });
    pthread_key_create(&second_key, [](void* value) {
      *destroyed += std::string("2") + static_cast<const char*>(value);
    });
    std::string found;
    pthread_setspecific(second_key, "m");
    std::thread([&] {
      found += pthread_getspecific(second_key) == nullptr ? "empty " : "?";
      pthread_setspecific(second_key, "b");
      pthread_setspecific(first_key, "a");
    }).join();
    found += static_cast<const char*>(pthread_getspecific(second_key));
    pthread_key_delete(first_key);
    pthread_key_delete(second_key);
    return found + " " + *destroyed;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"empty m 1a2b1a"}));
}

TEST(Key, OfMainIsForgottenBetweenTwoRuns) {
  static pthread_key_t key;
  pthread_key_create(&key, nullptr);
  ExploreReport report = Explore([] {
    std::string found = pthread_getspecific(key) == nullptr ? "new" : "old";
    pthread_setspecific(key, "here");
    std::thread a([] { std::this_thread::yield(); }), b([] { std::this_thread::yield(); });
    a.join();
    b.join();
    return found;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Counts(report), (Map{{"new", 2}}));
  pthread_key_delete(key);
}

}  // namespace
}  // namespace interleave
