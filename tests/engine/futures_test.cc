// tests/engine/futures_test.cc
//
// Futures and those who fill them: std::promise, std::packaged_task, std::async.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "runtime/engine/explore.h"
#include "tests/engine/outcomes.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;
using Set = std::set<std::string>;

// A correct program: the same in every schedule, without a race.
void ExpectAlways(const std::string& outcome, const Body& body) {
  ExploreReport report = Explore(body);
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{outcome}));
}

// What the future holds, or the text of the exception.
template <typename Value>
std::string Got(std::future<Value>& future) {
  try {
    return std::to_string(future.get());
  } catch (const std::exception& error) {
    return error.what();
  }
}

std::string IsReady(std::future_status status) {
  return status == std::future_status::ready ? "ready" : "timeout";
}

TEST(Promise, HandsOverItsValueAndWhatWasDoneBefore) {
  ExpectAlways("2 5", [] {
    int done_before = 0;
    std::promise<int> promise;
    std::future<int> future = promise.get_future();
    std::thread worker([&] {
      done_before = 5;
      promise.set_value(2);
    });
    std::string text = Got(future);
    text += " " + std::to_string(done_before);
    worker.join();
    return text;
  });
}

TEST(Promise, HandsOverItsException) {
  ExpectAlways("position 7", [] {
    std::promise<int> promise;
    std::future<int> future = promise.get_future();
    std::thread worker(
        [&] { promise.set_exception(std::make_exception_ptr(std::out_of_range("position 7"))); });
    std::string text = Got(future);
    worker.join();
    return text;
  });
}

TEST(Promise, ThatIsDestroyedIsBroken) {
  ExpectAlways("Broken promise", [] {
    auto promise = std::make_unique<std::promise<int>>();
    std::future<int> future = promise->get_future();
    std::thread worker([&] { promise.reset(); });
    std::string text;
    try {
      future.get();
    } catch (const std::future_error& error) {
      text = error.code().message();
    }
    worker.join();
    return text;
  });
}

TEST(Promise, IsKeptByTheFirstOfTwo) {
  ExploreReport report = Explore([] {
    std::promise<int> promise;
    std::future<int> future = promise.get_future();
    std::atomic<int> refused{0};
    auto set = [&](int value) {
      try {
        promise.set_value(value);
      } catch (const std::future_error&) {
        ++refused;
      }
    };
    std::thread a(set, 1), b(set, 2);
    a.join();
    b.join();
    return Got(future) + ", refused " + std::to_string(refused);
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"1, refused 1", "2, refused 1"}));
}

TEST(Promise, ThatNobodyKeepsIsADeadlock) {
  const int line = __LINE__ + 4;
  RunReport report = Simulate([] {
    std::promise<int> promise;
    std::future<int> future = promise.get_future();
    return std::to_string(future.get());
  });
  EXPECT_EQ(report.ending, Ending::kDeadlock);
  EXPECT_NE(report.explanation.find(
                "and nobody is left to wake it  (futures_test.cc:" + std::to_string(line) + ")"),
            std::string::npos)
      << report.explanation;
}

TEST(Promise, WakesEverybodyWhoSharesItsFuture) {
  ExploreOptions random;
  random.strategy = Strategy::kRandom;
  random.max_runs = 3000;
  ExploreReport report = Explore(
      [] {
        std::promise<int> promise;
        std::shared_future<int> future = promise.get_future().share();
        int got[2] = {};
        auto get = [&got, future](int me) { got[me] = future.get(); };
        std::thread a(get, 0), b(get, 1);
        promise.set_value(4);
        a.join();
        b.join();
        return std::to_string(got[0]) + std::to_string(got[1]);
      },
      random);
  EXPECT_TRUE(report.races.empty()) << report.races[0].Text();
  EXPECT_EQ(Outcomes(report), (Set{"44"}));
}

