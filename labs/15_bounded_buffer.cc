// Lab 15: bounded buffer
//
// Producer and consumer at different speeds.
//
// One makes things, another uses them, and between them stands a buffer: a queue with room for so
// many. It is there for the differences. Whoever is ahead for a moment does not have to wait. For
// good, nothing helps the pair to be faster than the slower of the two: either the buffer is full
// and the producer waits for room, or it is empty and the consumer waits for an item. Without a
// bound the producer would not wait; the queue would grow until the memory is full.
//
// So threads wait here for two different facts, and each fact has its own condition variable.
// With a single one for both, notify_one() may wake somebody of the wrong kind: a consumer wakes
// the other consumer, which finds nothing and sleeps again, while the producer, who could go on,
// is never told. Then everybody sleeps.
//
// Run it:     bazel run //labs:15_bounded_buffer
//
// Notice:     In fast_producer the producer runs ahead by the two places that the buffer has, and
//             from then on works at the consumer's pace.
//
//             one_condition has the right tests, the right lock, and a while around each wait
//             (inside wait's second form). The signal is not lost; it goes to the wrong one.
//
// Try:        --scenario=fast_producer with capacity 1, and with 100: when is the last item used?
//             --scenario=fast_consumer: who waits now, and what is the buffer good for?
//             One consumer instead of two in one_condition. Why can it not go wrong?
//
// Next:       16_future
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "runtime/lab/compute.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/thread_name.h"

void AddArticles(interleave::Lab& lab);  // in 15_bounded_buffer_articles.cc

namespace {

using interleave::Log;
using interleave::SetThreadName;
using std::chrono::seconds;

// Producers wait for room, consumers for items: two facts, a condition for each.
class Buffer {
 public:
  explicit Buffer(std::size_t capacity) : capacity_(capacity) {}

  void Put(int item) {
    std::unique_lock<std::mutex> lock(mutex_);
    room_.wait(lock, [this] { return items_.size() < capacity_; });
    items_.push_back(item);
    Log("puts " + std::to_string(item) + ", holds " + std::to_string(items_.size()));
    item_.notify_one();
  }

  int Get() {
    std::unique_lock<std::mutex> lock(mutex_);
    item_.wait(lock, [this] { return !items_.empty(); });
    const int item = items_.front();
    items_.pop_front();
    Log("gets " + std::to_string(item) + ", holds " + std::to_string(items_.size()));
    room_.notify_one();
    return item;
  }

 private:
  const std::size_t capacity_;
  std::mutex mutex_;
  std::condition_variable room_, item_;
  std::deque<int> items_;
};

// A single place, and everybody waits for the same thing: that something has changed.
class OneConditionBuffer {
 public:
  explicit OneConditionBuffer(bool wakes_all) : wakes_all_(wakes_all) {}

  void Put(int item) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return !item_; });
    item_ = item;
    Log("puts " + std::to_string(item));
    Wake();
  }

  int Get() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return item_.has_value(); });
    const int item = *item_;
    item_.reset();
    Log("gets " + std::to_string(item));
    Wake();
    return item;
  }

 private:
  void Wake() {
    if (wakes_all_) {
      changed_.notify_all();
    } else {
      changed_.notify_one();
    }
  }

  const bool wakes_all_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<int> item_;
};

// One producer and one consumer, who take so long for each item.
std::string Pair(int items, std::size_t capacity, seconds to_make, seconds to_use) {
  Buffer buffer(capacity);
  std::string used = "used";
  std::thread producer([&] {
    SetThreadName("producer");
    for (int item = 1; item <= items; ++item) {
      interleave::Compute(to_make);
      buffer.Put(item);
    }
  });
  std::thread consumer([&] {
    SetThreadName("consumer");
    for (int i = 1; i <= items; ++i) {
      const int item = buffer.Get();
      interleave::Compute(to_use);
      used += " " + std::to_string(item);
    }
  });
  producer.join();
  consumer.join();
  return used;
}

// Two consumers that want an item each, and one producer that makes two.
template <typename AnyBuffer>
std::string TwoConsumers(AnyBuffer& buffer) {
  int got_1 = 0, got_2 = 0;
  auto consume = [&buffer](const char* name, int* got) {
    SetThreadName(name);
    *got = buffer.Get();
  };
  std::thread one(consume, "consumer-1", &got_1), two(consume, "consumer-2", &got_2);
  std::thread producer([&] {
    SetThreadName("producer");
    buffer.Put(1);
    buffer.Put(2);
  });
  one.join();
  two.join();
  producer.join();
  return got_1 + got_2 == 3 ? "both got one" : "an item is lost";
}

std::string OneCondition(bool wakes_all) {
  OneConditionBuffer buffer(wakes_all);
  return TwoConsumers(buffer);
}

std::string TwoConditions() {
  Buffer buffer(1);
  return TwoConsumers(buffer);
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("15_bounded_buffer",
                      "Bounded buffer: producer and consumer at different speeds");
  lab.Scenario("fast_producer", [] { return Pair(5, 2, seconds(1), seconds(3)); })
      .Says("making takes 1 s, using 3 s, the buffer has two places")
      .Outcome("used 1 2 3 4 5", "The producer waits for room: both go at the consumer's pace.")
      .Takes(seconds(16))
      .ShowsTimeline();
  lab.Scenario("fast_consumer", [] { return Pair(5, 2, seconds(3), seconds(1)); })
      .OnRequest()
      .Says("the other way round")
      .Outcome("used 1 2 3 4 5", "The consumer waits for items, and one place would do.")
      .Takes(seconds(16))
      .ShowsTimeline();
  lab.Scenario("one_place", [] { return Pair(3, 1, seconds(0), seconds(0)); })
      .Says("three items through a buffer with a single place")
      .Outcome("used 1 2 3")
      .ShowsCensus();
  lab.Scenario("one_condition", [] { return OneCondition(/*wakes_all=*/false); })
      .Says("two consumers and a producer, all waiting on one condition; notify_one()")
      .Outcome("deadlock", "consumer-1 meant to tell the producer, and woke consumer-2.")
      .Outcome("both got one")
      .ShowsOutcome("deadlock")
      .ShowsSteps()
      .ShowsCensus();
  lab.Scenario("notify_all", [] { return OneCondition(/*wakes_all=*/true); })
      .Says("cure 1: the same with notify_all(), and each looks whether it is meant")
      .Outcome("both got one")
      .ShowsCensus();
  lab.Scenario("two_conditions", TwoConditions)
      .Says("cure 2: a condition for room and one for items, and notify_one()")
      .Outcome("both got one")
      .ShowsCensus();
  AddArticles(lab);
  lab.Notice(
      "A buffer evens out moments, not speeds. Once it is full, the producer works as fast as the "
      "consumer uses, and that is what the bound is for.");
  lab.Notice(
      "notify_one() is right where whoever wakes can use what has changed. Where threads wait for "
      "different facts, each fact needs a condition of its own, or notify_all().");
  lab.Try(
      "--scenario=one_condition with a --schedule of the census; --real --repeat=1000 "
      "--scenario=two_conditions; a third consumer.");
  lab.Next("16_future");
  return lab.Main(argc, argv);
}
