// tests/threads/work_stealing_deque_explored_test.cc
//
// The deque in every schedule of small cases; and wrong versions of it, made by BUILD.bazel with
// one edit each, to show that these tests would notice. What they cannot see is a memory order in
// Take or Steal that is too weak: the engine's schedules are sequentially consistent. Too weak an
// order between Push and what the item carries is a race, and they see that.

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "runtime/engine/explore.h"
#include "runtime/threads/work_stealing_deque.h"
#include "tests/engine/outcomes.h"
#include "tests/threads/plain_take_deque.h"
#include "tests/threads/relaxed_push_deque.h"

namespace interleave {
namespace {

using Texts = std::set<std::string>;

// What an item carries is plain memory, written before Push and read by whoever gets it.
struct Item {
  int number = 0;
};

// Who got what: "owner 2 1" or "owner 2, thief 1"; and in plain words when something is wrong.
std::string Told(const std::vector<int>& owner, const std::vector<int>& thief, int items) {
  std::vector<int> all = owner;
  all.insert(all.end(), thief.begin(), thief.end());
  std::sort(all.begin(), all.end());
  if (std::adjacent_find(all.begin(), all.end()) != all.end()) return "an item twice";
  if (static_cast<int>(all.size()) < items) return "an item lost";
  std::string text = "owner";
  for (int number : owner) text += " " + std::to_string(number);
  text += ", thief";
  for (int number : thief) text += " " + std::to_string(number);
  return text;
}

// `before` items are in the deque when owner and thief begin; the owner pushes `more`, then takes
// until nothing is left. The thief tries as often as there are items.
template <typename Deque>
ExploreReport OwnerAndThief(int before, int more, Strategy strategy = Strategy::kAll) {
  ExploreOptions options;
  options.strategy = strategy;
  options.stop_when = [](Ending, const std::string& outcome) { return outcome == "an item twice"; };
  return Explore(
      [=] {
        Item items[3];
        Deque deque(2);
        std::vector<int> owner, thief;
        int pushed = 0;
        auto push = [&] {
          items[pushed].number = pushed + 1;
          if (deque.Push(&items[pushed])) ++pushed;
        };
        for (int i = 0; i < before; ++i) push();
        std::thread stealing([&] {
          for (int i = 0; i < before + more; ++i) {
            if (Item* item = deque.Steal()) thief.push_back(item->number);
          }
        });
        for (int i = 0; i < more; ++i) push();
        while (Item* item = deque.Take()) owner.push_back(item->number);
        stealing.join();
        return Told(owner, thief, pushed);
      },
      options);
}

TEST(WorkStealingDequeExploredTest, EmptyDequeHasNothingForEither) {
  const ExploreReport report = OwnerAndThief<WorkStealingDeque<Item>>(0, 0);
  EXPECT_EQ(Outcomes(report), Texts({"owner, thief"}));
  EXPECT_EQ(Complaints(report), "");
}

TEST(WorkStealingDequeExploredTest, OnlyItemGoesToOneOfThem) {
  const ExploreReport report = OwnerAndThief<WorkStealingDeque<Item>>(1, 0);
  EXPECT_EQ(Outcomes(report), Texts({"owner 1, thief", "owner, thief 1"}));
  EXPECT_EQ(Complaints(report), "");
}

TEST(WorkStealingDequeExploredTest, OfTwoItemsTheThiefGetsTheOldest) {
  const ExploreReport report = OwnerAndThief<WorkStealingDeque<Item>>(2, 0);
  EXPECT_EQ(Outcomes(report), Texts({"owner 2 1, thief", "owner 2, thief 1", "owner, thief 1 2"}));
  EXPECT_EQ(Complaints(report), "");
}

TEST(WorkStealingDequeExploredTest, ItemPushedBesideAThiefGoesToOneOfThem) {
  const ExploreReport report = OwnerAndThief<WorkStealingDeque<Item>>(0, 1);
  EXPECT_EQ(Outcomes(report), Texts({"owner 1, thief", "owner, thief 1"}));
  EXPECT_EQ(Complaints(report), "");
}

// There is room for two: the third is refused, or comes into the slot of the one that was stolen.
TEST(WorkStealingDequeExploredTest, SlotIsUsedAgainOnlyAfterItWasEmptied) {
  const ExploreReport report = OwnerAndThief<WorkStealingDeque<Item>>(2, 1, Strategy::kDistinct);
  EXPECT_EQ(Outcomes(report),
            Texts({"owner 2 1, thief", "owner 2, thief 1", "owner, thief 1 2", "owner 3 2, thief 1",
                   "owner 3, thief 1 2", "owner, thief 1 2 3"}));
  EXPECT_EQ(Complaints(report), "");
}

// One that looked at the same item and was slower gets nothing.
TEST(WorkStealingDequeExploredTest, TwoThievesDoNotGetTheSameItem) {
  const ExploreReport report = Explore([] {
    Item items[2] = {{1}, {2}};
    WorkStealingDeque<Item> deque(2);
    for (Item& item : items) deque.Push(&item);
    std::string got[2];
    auto steal = [&](int thief) {
      Item* item = deque.Steal();
      got[thief] = item == nullptr ? "nothing" : std::to_string(item->number);
    };
    std::thread first(steal, 0), second(steal, 1);
    first.join();
    second.join();
    return got[0] + " " + got[1];
  });
  EXPECT_EQ(Outcomes(report), Texts({"1 2", "2 1", "1 nothing", "nothing 1"}));
  EXPECT_EQ(Complaints(report), "");
}

// The wrong versions.

TEST(WorkStealingDequeExploredTest, WithoutTheExchangeTheLastItemGoesToBoth) {
  EXPECT_TRUE(Outcomes(OwnerAndThief<PlainTakeDeque<Item>>(1, 0)).contains("an item twice"));
}

TEST(WorkStealingDequeExploredTest, WithARelaxedPushTheItemsContentIsARace) {
  EXPECT_FALSE(OwnerAndThief<RelaxedPushDeque<Item>>(0, 1).races.empty());
}

}  // namespace
}  // namespace interleave