TEST(Future, TimesOutByEitherClock) {
  RunReport report = Simulate([] {
    std::promise<int> promise;
    std::future<int> future = promise.get_future();
    std::string text = IsReady(future.wait_for(1s));
    text += " " + IsReady(future.wait_until(std::chrono::system_clock::now() + 2s));
    text += " " + IsReady(future.wait_until(std::chrono::steady_clock::now() + 4s));
    text += " " + IsReady(future.wait_for(-1s));
    return text;
  });
  EXPECT_EQ(report.outcome, "timeout timeout timeout timeout");
  EXPECT_EQ(report.ended - report.began, 7s);
}

TEST(Future, IsWaitedForUntilTheEndOfTime) {
  RunReport report = Simulate([] {
    auto slow = std::async(std::launch::async, [] { std::this_thread::sleep_for(1h); });
    return IsReady(slow.wait_until(std::chrono::steady_clock::time_point::max()));
  });
  EXPECT_EQ(report.outcome, "ready");
  EXPECT_EQ(report.ended - report.began, 1h);
}

TEST(Future, ReadyAtTheDeadlineGoesEitherWay) {
  ExploreReport report = Explore([] {
    auto slow = std::async(std::launch::async, [] { std::this_thread::sleep_for(1s); });
    return IsReady(slow.wait_for(1s));
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"ready", "timeout"}));
}

TEST(PackagedTask, HandsOverItsValue) {
  ExpectAlways("42", [] {
    std::packaged_task<int(int)> twice([](int number) { return 2 * number; });
    std::future<int> future = twice.get_future();
    std::thread worker(std::move(twice), 21);
    std::string text = Got(future);
    worker.join();
    return text;
  });
}

TEST(PackagedTask, HandsOverItsException) {
  ExpectAlways("no answer", [] {
    std::packaged_task<int()> task([]() -> int { throw std::runtime_error("no answer"); });
    std::future<int> future = task.get_future();
    std::thread worker(std::move(task));
    std::string text = Got(future);
    worker.join();
    return text;
  });
}

TEST(Async, HandsOverItsValue) {
  ExpectAlways("42", [] {
    auto future = std::async(std::launch::async, [] { return 42; });
    return Got(future);
  });
}

TEST(Async, HandsOverItsException) {
  ExpectAlways("no answer", [] {
    auto future =
        std::async(std::launch::async, []() -> int { throw std::runtime_error("no answer"); });
    return Got(future);
  });
}

TEST(Async, MayCallAsync) {
  ExpectAlways("2", [] {
    auto outer = std::async(std::launch::async, [] {
      auto inner = std::async(std::launch::async, [] { return 1; });
      return inner.get() + 1;
    });
    return Got(outer);
  });
}

TEST(Async, IsWaitedForByTheDestructorOfItsFuture) {
  ExpectAlways("done", [] {
    std::string text;
    {
      auto future = std::async(std::launch::async, [&] { text = "done"; });
    }
    return text;
  });
}

TEST(Async, MayBeReadyWhenSomebodyLooks) {
  ExploreReport report = Explore([] {
    auto future = std::async(std::launch::async, [] { return 1; });
    return IsReady(future.wait_for(0s));
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"ready", "timeout"}));
}

TEST(Async, DeferredRunsWhenItIsAskedForOnTheThreadThatAsks) {
  ExpectAlways("not yet, then here", [] {
    std::string text = "not yet";
    std::thread::id ran_on;
    auto future = std::async(std::launch::deferred, [&] { ran_on = std::this_thread::get_id(); });
    if (ran_on != std::thread::id()) text = "at once";
    future.get();
    return text + (ran_on == std::this_thread::get_id() ? ", then here" : ", then elsewhere");
  });
}

TEST(Async, TwoCallsRaceLikeTwoThreads) {
  ExploreReport report = Explore([] {
    int counter = 0;
    auto add = [&] { counter = counter + 1; };
    auto a = std::async(std::launch::async, add), b = std::async(std::launch::async, add);
    a.get();
    b.get();
    return std::to_string(counter);
  });
  EXPECT_TRUE(report.complete);
  EXPECT_EQ(Outcomes(report), (Set{"1", "2"}));
  ASSERT_FALSE(report.races.empty());
  EXPECT_EQ(report.races[0].object, "counter");
}

}  // namespace
}  // namespace interleave
