// tests/threads/blocking_queue_explored_test.cc
//
// No item lost, no item twice, no deadlock, no race: in every schedule of small cases, and within a
// bound in larger ones.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "runtime/engine/explore.h"
#include "runtime/threads/blocking_queue.h"
#include "tests/engine/outcomes.h"
#include "tests/threads/gave_up_unnoticed_queue.h"
#include "tests/threads/not_passed_on_queue.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;
using Set = std::set<std::string>;

// Without a time-out of the machine's: the numbers of a bounded exploration are what is asserted.
ExploreReport AtMost(std::int64_t runs, Strategy strategy, const Body& body) {
  return Explore(body, {.strategy = strategy, .max_runs = runs, .max_time = 1h});
}

std::string Races(const ExploreReport& report) {
  std::string text = report.nondeterminism;
  for (const Race& race : report.races) text += race.Text();
  return text;
}

TEST(BlockingQueueExploredTest, CloseAgainstPutEitherPutsOrSaysClosed) {
  const ExploreReport report = Explore([] {
    BlockingQueue<int> queue(1);
    std::string put = "put";
    std::thread producer([&] {
      try {
        queue.Put(1);
      } catch (const Closed&) {
        put = "closed";
      }
    });
    std::thread closer([&] { queue.Close(); });
    producer.join();
    closer.join();
    return put + ", " + std::to_string(queue.size()) + " in it";
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"closed, 0 in it", "put, 1 in it"}));
}

TEST(BlockingQueueExploredTest, CloseWakesAPutThatWaitsForRoom) {
  const ExploreReport report = Explore([] {
    BlockingQueue<int> queue(1);
    queue.Put(1);
    std::string second = "put";
    std::thread producer([&] {
      try {
        queue.Put(2);
      } catch (const Closed&) {
        second = "closed";
      }
    });
    std::thread closer([&] { queue.Close(); });
    producer.join();
    closer.join();
    return second + ", " + std::to_string(queue.size()) + " in it";
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"closed, 1 in it"}));
}

TEST(BlockingQueueExploredTest, PutAgainstGetAtCapacityOneKeepsTheOrder) {
  const ExploreReport report = Explore([] {
    BlockingQueue<int> queue(1);
    std::string got;
    std::thread producer([&] {
      for (int i = 1; i <= 3; ++i) queue.Put(i);
    });
    for (int i = 1; i <= 3; ++i) got += std::to_string(queue.Get());
    producer.join();
    return got;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"123"}));
}

// One slot, so that all four wait again and again, and each wake-up counts.
std::string TwoAndTwo() {
  BlockingQueue<int> queue(1);
  std::vector<int> got[2];
  std::vector<std::thread> threads;
  for (int p = 0; p < 2; ++p) {
    threads.emplace_back([&, p] {
      queue.Put(2 * p);
      queue.Put(2 * p + 1);
    });
  }
  for (std::vector<int>& mine : got) {
    threads.emplace_back([&] {
      mine.push_back(queue.Get());
      mine.push_back(queue.Get());
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<int> all = got[0];
  all.insert(all.end(), got[1].begin(), got[1].end());
  std::sort(all.begin(), all.end());
  return all == std::vector<int>{0, 1, 2, 3} ? "each once" : "not each once";
}

TEST(BlockingQueueExploredTest, TwoProducersAndTwoConsumersLoseNothing) {
  for (const Strategy strategy : {Strategy::kDelays, Strategy::kRandom, Strategy::kPct}) {
    const ExploreReport report = AtMost(20'000, strategy, TwoAndTwo);
    EXPECT_EQ(Races(report), "");
    EXPECT_EQ(Outcomes(report), (Set{"each once"}));
  }
}

// Two sleep, two items come. The second put wakes nobody, for one is on its way already; that one
// must wake the other.
template <typename Queue>
std::string TwoItemsForTwoSleepers() {
  Queue queue(2);
  std::atomic<int> got = 0;
  auto get = [&] { got += queue.Get(); };
  std::thread one(get), two(get);
  std::this_thread::sleep_for(1s);
  queue.Put(1);
  queue.Put(1);
  one.join();
  two.join();
  return std::to_string(got);
}

TEST(BlockingQueueExploredTest, TwoItemsWakeTwoSleepers) {
  const ExploreReport report =
      Explore(TwoItemsForTwoSleepers<BlockingQueue<int>>, {.strategy = Strategy::kDistinct});
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"2"}));
}

// The time of a getter runs out as an item comes, so it may have been the one that was woken for
// it. Whoever has not got that item gets the next.
template <typename Queue>
std::string OneOfTwoGivesUp() {
  Queue queue(1);
  bool hasty_got_it = false;
  int patient_got = 0;
  std::thread hasty([&] {
    try {
      hasty_got_it = queue.GetFor(1s) == 1;
    } catch (const QueueEmpty&) {
    }
  });
  std::thread patient([&] { patient_got = queue.Get(); });
  std::this_thread::sleep_for(1s);
  queue.Put(1);
  hasty.join();
  if (hasty_got_it) queue.Put(2);
  patient.join();
  return (hasty_got_it ? "hasty 1, patient " : "patient ") + std::to_string(patient_got);
}

TEST(BlockingQueueExploredTest, AGetterThatGivesUpTakesNoWakeUpWithIt) {
  const ExploreReport report =
      Explore(OneOfTwoGivesUp<BlockingQueue<int>>, {.strategy = Strategy::kDistinct});
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"hasty 1, patient 2", "patient 1"}));
}

