// tests/engine/posix_test.cc
//
// What POSIX and C11 have besides mutexes and condition variables of the normal kind: semaphores,
// barriers, spin locks, mutexes that check, recursive and robust ones, timed joins, keys, and the
// threads of C11.
#include <gtest/gtest.h>
#include <pthread.h>
#include <semaphore.h>
#include <threads.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <thread>

#include "runtime/engine/explore.h"
#include "tests/engine/outcomes.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;
using Map = std::map<std::string, std::int64_t>;
using Set = std::set<std::string>;

timespec In(std::chrono::nanoseconds duration) {
  timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  time.tv_sec += duration / 1s;
  time.tv_nsec += duration % 1s / 1ns;
  return time;
}

std::string Seconds() {
  timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  return std::to_string(time.tv_sec - 1);  // a simulation begins at 1
}

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

// ---- Keys
// ----------------------------------------------------------------------------------------

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

// ---- C11
// -----------------------------------------------------------------------------------------

struct Queue {
  mtx_t mutex;
  cnd_t changed;
  int items = 0;
  int taken = 0;
};

int Produce(void* argument) {
  auto* queue = static_cast<Queue*>(argument);
  mtx_lock(&queue->mutex);
  ++queue->items;
  cnd_signal(&queue->changed);
  mtx_unlock(&queue->mutex);
  return 1;
}

int Consume(void* argument) {
  auto* queue = static_cast<Queue*>(argument);
  mtx_lock(&queue->mutex);
  while (queue->items == 0) cnd_wait(&queue->changed, &queue->mutex);
  --queue->items;
  ++queue->taken;
  mtx_unlock(&queue->mutex);
  thrd_exit(2);
}

TEST(C11, ThreadsMutexesAndConditions) {
  ExploreReport report = Explore([] {
    Queue queue;
    mtx_init(&queue.mutex, mtx_plain);
    cnd_init(&queue.changed);
    thrd_t producer, consumer;
    thrd_create(&consumer, Consume, &queue);
    thrd_create(&producer, Produce, &queue);
    int produced = 0, consumed = 0;
    thrd_join(producer, &produced);
    thrd_join(consumer, &consumed);
    cnd_destroy(&queue.changed);
    mtx_destroy(&queue.mutex);
    return std::to_string(produced) + std::to_string(consumed) + std::to_string(queue.taken);
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"121"}));
}

TEST(C11, TimedRecursiveAndTried) {
  RunReport report = Simulate([] {
    static mtx_t mutex;
    static cnd_t never;
    mtx_init(&mutex, mtx_timed | mtx_recursive);
    cnd_init(&never);
    std::string text;
    text += mtx_lock(&mutex) == thrd_success && mtx_lock(&mutex) == thrd_success ? "twice " : "?";
    thrd_t other;
    thrd_create(
        &other,
        [](void* argument) {
          auto& text = *static_cast<std::string*>(argument);
          text += mtx_trylock(&mutex) == thrd_busy ? "busy " : "?";
          timespec deadline = In(1s);
          text += mtx_timedlock(&mutex, &deadline) == thrd_timedout ? "late " : "?";
          return 0;
        },
        &text);
    timespec two = {2, 0};
    thrd_sleep(&two, nullptr);
    thrd_join(other, nullptr);
    mtx_unlock(&mutex);
    timespec deadline = In(1s);
    text += cnd_timedwait(&never, &mutex, &deadline) == thrd_timedout ? "nobody " : "?";
    mtx_unlock(&mutex);
    return text + Seconds();
  });
  EXPECT_EQ(report.outcome, "twice busy late nobody 3");
  EXPECT_TRUE(report.races.empty());
}

TEST(C11, CallOnceAndThreadSpecificStorage) {
  static int calls;
  static once_flag once;
  static tss_t key;
  ExploreReport report = Explore([] {
    calls = 0;
    once = ONCE_FLAG_INIT;
    static std::atomic<int> destructions;
    destructions = 0;
    tss_create(&key, [](void*) { ++destructions; });
    auto work = [](void*) {
      call_once(&once, [] { ++calls; });
      tss_set(key, &calls);
      return tss_get(key) == &calls ? 0 : 1;
    };
    thrd_t a, b;
    thrd_create(&a, work, nullptr);
    thrd_create(&b, work, nullptr);
    int failed_a = 1, failed_b = 1;
    thrd_join(a, &failed_a);
    thrd_join(b, &failed_b);
    std::string text = std::to_string(calls) + std::to_string(failed_a + failed_b);
    text += std::to_string(destructions) + (tss_get(key) == nullptr ? "" : "?");
    tss_delete(key);
    return text;
  });
  EXPECT_TRUE(report.complete);
  EXPECT_EQ(Outcomes(report), (Set{"102"}));
}

}  // namespace
}  // namespace interleave
