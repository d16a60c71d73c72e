// tests/engine/atomics_test.cc
//
// Atomic operations are steps like any other: their outcomes are those of some order of the steps.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "runtime/engine/explore.h"
#include "tests/engine/outcomes.h"

namespace interleave {
namespace {

using Set = std::set<std::string>;

void Both(const std::function<void()>& first, const std::function<void()>& second) {
  std::thread a(first), b(second);
  a.join();
  b.join();
}

TEST(Atomics, StoreBufferingNeverReadsTwoZeros) {
  ExploreReport report = Explore([] {
    std::atomic<int> x{0}, y{0};
    int seen_x = -1, seen_y = -1;
    Both(
        [&] {
          x = 1;
          seen_y = y;
        },
        [&] {
          y = 1;
          seen_x = x;
        });
    return std::to_string(seen_x) + std::to_string(seen_y);
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Counts(report), (std::map<std::string, std::int64_t>{{"01", 1}, {"10", 1}, {"11", 4}}));
}

TEST(Atomics, MessagePassingSeesTheDataWithTheFlag) {
  ExploreReport report = Explore([] {
    std::atomic<int> data{0}, flag{0};
    std::string seen;
    Both(
        [&] {
          data = 1;
          flag = 1;
        },
        [&] {
          int f = flag;
          int d = data;
          seen = std::to_string(f) + std::to_string(d);
        });
    return seen;
  });
  EXPECT_EQ(Outcomes(report), (Set{"00", "01", "11"}));
}

TEST(Atomics, FetchAddLosesNothing) {
  ExploreReport report = Explore([] {
    std::atomic<int> counter{0};
    Both([&] { counter.fetch_add(1); }, [&] { ++counter; });
    return std::to_string(counter);
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Counts(report), (std::map<std::string, std::int64_t>{{"2", 2}}));
}

TEST(Atomics, ALoadAndAStoreLoseAnUpdateWithoutARace) {
  ExploreReport report = Explore([] {
    std::atomic<int> counter{0};
    auto add = [&] { counter = counter + 1; };
    Both(add, add);
    return std::to_string(counter);
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Counts(report), (std::map<std::string, std::int64_t>{{"1", 4}, {"2", 2}}));
}

template <typename Number>
void ExpectUpdatesOfEveryKind() {
  ExploreReport report = Explore([] {
    std::atomic<Number> value{0x15};
    Both(
        [&] {
          value.fetch_or(0x2);
          value.fetch_and(0x7);
        },
        [&] {
          value.fetch_xor(0x1);
          value.fetch_sub(0x4);
        });
    return std::to_string(+value.load());
  });
  EXPECT_EQ(Complaints(report), "");
  // By hand, over the six orders of the four updates.
  Set expected;
  for (int order : {0b0011, 0b0101, 0b0110, 0b1001, 0b1010, 0b1100}) {
    auto value = static_cast<Number>(0x15);
    int left = 0, right = 0;
    for (int step = 0; step < 4; ++step) {
      if (order >> step & 1) {
        value = static_cast<Number>(left++ == 0 ? value | 0x2 : value & 0x7);
      } else {
        value = static_cast<Number>(right++ == 0 ? value ^ 0x1 : value - 0x4);
      }
    }
    expected.insert(std::to_string(+value));
  }
  EXPECT_EQ(Outcomes(report), expected);
  EXPECT_EQ(report.runs, 6);
}

TEST(Atomics, UpdatesOfEverySize) {
  ExpectUpdatesOfEveryKind<std::uint8_t>();
  ExpectUpdatesOfEveryKind<std::uint16_t>();
  ExpectUpdatesOfEveryKind<std::uint32_t>();
  ExpectUpdatesOfEveryKind<std::uint64_t>();
}

TEST(Atomics, ACompareExchangeLoopLosesNothing) {
  ExploreReport report = Explore([] {
    std::atomic<int> counter{0};
    auto add = [&] {
      int seen = counter.load();
      while (!counter.compare_exchange_weak(seen, seen + 1)) {
      }
    };
    Both(add, add);
    return std::to_string(counter);
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"2"}));
}

TEST(Atomics, OneOfTwoCompareExchangesWins) {
  ExploreReport report = Explore([] {
    std::atomic<int> owner{0};
    bool won[2] = {};
    auto claim = [&](int me) {
      int nobody = 0;
      won[me] = owner.compare_exchange_strong(nobody, me + 1);
      if (!won[me] && nobody != 2 - me) std::abort();  // what it found is the other one's number
    };
    Both([&] { claim(0); }, [&] { claim(1); });
    return std::to_string(won[0]) + std::to_string(won[1]);
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"01", "10"}));
}

TEST(Atomics, ATreiberStackHandsOverItsNodes) {
  struct Node {
    int value;
    Node* next;
  };
  ExploreReport report = Explore([] {
    std::atomic<Node*> top{nullptr};
    Node nodes[2] = {{1, nullptr}, {2, nullptr}};
    auto push = [&](Node& node) {
      node.next = top.load(std::memory_order_relaxed);
      while (!top.compare_exchange_weak(node.next, &node, std::memory_order_release,
                                        std::memory_order_relaxed)) {
      }
    };
    int popped = 0;
    std::thread a([&] {
      push(nodes[0]);
      push(nodes[1]);
    });
    std::thread b([&] {
      Node* node = top.load(std::memory_order_acquire);
      if (node != nullptr) popped = node->value;
    });
    a.join();
    b.join();
    return std::to_string(popped);
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"0", "1", "2"}));
}

TEST(Atomics, ASpinThatGivesWayEnds) {
  ExploreReport report = Explore([] {
    std::atomic<bool> ready{false};
    int data = 0, seen = 0;
    Both(
        [&] {
          data = 7;
          ready = true;
        },
        [&] {
          while (!ready) std::this_thread::yield();
          seen = data;
        });
    return std::to_string(seen);
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"7"}));
}

TEST(Atomics, AnAtomicFlagIsALock) {
  ExploreReport report = Explore([] {
    std::atomic_flag busy;
    int counter = 0;
    auto add = [&] {
      while (busy.test_and_set(std::memory_order_acquire)) std::this_thread::yield();
      ++counter;
      busy.clear(std::memory_order_release);
    };
    Both(add, add);
    return std::to_string(counter);
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"2"}));
}

