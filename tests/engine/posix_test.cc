// tests/engine/posix_test.cc
//
// What POSIX has to wait with besides mutexes and condition variables: semaphores, barriers, spin
// locks.
#include <gtest/gtest.h>
#include <pthread.h>
#include <semaphore.h>

#include <algorithm>
#include <atomic>
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

TEST(Semaphore, OfTwoLetsTwoIn) {
  ExploreReport report = Explore([] {
    sem_t semaphore;
    sem_init(&semaphore, 0, 2);
    int inside = 0, most = 0;
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    auto work = [&] {
      sem_wait(&semaphore);
      pthread_mutex_lock(&mutex);
      most = std::max(most, ++inside);
      pthread_mutex_unlock(&mutex);
      pthread_mutex_lock(&mutex);
      --inside;
      pthread_mutex_unlock(&mutex);
      sem_post(&semaphore);
    };
    std::thread a(work), b(work), c(work);
    a.join();
    b.join();
    c.join();
    sem_destroy(&semaphore);
    return std::to_string(most);
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"1", "2"}));
}

TEST(Semaphore, OfOneHasTwoSchedulesForTwoThreads) {
  ExploreReport report = Explore([] {
    sem_t semaphore;
    sem_init(&semaphore, 0, 1);
    std::string order;
    auto work = [&](char name) {
      sem_wait(&semaphore);
      order += name;
      sem_post(&semaphore);
    };
    std::thread a(work, 'a'), b(work, 'b');
    a.join();
    b.join();
    return order;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Counts(report), (Map{{"ab", 1}, {"ba", 1}}));
}

TEST(Semaphore, ThatOutlivesTheRunBeginsWithItsValue) {
  static sem_t semaphore;
  sem_init(&semaphore, 0, 1);
  ExploreReport report = Explore([] {
    std::thread other([] { sem_post(&semaphore); });
    sem_wait(&semaphore);
    int left = -1;
    other.join();
    sem_getvalue(&semaphore, &left);
    return std::to_string(left);
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Counts(report), (Map{{"1", 2}}));
  sem_destroy(&semaphore);
}

TEST(Semaphore, ThatNobodyPostsIsADeadlock) {
  RunReport report = Simulate([] {
    auto* semaphore = new sem_t;
    sem_init(semaphore, 0, 0);
    sem_wait(semaphore);
    return "never";
  });
  EXPECT_EQ(report.ending, Ending::kDeadlock);
  EXPECT_NE(report.explanation.find("MainThread  waits for semaphore 1  (posix_test.cc:"),
            std::string::npos)
      << report.explanation;
}

TEST(Semaphore, IsTriedAndTimed) {
  RunReport report = Simulate([] {
    sem_t semaphore;
    sem_init(&semaphore, 0, 1);
    std::string text;
    text += sem_trywait(&semaphore) == 0 ? "taken " : "? ";
    text += sem_trywait(&semaphore) == -1 && errno == EAGAIN ? "empty " : "? ";
    timespec deadline = In(2s);
    text += sem_timedwait(&semaphore, &deadline) == -1 && errno == ETIMEDOUT ? "late " : "? ";
    std::thread poster([&] {
      std::this_thread::sleep_for(1s);
      sem_post(&semaphore);
    });
    deadline = In(2s);
    text += sem_clockwait(&semaphore, CLOCK_MONOTONIC, &deadline) == 0 ? "in time" : "?";
    poster.join();
    return text + " at " + Seconds();
  });
  EXPECT_EQ(report.outcome, "taken empty late in time at 3");
  EXPECT_TRUE(report.races.empty());
}

TEST(Semaphore, PostedAtTheDeadlineGoesEitherWay) {
  ExploreReport report = Explore([] {
    sem_t semaphore;
    sem_init(&semaphore, 0, 0);
    std::thread poster([&] {
      std::this_thread::sleep_for(1s);
      sem_post(&semaphore);
    });
    timespec deadline = In(1s);
    bool taken = sem_timedwait(&semaphore, &deadline) == 0;
    poster.join();
    return taken ? "taken" : "late";
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"late", "taken"}));
}

TEST(Semaphore, APostHappensBeforeTheWait) {
  ExploreReport report = Explore([] {
    sem_t full;
    sem_init(&full, 0, 0);
    int data = 0;
    std::thread producer([&] {
      data = 7;
      sem_post(&full);
    });
    sem_wait(&full);
    std::string seen = std::to_string(data);
    producer.join();
    return seen;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"7"}));
}

