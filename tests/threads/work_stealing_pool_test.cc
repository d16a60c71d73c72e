// tests/threads/work_stealing_pool_test.cc

#include "runtime/threads/work_stealing_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <latch>
#include <numeric>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include "runtime/threads/thread_name.h"

namespace interleave {
namespace {

template <typename Exception, typename F>
std::string MessageOf(F f) {
  try {
    f();
  } catch (const Exception& e) {
    return e.what();
  }
  return "nothing was thrown";
}

[[noreturn]] void Fail(const std::string& why) { throw std::runtime_error(why); }

long Fibonacci(WorkStealingPool& pool, int n) {
  if (n < 2) return n;
  long left, right;
  pool.Invoke([&] { left = Fibonacci(pool, n - 1); }, [&] { right = Fibonacci(pool, n - 2); });
  return left + right;
}

// Results.

TEST(WorkStealingPoolTest, NestedForksGiveTheSameSumOnAnyNumberOfWorkers) {
  for (int workers : {1, 2, 3, 8}) {
    WorkStealingPool pool(workers);
    long sum = 0;
    pool.Run([&] { sum = Fibonacci(pool, 18); });
    EXPECT_EQ(sum, 2584);
  }
}

TEST(WorkStealingPoolTest, EveryPartRunsOnce) {
  std::vector<int> runs(10'000, 0);  // plain: Invoke's end is enough to see what the parts did
  WorkStealingPool pool(3);
  std::function<void(int, int)> fill = [&](int from, int to) {
    if (to - from == 1) {
      ++runs[from];
      return;
    }
    const int middle = from + (to - from) / 2;
    pool.Invoke([&] { fill(from, middle); }, [&] { fill(middle, to); });
  };
  fill(0, static_cast<int>(runs.size()));
  EXPECT_EQ(runs, std::vector<int>(10'000, 1));
}

TEST(WorkStealingPoolTest, RunsFollowEachOther) {
  int value = 0;
  WorkStealingPool pool(2);
  for (int i = 0; i < 200; ++i) pool.Run([&] { ++value; });
  EXPECT_EQ(value, 200);
}

TEST(WorkStealingPoolTest, ManyThreadsMayRun) {
  std::vector<long> sums(4);
  WorkStealingPool pool(2);
  {
    std::vector<std::jthread> clients;
    for (long& sum : sums) clients.emplace_back([&] { sum = Fibonacci(pool, 12); });
  }
  EXPECT_EQ(sums, std::vector<long>(4, 144));
}

TEST(WorkStealingPoolTest, AFullDequeRunsBothPartsItself) {
  int depth = 0;
  WorkStealingPool pool(1);
  std::function<void(int)> descend = [&](int left) {
    if (left > 0) pool.Invoke([&] { descend(left - 1); }, [&] { ++depth; });
  };
  descend(3000);  // a deque has room for 1024
  EXPECT_EQ(depth, 3000);
}

// Who runs what.

TEST(WorkStealingPoolTest, OneWorkerRunsTheFirstPartAndThenTheSecond) {
  std::string order;
  WorkStealingPool pool(1);
  pool.Invoke([&] { pool.Invoke([&] { order += "a"; }, [&] { order += "b"; }); },
              [&] { order += "c"; });
  EXPECT_EQ(order, "abc");
}

TEST(WorkStealingPoolTest, AnIdleWorkerStealsTheSecondPart) {
  std::latch both_running(2);
  WorkStealingPool pool(2);
  pool.Invoke([&] { both_running.arrive_and_wait(); }, [&] { both_running.arrive_and_wait(); });
}  // hangs if nobody steals

TEST(WorkStealingPoolTest, AWorkerWhoWaitsStealsBack) {
  std::latch stolen(1), both_running(2);
  WorkStealingPool pool(2);
  pool.Invoke([&] { stolen.wait(); },
              [&] {
                stolen.count_down();  // now the first worker waits for this part
                pool.Invoke([&] { both_running.arrive_and_wait(); },
                            [&] { both_running.arrive_and_wait(); });
              });
}  // hangs if the first worker only waits

TEST(WorkStealingPoolTest, ARunOnAWorkerIsAPlainCall) {
  WorkStealingPool pool(1);
  std::thread::id outer, inner;
  pool.Run([&] {
    outer = std::this_thread::get_id();
    pool.Run([&] { inner = std::this_thread::get_id(); });
  });
  EXPECT_EQ(outer, inner);
  EXPECT_NE(outer, std::this_thread::get_id());
}

TEST(WorkStealingPoolTest, AWorkerOfAnotherPoolMayRun) {
  WorkStealingPool pool(1), other(1);
  long sum = 0;
  pool.Run([&] { sum = Fibonacci(other, 10); });
  EXPECT_EQ(sum, 55);
}

TEST(WorkStealingPoolTest, WorkersAreNamed) {
  std::latch both_running(2);
  std::string names[2];
  WorkStealingPool pool(2);
  auto tell = [&](std::string& name) {
    both_running.arrive_and_wait();
    name = ThreadName();
  };
  pool.Invoke([&] { tell(names[0]); }, [&] { tell(names[1]); });
  EXPECT_EQ(std::set<std::string>(names, names + 2),
            (std::set<std::string>{"worker_0", "worker_1"}));
}

// Exceptions.

TEST(WorkStealingPoolTest, RunThrowsWhatTheFunctionThrew) {
  WorkStealingPool pool(2);
  EXPECT_EQ(MessageOf<std::runtime_error>([&] { pool.Run([] { Fail("broken"); }); }), "broken");
}

TEST(WorkStealingPoolTest, InvokeThrowsWhatEitherPartThrew) {
  WorkStealingPool pool(2);
  EXPECT_EQ(MessageOf<std::runtime_error>([&] { pool.Invoke([] { Fail("first"); }, [] {}); }),
            "first");
  EXPECT_EQ(MessageOf<std::runtime_error>([&] { pool.Invoke([] {}, [] { Fail("second"); }); }),
            "second");
}

TEST(WorkStealingPoolTest, OfTwoExceptionsTheFirstPartsIsThrown) {
  WorkStealingPool pool(2);
  EXPECT_EQ(MessageOf<std::runtime_error>(
                [&] { pool.Invoke([] { Fail("first"); }, [] { Fail("second"); }); }),
            "first");
}

TEST(WorkStealingPoolTest, AnExceptionOfAStolenPartArrives) {
  std::latch stolen(1);
  WorkStealingPool pool(2);
  auto wait_for_the_thief = [&] { stolen.wait(); };
  auto fail = [&] {
    stolen.count_down();
    Fail("stolen");
  };
  EXPECT_EQ(MessageOf<std::runtime_error>([&] { pool.Invoke(wait_for_the_thief, fail); }),
            "stolen");
}

TEST(WorkStealingPoolTest, TheOtherPartRunsToItsEndAllTheSame) {
  bool second_ran = false;
  WorkStealingPool pool(2);
  EXPECT_THROW(pool.Invoke([] { Fail("first"); }, [&] { second_ran = true; }), std::runtime_error);
  EXPECT_TRUE(second_ran);
}

TEST(WorkStealingPoolTest, AnExceptionPassesThroughAllLevels) {
  WorkStealingPool pool(2);
  std::function<void(int)> descend = [&](int left) {
    if (left == 0) Fail("at the bottom");
    pool.Invoke([] {}, [&] { descend(left - 1); });
  };
  EXPECT_EQ(MessageOf<std::runtime_error>([&] { descend(20); }), "at the bottom");
}

TEST(WorkStealingPoolTest, AfterAnExceptionThePoolGoesOn) {
  WorkStealingPool pool(2);
  EXPECT_THROW(pool.Run([] { Fail("broken"); }), std::runtime_error);
  EXPECT_EQ(Fibonacci(pool, 10), 55);
}

TEST(WorkStealingPoolTest, FewerThanOneWorkerIsRefused) {
  EXPECT_EQ(MessageOf<std::invalid_argument>([] { WorkStealingPool pool(0); }),
            "WorkStealingPool: workers is 0, it must be at least 1");
  EXPECT_EQ(MessageOf<std::invalid_argument>([] { WorkStealingPool pool(-2); }),
            "WorkStealingPool: workers is -2, it must be at least 1");
}

// A stack of 2^46 bytes is more than the system can give, so it refuses to start the thread.
TEST(WorkStealingPoolTest, APoolWhoseWorkersCannotStartIsRefused) {
  pthread_attr_t usual;
  ASSERT_EQ(pthread_getattr_default_np(&usual), 0);
  pthread_attr_t impossible = usual;
  pthread_attr_setstacksize(&impossible, std::size_t{1} << 46);
  ASSERT_EQ(pthread_setattr_default_np(&impossible), 0);
  EXPECT_THROW(WorkStealingPool(2), std::system_error);
  ASSERT_EQ(pthread_setattr_default_np(&usual), 0);
}

// The end.

TEST(WorkStealingPoolTest, APoolWithoutWorkEnds) { WorkStealingPool pool(4); }

TEST(WorkStealingPoolTest, APoolEndsWhileWorkersAreStillLooking) {
  for (int i = 0; i < 50; ++i) {
    WorkStealingPool pool(3);
    ASSERT_EQ(Fibonacci(pool, 6), 8);
  }
}

TEST(WorkStealingPoolTest, PoolIsNotCopied) {
  EXPECT_FALSE(std::is_copy_constructible_v<WorkStealingPool>);
  EXPECT_FALSE(std::is_move_constructible_v<WorkStealingPool>);
}

}  // namespace
}  // namespace interleave
