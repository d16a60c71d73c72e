// tests/engine/c11_test.cc
//
// The threads of C11.
#include <gtest/gtest.h>
#include <threads.h>

#include <atomic>
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