// Three arrive in 3! orders; who comes last is told so.
TEST(Barrier, LetsAllGoWhenTheLastHasArrived) {
  ExploreReport report = Explore([] {
    pthread_barrier_t barrier;
    pthread_barrier_init(&barrier, nullptr, 3);
    int before[3] = {}, seen[3] = {};
    std::string serial;
    auto work = [&](int me) {
      before[me] = 1;
      if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD) {
        serial += static_cast<char>('a' + me);
      }
      seen[me] = before[0] + before[1] + before[2];
    };
    std::thread a(work, 0), b(work, 1), c(work, 2);
    a.join();
    b.join();
    c.join();
    if (seen[0] + seen[1] + seen[2] != 9) return std::string("too early");
    return serial + (pthread_barrier_destroy(&barrier) == 0 ? "" : "?");
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Counts(report), (Map{{"a", 2}, {"b", 2}, {"c", 2}}));
}

TEST(Barrier, ServesRoundAfterRound) {
  ExploreReport report = Explore([] {
    pthread_barrier_t barrier;
    pthread_barrier_init(&barrier, nullptr, 2);
    int field[2] = {};
    auto work = [&](int me) {
      for (int round = 1; round <= 3; ++round) {
        field[me] = round;
        pthread_barrier_wait(&barrier);
        if (field[1 - me] != round) std::abort();
        pthread_barrier_wait(&barrier);
      }
    };
    std::thread a(work, 0), b(work, 1);
    a.join();
    b.join();
    return "";
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Counts(report), (Map{{"", 64}}));  // who of the two comes first, six times
}

TEST(Barrier, ThatNotAllReachIsADeadlock) {
  RunReport report = Simulate([] {
    auto* barrier = new pthread_barrier_t;
    pthread_barrier_init(barrier, nullptr, 2);
    pthread_barrier_wait(barrier);
    return "never";
  });
  EXPECT_EQ(report.ending, Ending::kDeadlock);
  EXPECT_NE(report.explanation.find("waits on barrier 1"), std::string::npos) << report.explanation;
}

TEST(SpinLock, LetsOneInAtATime) {
  ExploreReport report = Explore([] {
    pthread_spinlock_t lock;
    pthread_spin_init(&lock, PTHREAD_PROCESS_PRIVATE);
    int counter = 0;
    auto add = [&] {
      pthread_spin_lock(&lock);
      counter = counter + 1;
      pthread_spin_unlock(&lock);
    };
    std::thread a(add), b(add);
    a.join();
    b.join();
    pthread_spin_destroy(&lock);
    return std::to_string(counter);
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Counts(report), (Map{{"2", 2}}));
}

TEST(SpinLock, IsTried) {
  ExploreReport report = Explore([] {
    pthread_spinlock_t lock;
    pthread_spin_init(&lock, PTHREAD_PROCESS_PRIVATE);
    std::string seen;
    std::thread holder([&] {
      pthread_spin_lock(&lock);
      pthread_spin_unlock(&lock);
    });
    int error = pthread_spin_trylock(&lock);
    if (error == 0) pthread_spin_unlock(&lock);
    holder.join();
    return error == 0 ? "locked" : error == EBUSY ? "busy" : "?";
  });
  EXPECT_EQ(Complaints(report), "");
  // L U T V with L U and T V in order and nothing inside T V: 3; T between L and U fails: 1.
  EXPECT_EQ(Counts(report), (Map{{"busy", 1}, {"locked", 2}}));
}

}  // namespace
}  // namespace interleave
