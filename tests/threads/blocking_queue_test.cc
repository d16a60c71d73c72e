// tests/threads/blocking_queue_test.cc

#include "runtime/threads/blocking_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace interleave {
namespace {

using namespace std::chrono_literals;

// What the Error that action throws says; empty if it throws none.
template <typename Error>
std::string MessageOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

template <typename Queue>
std::vector<int> PutAndGet(Queue& queue, const std::vector<int>& items) {
  for (const int item : items) queue.Put(item);
  std::vector<int> got;
  for (std::size_t i = 0; i < items.size(); ++i) got.push_back(queue.Get());
  return got;
}

// Order. M01, with the numbers of the test that it is from.

TEST(BlockingQueueTest, FirstInFirstOut) {
  BlockingQueue<int> queue;
  EXPECT_EQ(PutAndGet(queue, {1, 3, 2}), (std::vector<int>{1, 3, 2}));
}

TEST(BlockingQueueTest, LifoGivesTheNewestFirst) {
  LifoBlockingQueue<int> queue;
  EXPECT_EQ(PutAndGet(queue, {1, 3, 2}), (std::vector<int>{2, 3, 1}));
}

TEST(BlockingQueueTest, PriorityGivesTheSmallestFirst) {
  PriorityBlockingQueue<int> queue;
  EXPECT_EQ(PutAndGet(queue, {1, 3, 2}), (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(PutAndGet(queue, {5, 1, 4, 1, 5, 9, 2, 6}), (std::vector<int>{1, 1, 2, 4, 5, 5, 6, 9}));
}

TEST(BlockingQueueTest, ItemsNeedOnlyBeMovable) {
  BlockingQueue<std::unique_ptr<int>> queue;
  queue.Put(std::make_unique<int>(7));
  EXPECT_EQ(*queue.Get(), 7);
  LifoBlockingQueue<std::unique_ptr<int>> stack;
  stack.Put(std::make_unique<int>(8));
  EXPECT_EQ(*stack.Get(), 8);
}

// Full and empty. M01

TEST(BlockingQueueTest, FormsThatDoNotWaitThrowFullAndEmpty) {
  BlockingQueue<int> queue(2);
  EXPECT_EQ(MessageOf<QueueEmpty>([&] { queue.GetNow(); }),
            "BlockingQueue::Get: there was no item");
  queue.PutNow(1);
  queue.PutNow(2);
  EXPECT_EQ(MessageOf<QueueFull>([&] { queue.PutNow(3); }),
            "BlockingQueue::Put: there was no room");
  EXPECT_EQ(queue.GetNow(), 1);
  queue.PutNow(4);
  EXPECT_EQ(queue.GetNow(), 2);
  EXPECT_EQ(queue.GetNow(), 4);
}

TEST(BlockingQueueTest, FormsThatWaitSoLongThrowFullAndEmpty) {
  BlockingQueue<int> queue(1);
  EXPECT_THROW(queue.GetFor(10ms), QueueEmpty);
  EXPECT_THROW(queue.GetFor(-1s), QueueEmpty);
  queue.PutFor(1, 0s);
  EXPECT_THROW(queue.PutFor(2, 10ms), QueueFull);
  EXPECT_EQ(queue.GetFor(0s), 1);
  EXPECT_EQ(queue.size(), 0u);
}

TEST(BlockingQueueTest, CapacityZeroIsNeverFull) {
  BlockingQueue<int> queue(0);
  for (int i = 0; i < 10'000; ++i) queue.PutNow(i);
  EXPECT_EQ(queue.size(), 10'000u);
}

TEST(BlockingQueueTest, NegativeCapacityIsRefused) {
  EXPECT_EQ(MessageOf<std::invalid_argument>([] { BlockingQueue<int> queue(-1); }),
            "BlockingQueue: the capacity is -1, it must be at least 1, or 0 for no limit");
  EXPECT_THROW(LifoBlockingQueue<int>(-1), std::invalid_argument);
  EXPECT_THROW(PriorityBlockingQueue<int>(-5), std::invalid_argument);
}

TEST(BlockingQueueTest, PutWaitsForRoomAndGetForAnItem) {
  BlockingQueue<int> queue(1);
  std::vector<int> got;
  std::thread consumer([&] {
    for (int i = 0; i < 1000; ++i) got.push_back(queue.Get());
  });
  for (int i = 0; i < 1000; ++i) queue.Put(i);
  consumer.join();
  std::vector<int> expected(1000);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(got, expected);
}

// Each item once, whoever gets it.
TEST(BlockingQueueTest, FourProducersAndFourConsumersLoseNothing) {
  for (const int capacity : {1, 3, 1024, 0}) {
    BlockingQueue<int> queue(capacity);
    std::atomic<long> sum = 0;
    std::atomic<int> count = 0;
    std::vector<std::thread> producers, consumers;
    for (int p = 0; p < 4; ++p) {
      producers.emplace_back([&, p] {
        for (int i = 0; i < 500; ++i) queue.Put(p * 500 + i);
      });
      consumers.emplace_back([&] {
        try {
          for (;;) {
            sum += queue.Get();
            ++count;
          }
        } catch (const Closed&) {
        }
      });
    }
    for (std::thread& producer : producers) producer.join();
    queue.Close();
    for (std::thread& consumer : consumers) consumer.join();
    EXPECT_EQ(count, 2000) << "capacity " << capacity;
    EXPECT_EQ(sum, 1999L * 2000 / 2) << "capacity " << capacity;
  }
}

// Threads that give up again and again must not take a wake-up with them that others need.
TEST(BlockingQueueTest, TimedAndUntimedFormsTogetherLoseNothing) {
  BlockingQueue<int> queue(2);
  std::atomic<long> sum = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      for (int item = 1; item <= 300; ++item) queue.Put(item);
    });
    threads.emplace_back([&] {
      for (int item = 1; item <= 300; ++item) {
        for (bool put = false; !put;) {
          try {
            queue.PutFor(item, 1us);
            put = true;
          } catch (const QueueFull&) {
          }
        }
      }
    });
    threads.emplace_back([&] {
      for (int n = 0; n < 300; ++n) sum += queue.Get();
    });
    threads.emplace_back([&] {
      for (int n = 0; n < 300;) {
        try {
          sum += queue.GetFor(1us);
          ++n;
        } catch (const QueueEmpty&) {
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(sum, 4 * 300L * 301 / 2);
}

// Closing.

TEST(BlockingQueueTest, AfterCloseWhatIsLeftCanBeGot) {
  BlockingQueue<int> queue;
  queue.Put(1);
  queue.Put(2);
  queue.Close();
  queue.Close();
  EXPECT_TRUE(queue.closed());
  EXPECT_EQ(queue.Get(), 1);
  EXPECT_EQ(queue.GetNow(), 2);
  const std::string message = "BlockingQueue::Get: the queue is closed and empty";
  EXPECT_EQ(MessageOf<Closed>([&] { queue.Get(); }), message);
  EXPECT_EQ(MessageOf<Closed>([&] { queue.GetNow(); }), message);
  EXPECT_EQ(MessageOf<Closed>([&] { queue.GetFor(1h); }), message);
}

TEST(BlockingQueueTest, AfterCloseNothingIsPut) {
  BlockingQueue<int> queue(1);
  queue.Close();
  EXPECT_EQ(MessageOf<Closed>([&] { queue.Put(1); }), "BlockingQueue::Put: the queue is closed");
  EXPECT_THROW(queue.PutNow(1), Closed);
  EXPECT_THROW(queue.PutFor(1, 1h), Closed);
  EXPECT_EQ(queue.size(), 0u);
  queue.Join();
}

TEST(BlockingQueueTest, CloseWakesWhoWaits) {
  BlockingQueue<int> empty, full(1);
  full.Put(1);
  std::vector<std::thread> waiters;
  for (int i = 0; i < 3; ++i) {
    waiters.emplace_back([&] { EXPECT_THROW(empty.Get(), Closed); });
    waiters.emplace_back([&] { EXPECT_THROW(full.Put(2), Closed); });
  }
  empty.Close();
  full.Close();
  for (std::thread& waiter : waiters) waiter.join();
  EXPECT_EQ(full.Get(), 1);
}

// Done with. M02

TEST(BlockingQueueTest, JoinWaitsUntilAllIsDone) {
  BlockingQueue<int> queue;
  std::atomic<int> sum = 0;
  std::vector<std::thread> workers;
  for (int i = 0; i < 2; ++i) {
    workers.emplace_back([&] {
      try {
        for (;;) {
          sum += queue.Get();
          queue.TaskDone();
        }
      } catch (const Closed&) {
      }
    });
  }
  for (int i = 0; i < 100; ++i) queue.Put(i);
  queue.Join();
  EXPECT_EQ(sum, 4950);
  queue.Join();  // may be repeated
  queue.Close();
  for (std::thread& worker : workers) worker.join();
}

TEST(BlockingQueueTest, JoinOfAQueueThatHadNothingReturnsAtOnce) { BlockingQueue<int>().Join(); }

TEST(BlockingQueueTest, OneTaskDoneTooManyIsRefused) {
  BlockingQueue<int> queue;
  const std::string message = "BlockingQueue::TaskDone: called more often than items were put";
  EXPECT_EQ(MessageOf<std::invalid_argument>([&] { queue.TaskDone(); }), message);
  queue.Put(1);
  queue.Get();
  queue.TaskDone();
  EXPECT_EQ(MessageOf<std::invalid_argument>([&] { queue.TaskDone(); }), message);
}

}  // namespace
}  // namespace interleave
