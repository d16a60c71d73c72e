// tests/async/queue_test.cc

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "runtime/async/async_queue.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "tests/async/words.h"

namespace interleave {
namespace {

template <typename Queue>
std::vector<int> InAndOut() {
  Queue queue;
  for (const int item : {1, 3, 2}) queue.PutNow(item);
  std::vector<int> out;
  while (!queue.empty()) out.push_back(queue.GetNow());
  return out;
}

class QueueTest : public testing::Test {
 protected:
  Task<void> Gets(AsyncQueue<int>& queue, std::string name) {
    try {
      const int item = co_await queue.Get();
      words.push_back(name + " got " + std::to_string(item));
    } catch (const Closed&) {
      words.push_back(name + " closed");
    }
  }
  Task<void> Puts(AsyncQueue<int>& queue, int item) {
    try {
      co_await queue.Put(item);
      words.push_back("put " + std::to_string(item));
    } catch (const Closed&) {
      words.push_back("closed to " + std::to_string(item));
    }
  }
  EventLoop loop;
  Words words;
};

TEST_F(QueueTest, OldestNewestOrSmallestFirst) {  // G01
  EXPECT_EQ(InAndOut<AsyncQueue<int>>(), (std::vector<int>{1, 3, 2}));
  EXPECT_EQ(InAndOut<AsyncLifoQueue<int>>(), (std::vector<int>{2, 3, 1}));
  EXPECT_EQ(InAndOut<AsyncPriorityQueue<int>>(), (std::vector<int>{1, 2, 3}));
}

TEST_F(QueueTest, AnUnboundedQueueIsNeverFull) {  // G02
  AsyncQueue<int> queue;
  for (int i = 0; i < 1000; ++i) queue.PutNow(i);
  EXPECT_FALSE(queue.full());
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(queue.GetNow(), i);
  EXPECT_EQ(MessageOf<std::invalid_argument>([] { AsyncQueue<int> queue(-1); }),
            "AsyncQueue: the size is -1, it must be at least 0");
}

TEST_F(QueueTest, PutWaitsWhileItIsFullAndGoesOnAfterOneGet) {  // G02
  AsyncQueue<int> queue(1);
  TaskHandle<void> first = SpawnOn(loop, Puts(queue, 1)), second = SpawnOn(loop, Puts(queue, 2));
  RunBriefly(loop, 3);
  EXPECT_TRUE(queue.full());
  EXPECT_EQ(words, (Words{"put 1"}));
  EXPECT_EQ(queue.GetNow(), 1);
  loop.RunUntilComplete(second);
  EXPECT_EQ(words, (Words{"put 1", "put 2"}));
  EXPECT_EQ(queue.GetNow(), 2);
}

TEST_F(QueueTest, WithoutWaitingItIsEmptyOrFull) {  // G03
  AsyncQueue<int> queue(1);
  EXPECT_THROW(queue.GetNow(), QueueEmpty);
  queue.PutNow(1);
  EXPECT_THROW(queue.PutNow(2), QueueFull);
}

TEST_F(QueueTest, ACancelledGetterLosesNoItem) {  // G04
  AsyncQueue<int> queue;
  TaskHandle<void> a = SpawnOn(loop, Gets(queue, "a")), b = SpawnOn(loop, Gets(queue, "b")),
                   c = SpawnOn(loop, Gets(queue, "c"));
  RunBriefly(loop);
  a.Cancel();  // before it is woken
  queue.PutNow(1);
  b.Cancel();  // after
  loop.RunUntilComplete(c);
  EXPECT_EQ(words, (Words{"c got 1"}));
}

TEST_F(QueueTest, ACancelledPutterAddsNothingAndBlocksNoSlot) {  // G05
  AsyncQueue<int> queue(1);
  queue.PutNow(0);
  TaskHandle<void> a = SpawnOn(loop, Puts(queue, 1)), b = SpawnOn(loop, Puts(queue, 2)),
                   c = SpawnOn(loop, Puts(queue, 3));
  RunBriefly(loop);
  a.Cancel();
  EXPECT_EQ(queue.GetNow(), 0);
  b.Cancel();
  loop.RunUntilComplete(c);
  EXPECT_EQ(queue.GetNow(), 3);
  EXPECT_TRUE(queue.empty());
}

TEST_F(QueueTest, WhoIsWokenButComesTooLateWaitsAgain) {
  AsyncQueue<int> queue;
  TaskHandle<void> slow = SpawnOn(loop, Gets(queue, "slow"));
  RunBriefly(loop);
  TaskHandle<void> fast = SpawnOn(loop, Gets(queue, "fast"));  // runs before the one woken now
  queue.PutNow(1);
  loop.RunUntilComplete(fast);
  RunBriefly(loop, 2);
  EXPECT_EQ(words, (Words{"fast got 1"}));
  queue.PutNow(2);
  loop.RunUntilComplete(slow);
  EXPECT_EQ(words, (Words{"fast got 1", "slow got 2"}));
}

TEST_F(QueueTest, MoreTaskDoneThanItemsIsRefused) {  // G07
  AsyncQueue<int> queue;
  queue.PutNow(1);
  queue.TaskDone();
  EXPECT_EQ(MessageOf<std::invalid_argument>([&] { queue.TaskDone(); }),
            "AsyncQueue::TaskDone: called more often than there were items");
}

TEST_F(QueueTest, JoinWaitsUntilEveryItemIsDealtWith) {  // G08
  AsyncQueue<int> queue;
  int sum = 0;
  auto joins = [&]() -> Task<void> { co_await queue.Join(); };
  loop.RunUntilComplete(joins());  // at once
  auto works = [&]() -> Task<void> {
    while (true) {
      sum += co_await queue.Get();
      co_await Yield();
      queue.TaskDone();
    }
  };
  TaskHandle<void> one = SpawnOn(loop, works()), two = SpawnOn(loop, works());
  for (int i = 0; i < 100; ++i) queue.PutNow(i);
  loop.RunUntilComplete(joins());
  EXPECT_EQ(sum, 4950);
  loop.RunUntilComplete(joins());  // again
  one.Cancel();
  two.Cancel();
  RunBriefly(loop, 2);
}

TEST_F(QueueTest, AfterShutdownWhatIsInItCanBeTakenOut) {
  AsyncQueue<int> queue(1);
  queue.PutNow(1);
  TaskHandle<void> putter = SpawnOn(loop, Puts(queue, 2));
  RunBriefly(loop);
  queue.Shutdown();
  loop.RunUntilComplete(putter);
  EXPECT_THROW(queue.PutNow(3), Closed);
  loop.RunUntilComplete(Gets(queue, "a"));
  loop.RunUntilComplete(Gets(queue, "b"));
  EXPECT_THROW(queue.GetNow(), Closed);
  EXPECT_EQ(words, (Words{"closed to 2", "a got 1", "b closed"}));
}

TEST_F(QueueTest, ShutdownWakesWhoWaitsToGet) {
  AsyncQueue<int> queue;
  TaskHandle<void> a = SpawnOn(loop, Gets(queue, "a")), b = SpawnOn(loop, Gets(queue, "b"));
  RunBriefly(loop);
  queue.Shutdown();
  loop.RunUntilComplete(b);
  EXPECT_EQ(words, (Words{"a closed", "b closed"}));
}

TEST_F(QueueTest, ShutdownNowEmptiesItAndJoinReturns) {
  AsyncQueue<int> queue;
  queue.PutNow(1);
  queue.PutNow(2);
  auto joins = [&]() -> Task<void> { co_await queue.Join(); };
  TaskHandle<void> joined = SpawnOn(loop, joins());
  RunBriefly(loop);
  queue.Shutdown(QueueEnd::kNow);
  EXPECT_TRUE(queue.empty());
  loop.RunUntilComplete(joined);
  loop.RunUntilComplete(Gets(queue, "a"));
  EXPECT_EQ(words, (Words{"a closed"}));
}

TEST_F(QueueTest, ItemsMayBeMoveOnly) {
  AsyncQueue<std::unique_ptr<int>> queue(1);
  auto puts = [&]() -> Task<void> {
    for (int i = 0; i < 3; ++i) co_await queue.Put(std::make_unique<int>(i));
  };
  auto gets = [&]() -> Task<int> {
    int sum = 0;
    for (int i = 0; i < 3; ++i) {
      const std::unique_ptr<int> item = co_await queue.Get();
      sum += *item;
    }
    co_return sum;
  };
  SpawnOn(loop, puts());
  EXPECT_EQ(loop.RunUntilComplete(gets()), 3);
}

TEST_F(QueueTest, OneProducerAndEightConsumersLoseNothing) {
  AsyncQueue<int> queue(64);
  long sum = 0;
  auto consumes = [&]() -> Task<void> {
    while (true) {
      const int item = co_await queue.Get();
      if (item < 0) co_return;
      sum += item;
    }
  };
  auto produces = [&]() -> Task<void> {
    for (int i = 0; i < 100'000; ++i) co_await queue.Put(i);
    for (int i = 0; i < 8; ++i) co_await queue.Put(-1);
  };
  std::vector<TaskHandle<void>> consumers;
  for (int i = 0; i < 8; ++i) consumers.push_back(SpawnOn(loop, consumes()));
  SpawnOn(loop, produces());
  for (TaskHandle<void>& consumer : consumers) loop.RunUntilComplete(consumer);
  EXPECT_EQ(sum, 4999950000);
}

}  // namespace
}  // namespace interleave
