// Lab 15, one condition or two? A buffer with a single place, for two consumers that want an item
// each, and a producer that makes two. With one condition for both facts, notify_one() may wake the
// wrong kind.
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/thread_name.h"

using interleave::Log;
using interleave::SetThreadName;

namespace {

// Everybody waits for the same thing: that something has changed.
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

// The same, with a condition for each fact.
class TwoConditionsBuffer {
 public:
  void Put(int item) {
    std::unique_lock<std::mutex> lock(mutex_);
    room_.wait(lock, [this] { return !item_; });
    item_ = item;
    Log("puts " + std::to_string(item));
    filled_.notify_one();
  }

  int Get() {
    std::unique_lock<std::mutex> lock(mutex_);
    filled_.wait(lock, [this] { return item_.has_value(); });
    const int item = *item_;
    item_.reset();
    Log("gets " + std::to_string(item));
    room_.notify_one();
    return item;
  }

 private:
  std::mutex mutex_;
  std::condition_variable room_, filled_;
  std::optional<int> item_;
};

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
  TwoConditionsBuffer buffer;
  return TwoConsumers(buffer);
}

}  // namespace

void AddOneCondition(interleave::Lab& lab) {
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
}
