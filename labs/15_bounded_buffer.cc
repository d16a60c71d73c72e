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
//             one_condition (15_bounded_buffer_one_condition.cc) has the right tests, the right
//             lock, and a while around each wait (inside wait's second form). The signal is not
//             lost; it goes to the wrong one.
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
#include <string>
#include <thread>

#include "runtime/lab/compute.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/thread_name.h"

void AddOneCondition(interleave::Lab& lab);  // in 15_bounded_buffer_one_condition.cc
void AddArticles(interleave::Lab& lab);      // in 15_bounded_buffer_articles.cc

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
  AddOneCondition(lab);
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