TEST(Atomics, ALockThatUnlocksRelaxedIsARace) {
  ExploreReport report = Explore([] {
    std::atomic_flag busy;
    int counter = 0;
    auto add = [&] {
      while (busy.test_and_set(std::memory_order_acquire)) std::this_thread::yield();
      ++counter;
      busy.clear(std::memory_order_relaxed);
    };
    Both(add, add);
    return std::to_string(counter);
  });
  EXPECT_TRUE(report.complete);
  EXPECT_FALSE(report.races.empty());
}

TEST(Atomics, APlainAccessRacesWithAnAtomicOne) {
  ExploreReport report = Explore([] {
    int value = 0;
    Both([&] { value = 1; }, [&] { std::atomic_ref(value).store(2); });
    return std::to_string(value);
  });
  EXPECT_EQ(Outcomes(report), (Set{"1", "2"}));
  EXPECT_EQ(report.races.size(), 1u);
}

// Found as a race although every value is the newest one: the double-checked lock of the nineties.
TEST(Atomics, DoubleCheckedLockingWithoutAcquireIsARace) {
  ExploreReport report = Explore([] {
    std::atomic<int*> instance{nullptr};
    int storage = 0;
    std::mutex mutex;
    auto use = [&] {
      int* found = instance.load(std::memory_order_relaxed);
      if (found == nullptr) {
        std::lock_guard lock(mutex);
        found = instance.load(std::memory_order_relaxed);
        if (found == nullptr) {
          storage = 42;
          instance.store(&storage, std::memory_order_relaxed);
          found = &storage;
        }
      }
      return *found;
    };
    Both([&] { use(); }, [&] { use(); });
    return "";
  });
  EXPECT_FALSE(report.races.empty());
}

}  // namespace
}  // namespace interleave
