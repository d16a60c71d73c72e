// tests/async/timeout_test.cc

#include "runtime/async/timeout.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "tests/async/words.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;

Task<int> Sleeps(Words& words, int turns_to_clean_up) {
  bool cancelled = false;
  try {
    co_await SleepFor(1h);
  } catch (const TaskCancelled&) {
    words.push_back("cancelled");
    cancelled = true;
  }
  for (int i = 0; i < turns_to_clean_up; ++i) co_await Yield();
  words.push_back("ended");
  if (cancelled) throw TaskCancelled();
  co_return 42;
}

Task<int> Quick() {
  co_await Yield();
  co_return 42;
}

TEST(WaitForTest, InTimeItGivesTheResultOrTheException) {  // D27
  EventLoop loop;
  auto fails = []() -> Task<int> {
    co_await Yield();
    throw std::runtime_error("no such row");
  };
  EXPECT_EQ(loop.RunUntilComplete(WaitFor(Quick(), 1h)), 42);
  EXPECT_EQ(MessageOf<std::runtime_error>([&] { loop.RunUntilComplete(WaitFor(fails(), 1h)); }),
            "no such row");
}

TEST(WaitForTest, TooLateItIsCancelledAndWaitedForAndThenThrowsTimedOut) {  // D27
  EventLoop loop;
  Words words;
  auto main = [&]() -> Task<void> {
    try {
      co_await WaitFor(Sleeps(words, 3), 1ms);
    } catch (const TimedOut&) {
      words.push_back("timed out");
    }
    TaskHandle<int> task = Spawn(Sleeps(words, 3));
    try {
      co_await WaitFor(task, 1ms);
    } catch (const TimedOut&) {
      words.push_back(task.cancelled() ? "timed out" : "?");
    }
    EXPECT_EQ(CurrentTask().Cancelling(), 0);
  };
  loop.RunUntilComplete(main());
  EXPECT_EQ(words, (Words{"cancelled", "ended", "timed out", "cancelled", "ended", "timed out"}));
}

TEST(WaitForTest, WithNoTimeAtAllOnlyWhatIsDoneCounts) {  // D28
  EventLoop loop;
  Words words;
  auto main = [&]() -> Task<void> {
    AsyncFuture<int> done;
    done.SetResult(42);
    words.push_back(std::to_string(co_await WaitFor(done, 0s)));
    auto body = [&]() -> Task<int> {
      words.push_back("started");
      co_return 1;
    };
    try {
      co_await WaitFor(body(), -1s);
    } catch (const TimedOut&) {
      words.push_back("timed out");
    }
  };
  loop.RunUntilComplete(main());
  EXPECT_EQ(words, (Words{"42", "timed out"}));
}

TEST(WaitForTest, WithoutALimitItWaits) {  // D29
  EventLoop loop;
  EXPECT_EQ(loop.RunUntilComplete(WaitFor(Quick(), std::nullopt)), 42);
}

TEST(TimeoutTest, ItExpiresOrItDoesNot) {  // D32
  EventLoop loop;
  Words words;
  auto main = [&]() -> Task<void> {
    Timeout late(1ms);
    try {
      co_await late.Run(Sleeps(words, 0));
    } catch (const TimedOut&) {
      words.push_back(late.expired() ? "expired" : "?");
    }
    Timeout ample(1h);
    words.push_back(std::to_string(co_await ample.Run(Quick())));
    EXPECT_FALSE(ample.expired());
    EXPECT_GT(ample.when(), EventLoop::Clock::now());
  };
  loop.RunUntilComplete(main());
  EXPECT_EQ(words, (Words{"cancelled", "ended", "expired", "42"}));  // D33: cancelled inside
}

TEST(TimeoutTest, TheInnerOfTwoEndsTheInnerBlockOnly) {
  EventLoop loop;
  Words words;
  auto main = [&]() -> Task<void> {
    Timeout outer(1h), inner(1ms);
    co_await outer.Run([&]() -> Task<void> {
      try {
        co_await inner.Run(Sleeps(words, 0));
      } catch (const TimedOut&) {
        words.push_back("inner timed out");
      }
      co_await Yield();
      words.push_back("outer goes on");
    });
  };
  loop.RunUntilComplete(main());
  EXPECT_EQ(words, (Words{"cancelled", "ended", "inner timed out", "outer goes on"}));
}

TEST(TimeoutTest, TheOuterOfTwoEndsBoth) {
  EventLoop loop;
  Words words;
  auto main = [&]() -> Task<void> {
    Timeout outer(1ms), inner(1h);
    try {
      auto body = [&]() -> Task<void> {
        try {
          co_await inner.Run(Sleeps(words, 0));
        } catch (const TimedOut&) {
          words.push_back("inner timed out");
        }
      };
      co_await outer.Run(body);
    } catch (const TimedOut&) {
      words.push_back("outer timed out");
    }
  };
  loop.RunUntilComplete(main());
  EXPECT_EQ(words, (Words{"cancelled", "ended", "outer timed out"}));
}

TEST(TimeoutTest, ACancellationFromOutsideStaysOne) {
  EventLoop loop;
  Words words;
  auto main = [&]() -> Task<void> {
    Timeout limit(1h);
    co_await limit.Run(Sleeps(words, 0));
  };
  TaskHandle<void> task = SpawnOn(loop, main());
  RunBriefly(loop);
  task.Cancel();
  EXPECT_THROW(loop.RunUntilComplete(task), TaskCancelled);
}

TEST(TimeoutTest, ItCanBeRescheduledWhileItRunsAndUsedOnce) {
  EventLoop loop;
  Words words;
  auto main = [&]() -> Task<void> {
    Timeout limit(1h);
    EXPECT_EQ(MessageOf<std::logic_error>([&] { limit.Reschedule(std::nullopt); }),
              "Timeout::Reschedule: it does not run");
    try {
      co_await limit.Run([&]() -> Task<int> {
        limit.Reschedule(EventLoop::Clock::now());
        co_return co_await Sleeps(words, 0);
      });
    } catch (const TimedOut&) {
      words.push_back("timed out");
    }
    co_await limit.Run(Quick());
  };
  EXPECT_EQ(MessageOf<std::logic_error>([&] { loop.RunUntilComplete(main()); }),
            "Timeout::Run: it has been used before");
  EXPECT_EQ(words, (Words{"cancelled", "ended", "timed out"}));
}

}  // namespace
}  // namespace interleave
