// tests/engine/freed_memory_test.cc
//
// Giving memory back is a write to it. Who accesses it unordered races with that, who comes after
// it uses what is no more, and who gives it back again is named. Memory that is used again, for
// something else, has no history.
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "runtime/engine/explore.h"
#include "tests/engine/outcomes.h"

namespace interleave {
namespace {

using Map = std::map<std::string, std::int64_t>;
using Set = std::set<std::string>;

std::string At(int line) { return " (freed_memory_test.cc:" + std::to_string(line) + ")"; }

TEST(FreedMemory, ReadByAnotherThreadIsARaceAndAUseAfterFree) {
  const int line = __LINE__ + 4;  // of the read; the free is two further
  ExploreReport report = Explore([] {
    int* number = new int(5);
    std::thread reader([number] {
      if (*number != 5) std::abort();
    });
    delete number;
    reader.join();
    return "fine";
  });
  EXPECT_TRUE(report.complete) << report.stopped_by;
  EXPECT_EQ(Outcomes(report), (Set{"fine", "use after free in Thread-1" + At(line) +
                                               ", freed in MainThread" + At(line + 2)}));
  ASSERT_EQ(report.races.size(), 1u);
  EXPECT_EQ(report.races[0].Text(),
            "data race: Thread-1 reads memory at freed_memory_test.cc:" + std::to_string(line) +
                ", MainThread frees it at freed_memory_test.cc:" + std::to_string(line + 2) +
                "; nothing orders them");
}

TEST(FreedMemory, OrderedByALockIsStillAUseAfterFree) {
  ExploreReport report = Explore([] {
    std::mutex mutex;
    char* text = static_cast<char*>(std::calloc(1, 8));
    std::thread reader([&] {
      std::lock_guard lock(mutex);
      if (*text != 0) std::abort();
    });
    {
      std::lock_guard lock(mutex);
      std::free(text);
    }
    reader.join();
    return "fine";
  });
  EXPECT_TRUE(report.complete) << report.stopped_by;
  EXPECT_TRUE(report.races.empty());
  EXPECT_EQ(report.census.size(), 2u);
  for (const CensusRow& row : report.census) {
    EXPECT_EQ(row.ending, row.outcome == "fine" ? Ending::kReturned : Ending::kCrash);
    EXPECT_EQ(row.outcome == "fine", row.outcome.find("use after free in Thread-1") != 0);
  }
}

// Of a big block every byte, also those that nobody has accessed before.
TEST(FreedMemory, OfABigBlockIsAllFreed) {
  for (std::size_t at : {0u, 5000u, 99'999u}) {
    ExploreReport report = Explore([at] {
      char* bytes = static_cast<char*>(std::malloc(100'000));
      std::thread writer([=] { bytes[at] = 'x'; });
      std::free(bytes);
      writer.join();
      return "fine";
    });
    EXPECT_EQ(report.races.size(), 1u) << at;
    EXPECT_EQ(report.census.size(), 2u) << at;
  }
}

// There is nobody left to race with, but the memory is gone all the same.
TEST(FreedMemory, UsedByTheLastThreadIsNamed) {
  for (std::size_t bytes : {8u, 100'000u}) {
    const int line = __LINE__ + 5;  // of the free; the use is five further
    ExploreReport report = Explore([bytes] {
      char* text = static_cast<char*>(std::calloc(1, bytes));
      std::atomic<bool> freed = false;
      std::thread owner([&] {
        if (!freed.exchange(true)) std::free(text);
      });
      const bool mine = !freed.exchange(true);
      owner.join();
      if (mine) std::free(text);
      if (!mine) text[bytes - 1] = 'x';
      return "fine";
    });
    EXPECT_TRUE(report.complete) << report.stopped_by;
    EXPECT_EQ(Outcomes(report), (Set{"fine", "use after free in MainThread" + At(line + 5) +
                                                 ", freed in Thread-1" + At(line)}));
  }
}

TEST(FreedMemory, OfTheLastThreadIsNamed) {
  ExploreReport report = Explore([] {
    std::thread([] {}).join();
    std::atomic<int>* number = new std::atomic<int>(5);
    delete number;
    return std::to_string(number->fetch_add(1));
  });
  ASSERT_EQ(report.census.size(), 1u);
  EXPECT_EQ(report.census[0].outcome.find("use after free in MainThread"), 0u);
}

TEST(FreedMemory, AfterAJoinIsFine) {
  ExploreReport report = Explore([] {
    auto numbers = std::make_unique<std::vector<int>>(3);
    std::thread one([&] { (*numbers)[0] = 1; });
    std::thread two([&] { (*numbers)[1] = 2; });
    one.join();
    two.join();
    numbers.reset();
    return "fine";
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"fine"}));
}

TEST(FreedMemory, OfTheLastOwnerIsFine) {
  ExploreReport report = Explore([] {
    auto shared = std::make_shared<std::string>("a text that is too long to be kept inside");
    std::thread one([shared]() mutable {
      EXPECT_EQ(shared->size(), 41u);
      shared.reset();
    });
    std::thread two([shared]() mutable {
      EXPECT_EQ(shared->size(), 41u);
      shared.reset();
    });
    shared.reset();
    one.join();
    two.join();
    return "fine";
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"fine"}));
}

// Its reference count is libstdc++'s own, where no hook sees it.
TEST(FreedMemory, OfAnExceptionIsFine) {
  ExploreReport report = Explore([] {
    std::promise<int> promise;
    std::future<int> future = promise.get_future();
    std::thread thrower([promise = std::move(promise)]() mutable {
      try {
        throw std::runtime_error("a reason that is too long to be kept inside");
      } catch (...) {
        promise.set_exception(std::current_exception());
      }
    });
    std::string text;
    try {
      future.get();
    } catch (const std::runtime_error& error) {
      text = error.what();
    }
    thrower.join();
    return text;
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"a reason that is too long to be kept inside"}));
}

TEST(FreedMemory, UsedAgainHasNoHistory) {
  ExploreReport report = Explore([] {
    const auto work = [] {
      for (int i = 0; i < 100; ++i) {
        // More than is held until the end of the run, so that it does come again.
        auto bytes = std::make_unique_for_overwrite<char[]>(40'000);
        std::memset(bytes.get(), i, 40'000);
        auto few = std::make_unique<int>(i);
        if (bytes[39'999] != static_cast<char>(*few)) std::abort();
      }
    };
    std::thread one(work), two(work);
    one.join();
    two.join();
    return "fine";
  });
  EXPECT_EQ(Complaints(report), "");
  EXPECT_EQ(Outcomes(report), (Set{"fine"}));
}

TEST(FreedMemory, GrownByReallocMoves) {
  const int line = __LINE__ + 4;
  ExploreReport report = Explore([] {
    auto* numbers = static_cast<int*>(std::calloc(4, sizeof(int)));
    std::thread reader([numbers] {
      if (numbers[3] != 0) std::abort();
    });
    numbers = static_cast<int*>(std::realloc(numbers, 8 * sizeof(int)));
    EXPECT_EQ(numbers[3], 0);
    reader.join();
    std::free(numbers);
    return "fine";
  });
  EXPECT_EQ(Outcomes(report), (Set{"fine", "use after free in Thread-1" + At(line) +
                                               ", freed in MainThread" + At(line + 2)}));
  EXPECT_EQ(report.races.size(), 1u);
}

TEST(FreedMemory, UnmappedIsARace) {
  ExploreReport report = Explore([] {
    void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    std::thread writer([=] { *static_cast<int*>(page) = 1; });
    std::this_thread::yield();
    munmap(page, 4096);
    writer.join();
    return "fine";
  });
  EXPECT_EQ(report.races.size(), 1u);
  EXPECT_EQ(Outcomes(report), (Set{"fine", "crash in Thread-1: SIGSEGV"}));
}

TEST(FreedMemory, TwiceIsNamed) {
  const int line = __LINE__ + 3;
  const Body body = [] {
    void* block = std::malloc(32);
    const auto free_it = [=] { std::free(block); };
    std::thread one(free_it), two(free_it);
    one.join();
    two.join();
    return "not reached";
  };
  for (bool forks : {false, true}) {
    ExploreOptions options;
    options.fork_runs = forks;
    ExploreReport report = Explore(body, options);
    EXPECT_TRUE(report.complete) << report.stopped_by;
    EXPECT_EQ(Outcomes(report),
              (Set{"freed twice in Thread-1" + At(line) + ", freed in Thread-2" + At(line),
                   "freed twice in Thread-2" + At(line) + ", freed in Thread-1" + At(line)}));
    for (const CensusRow& row : report.census) EXPECT_EQ(row.ending, Ending::kAbort);
  }
}

TEST(FreedMemory, TwiceByOneThreadIsNamed) {
  RunReport report = Simulate([] {
    int* number = new int;
    int* same = number;
    delete number;
    delete same;
    return "not reached";
  });
  EXPECT_EQ(report.outcome.find("freed twice in MainThread"), 0u) << report.outcome;
}

TEST(FreedMemory, OfNoBlockIsNamed) {
  RunReport report = Simulate([] {
    int local = 0;
    void* volatile block = &local;
    std::free(block);
    return "not reached";
  });
  EXPECT_EQ(report.ending, Ending::kAbort);
  EXPECT_EQ(report.outcome.find("free of what is not of the heap in MainThread"), 0u)
      << report.outcome;
}

TEST(FreedMemory, AScheduleFindsItAgain) {
  const Body body = [] {
    int* number = new int(5);
    std::thread reader([number] {
      if (*number != 5) std::abort();
    });
    delete number;
    reader.join();
    return "fine";
  };
  ExploreReport report = Explore(body);
  for (const CensusRow& row : report.census) {
    SimulateOptions options;
    options.schedule = row.schedule;
    EXPECT_EQ(Simulate(body, options).outcome, row.outcome) << row.schedule;
  }
}

}  // namespace
}  // namespace interleave
