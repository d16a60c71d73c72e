// tests/engine/wide_atomics_test.cc
//
// Atomics of sizes that no register holds: what they are for smaller ones, they are for these.
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "runtime/engine/explore.h"
#include "tests/engine/outcomes.h"

namespace interleave {
namespace {

using Map = std::map<std::string, std::int64_t>;

template <int kSize>
struct Bytes {
  char first = 0;
  char rest[kSize - 1] = {};
};

template <>
struct alignas(16) Bytes<16> {
  long first = 0;
  long rest = 0;
};

template <typename T>
class WideAtomics : public testing::Test {};

using Types = testing::Types<Bytes<16>, Bytes<3>, Bytes<12>, Bytes<24>, Bytes<40>>;
TYPED_TEST_SUITE(WideAtomics, Types);

TYPED_TEST(WideAtomics, AreSteps) {
  ExploreReport report = Explore([] {
    std::atomic<TypeParam> shared{TypeParam{}};
    const auto increment = [&shared] {
      TypeParam value = shared.load();
      ++value.first;
      shared.store(value);
    };
    std::thread one(increment), two(increment);
    one.join();
    two.join();
    return std::to_string(shared.load().first);
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Counts(report), (Map{{"1", 4}, {"2", 2}}));
}

TYPED_TEST(WideAtomics, AreUpdatedInOneStep) {
  ExploreReport report = Explore([] {
    std::atomic<TypeParam> shared{TypeParam{}};
    const auto increment = [&shared] {
      TypeParam value = shared.load();
      TypeParam more;
      do {
        more = value;
        ++more.first;
      } while (!shared.compare_exchange_strong(value, more));
    };
    std::thread one(increment), two(increment);
    one.join();
    two.join();
    return std::to_string(shared.load().first);
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (std::set<std::string>{"2"}));
}

TYPED_TEST(WideAtomics, PublishWhatWasWrittenBefore) {
  for (bool relaxed : {false, true}) {
    ExploreReport report = Explore([relaxed] {
      int data = 0;
      std::atomic<TypeParam> ready{TypeParam{}};
      std::thread writer([&] {
        data = 1;
        TypeParam yes;
        yes.first = 1;
        ready.store(yes, relaxed ? std::memory_order_relaxed : std::memory_order_release);
      });
      std::string seen = "not ready";
      if (ready.load(std::memory_order_acquire).first == 1) seen = std::to_string(data);
      writer.join();
      return seen;
    });
    EXPECT_EQ(report.races.size(), relaxed ? 1u : 0u);
    EXPECT_EQ(Outcomes(report), (std::set<std::string>{"1", "not ready"}));
  }
}

TYPED_TEST(WideAtomics, ExchangeReturnsWhatWasThere) {
  ExploreReport report = Explore([] {
    std::atomic<TypeParam> shared{TypeParam{}};
    int sum = 0;
    TypeParam one, two;
    one.first = 1;
    two.first = 2;
    TypeParam before;
    std::thread other([&] { before = shared.exchange(two); });
    TypeParam mine = shared.exchange(one);
    other.join();
    sum = static_cast<int>(before.first + mine.first + shared.load().first);
    return std::to_string(sum);
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Counts(report), (Map{{"3", 2}}));  // each value is seen once
}

TYPED_TEST(WideAtomics, WorkOnRealThreads) {
  std::atomic<TypeParam> shared{TypeParam{}};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&shared] {
      for (int i = 0; i < 25; ++i) {
        TypeParam value = shared.load();
        TypeParam more;
        do {
          more = value;
          ++more.first;
        } while (!shared.compare_exchange_weak(value, more));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(shared.load().first, 100);
}

TEST(WideIntegers, HaveArithmetic) {
  using Wide = unsigned __int128;
  ExploreReport report = Explore([] {
    alignas(16) Wide number = 1;
    const auto add = [&number] {
      __atomic_fetch_add(&number, Wide{1} << 64, __ATOMIC_SEQ_CST);
      __atomic_fetch_or(&number, Wide{2}, __ATOMIC_SEQ_CST);
    };
    std::thread one(add), two(add);
    one.join();
    two.join();
    return std::to_string(static_cast<long>(number >> 64)) + " " +
           std::to_string(static_cast<long>(number));
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Counts(report), (Map{{"2 3", 6}}));
}

}  // namespace
}  // namespace interleave