// The two tests above can fail: each of these is the queue with one line less.
TEST(BlockingQueueExploredTest, WithoutPassingTheWakeUpOnASleeperIsForgotten) {
  EXPECT_EQ(Outcomes(Explore(TwoItemsForTwoSleepers<NotPassedOnQueue<int>>)).count("deadlock"), 1u);
}

TEST(BlockingQueueExploredTest, WithoutTakingNoteOfWhoGaveUpASleeperIsForgotten) {
  EXPECT_EQ(Outcomes(Explore(OneOfTwoGivesUp<GaveUpUnnoticedQueue<int>>)).count("deadlock"), 1u);
}

// The same on the other side.
TEST(BlockingQueueExploredTest, APutterThatGivesUpTakesNoWakeUpWithIt) {
  const ExploreReport report = Explore(
      [] {
        BlockingQueue<int> queue(1);
        queue.Put(1);
        std::string put;
        std::thread hasty([&] {
          try {
            queue.PutFor(2, 1s);
            put = "hasty ";
          } catch (const QueueFull&) {
          }
        });
        std::thread patient([&] { queue.Put(3); });
        std::this_thread::sleep_for(1s);
        int got = queue.Get();
        hasty.join();
        if (!put.empty()) got += queue.Get();
        patient.join();
        got += queue.Get();
        return put + std::to_string(got);
      },
      {.strategy = Strategy::kDistinct});
  EXPECT_EQ(Races(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"4", "hasty 6"}));
}

TEST(BlockingQueueExploredTest, TimedFormsWaitExactlySoLong) {
  const RunReport report = Simulate([] {
    BlockingQueue<int> queue(1);
    EXPECT_THROW(queue.GetFor(2s), QueueEmpty);
    queue.Put(1);
    EXPECT_THROW(queue.PutFor(2, 3s), QueueFull);
    return "";
  });
  EXPECT_EQ(report.ended - report.began, 5s);
}

TEST(BlockingQueueExploredTest, JoinReturnsOnlyWhenAllIsDone) {
  const ExploreReport report = Explore([] {
    BlockingQueue<int> queue;
    int done = 0;
    queue.Put(1);
    queue.Put(2);
    std::thread worker([&] {
      for (int i = 0; i < 2; ++i) {
        queue.Get();
        ++done;
        queue.TaskDone();
      }
    });
    queue.Join();
    const std::string text = std::to_string(done) + " done";  // a race, if Join came too early
    worker.join();
    return text;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"2 done"}));
}

TEST(BlockingQueueExploredTest, WithNobodyToPutAGetIsADeadlockAndSaysSo) {
  EXPECT_EQ(Simulate([] {
              BlockingQueue<int> queue;
              return std::to_string(queue.Get());
            }).outcome,
            "deadlock");
}

}  // namespace
}  // namespace interleave
