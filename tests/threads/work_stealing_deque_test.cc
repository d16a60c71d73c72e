// tests/threads/work_stealing_deque_test.cc

#include "runtime/threads/work_stealing_deque.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace interleave {
namespace {

TEST(WorkStealingDequeTest, TakeGivesTheNewestAndStealTheOldest) {
  int items[3];
  WorkStealingDeque<int> deque(4);
  for (int& item : items) deque.Push(&item);
  EXPECT_EQ(deque.Take(), &items[2]);
  EXPECT_EQ(deque.Steal(), &items[0]);
  EXPECT_EQ(deque.Take(), &items[1]);
}

TEST(WorkStealingDequeTest, EmptyDequeGivesNull) {
  int item;
  WorkStealingDeque<int> deque(4);
  for (int round = 0; round < 2; ++round) {
    EXPECT_TRUE(deque.Empty());
    EXPECT_EQ(deque.Take(), nullptr);
    EXPECT_EQ(deque.Steal(), nullptr);
    deque.Push(&item);
    EXPECT_FALSE(deque.Empty());
    EXPECT_EQ(round == 0 ? deque.Take() : deque.Steal(), &item);
  }
}

TEST(WorkStealingDequeTest, FullDequeRefusesUntilThereIsRoom) {
  int items[3];
  WorkStealingDeque<int> deque(2);
  EXPECT_TRUE(deque.Push(&items[0]));
  EXPECT_TRUE(deque.Push(&items[1]));
  EXPECT_FALSE(deque.Push(&items[2]));
  EXPECT_EQ(deque.Steal(), &items[0]);
  EXPECT_TRUE(deque.Push(&items[2]));
  EXPECT_EQ(deque.Take(), &items[2]);
  EXPECT_EQ(deque.Take(), &items[1]);
}

TEST(WorkStealingDequeTest, RoomIsRoundedUpToAPowerOfTwo) {
  int item;
  WorkStealingDeque<int> deque(5);
  int room = 0;
  while (deque.Push(&item)) ++room;
  EXPECT_EQ(room, 8);
}

// The owner keeps taking back a part of what it pushed, so that all three meet at the last item
// again and again, and the eight slots are used in turn.
TEST(WorkStealingDequeTest, EveryItemGoesToOneThread) {
  constexpr int kItems = 20'000;
  struct Item {
    int pushed = 0;  // plain: what the owner wrote must have reached whoever gets the item
    std::atomic<int> got = 0;
  };
  std::vector<Item> items(kItems);
  WorkStealingDeque<Item> deque(8);
  std::atomic<bool> all_pushed = false;
  std::atomic<int> unseen = 0;
  auto get = [&](Item* item) {
    if (item == nullptr) return;
    if (item->pushed != 1) ++unseen;
    ++item->got;
  };
  auto steal = [&] {
    while (!all_pushed || !deque.Empty()) get(deque.Steal());
  };
  std::thread first(steal), second(steal);
  for (Item& item : items) {
    item.pushed = 1;
    while (!deque.Push(&item)) get(deque.Take());
    if ((&item - items.data()) % 3 == 0) get(deque.Take());
  }
  all_pushed = true;
  first.join();
  second.join();
  int once = 0;
  for (Item& item : items) once += item.got == 1;
  EXPECT_EQ(once, kItems);
  EXPECT_EQ(unseen, 0);
}

}  // namespace
}  // namespace interleave
