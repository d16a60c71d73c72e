// tests/net/green_thread_stack_test.cc
//
// What a green thread has that a coroutine has not: a stack, which costs memory, may be used up,
// and has to be unwound.

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "runtime/async/run.h"
#include "runtime/net/green_thread.h"
#include "tests/async/words.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;

// Runs it as a green thread of a loop of its own.
template <typename F>
auto RunIt(F function) {
  return Run(RunGreen(std::move(function)));
}

// The end of the loop.

class SaysWhenItEnds {
 public:
  SaysWhenItEnds(Words& words, std::string word) : words_(words), word_(std::move(word)) {}
  ~SaysWhenItEnds() { words_.push_back(word_); }

 private:
  Words& words_;
  std::string word_;
};

TEST(GreenThreadStack, OneThatIsLeftWhenTheLoopClosesIsUnwound) {
  Words words;
  {
    EventLoop loop;
    CollectErrors(loop, words);
    SpawnOn(loop, RunGreen([&] {
              const SaysWhenItEnds outer(words, "outer ended");
              try {
                const SaysWhenItEnds inner(words, "inner ended");
                Await([](Words& words) -> Task<void> {
                  const SaysWhenItEnds frame(words, "coroutine ended");
                  co_await SleepFor(1h);
                }(words));
              } catch (const TaskCancelled& cancelled) {
                words.push_back(cancelled.message());
              }
              GreenYield();  // throws as well
              words.push_back("not reached");
            }),
            "left");
    RunBriefly(loop);
    SpawnOn(loop, RunGreen([&] { words.push_back("not reached"); }), "not begun");
  }
  EXPECT_EQ(words, (Words{"Task was destroyed but it is pending, left", "coroutine ended",
                          "inner ended", "the event loop was closed", "outer ended",
                          "Task was destroyed but it is pending, not begun"}));
}

TEST(GreenThreadStack, ALoopMayBeClosedByAGreenThreadOfAnother) {
  Words words;
  RunIt([&] {
    auto other = std::make_unique<EventLoop>();
    CollectErrors(*other, words);
    SpawnOn(*other, RunGreen([] {}), "other's");
    other.reset();
    EXPECT_TRUE(OnGreenThread());
    GreenYield();
  });
  EXPECT_EQ(words, (Words{"Task was destroyed but it is pending, other's"}));
}

using GreenThreadDeathTest = testing::Test;

TEST(GreenThreadDeathTest, OneThatNeverEndsAlthoughItsLoopIsClosedAborts) {
  EXPECT_DEATH(
      {
        EventLoop loop;
        SpawnOn(loop, RunGreen([] {
                  for (;;) {
                    try {
                      GreenSleep(1h);
                    } catch (const TaskCancelled&) {
                    }
                  }
                }));
        RunBriefly(loop);
        loop.Close();
      },
      "catches TaskCancelled and waits again");
}

// Each call has a local of a kilobyte that the compiler cannot do away with.
[[gnu::noinline]] int UseUp(volatile char* caller, int kilobytes) {
  volatile char locals[1024];
  locals[0] = caller[0];
  return kilobytes == 0 ? 0 : UseUp(locals, kilobytes - 1) + locals[0];
}

TEST(GreenThreadDeathTest, AnOverflowOfTheStackMeetsTheGuard) {
#if defined(__SANITIZE_ADDRESS__)
  EXPECT_DEATH(RunIt([] {
                 volatile char first = 1;
                 return UseUp(&first, 8 * 1024);
               }),
               "stack-overflow");
#elif !defined(__SANITIZE_THREAD__)  // which dies of it, too, but in its own way
  EXPECT_EXIT(RunIt([] {
                volatile char first = 1;
                return UseUp(&first, 8 * 1024);
              }),
              testing::KilledBySignal(SIGSEGV), "");
#endif
}

// What the system says of the memory right below the stack that `frame` is on.
std::string BelowTheStackOf(const void* frame) {
  std::ifstream maps("/proc/self/maps");
  std::string before;
  for (std::string line; std::getline(maps, line); before = line) {
    std::size_t begin = 0, end = 0;
    char dash = 0;
    std::istringstream(line) >> std::hex >> begin >> dash >> end;
    const auto address = reinterpret_cast<std::size_t>(frame);
    if (address < begin || address >= end) continue;
    std::size_t guard_begin = 0, guard_end = 0;
    std::string rights;
    std::istringstream(before) >> std::hex >> guard_begin >> dash >> guard_end >> rights;
    if (guard_end != begin) return "nothing";
    return std::to_string(guard_end - guard_begin) + " bytes " + rights;
  }
  return "not found";
}

TEST(GreenThreadStack, BelowIsMemoryThatNobodyMayTouch) {
  RunIt([] {
    // Not a local's: AddressSanitizer keeps those elsewhere.
    EXPECT_EQ(BelowTheStackOf(__builtin_frame_address(0)),
              std::to_string(GreenStack::kGuardBytes) + " bytes ---p");
  });
}

// Many.

TEST(GreenThreadStack, AThousandAreUnderWayAtOnce) {
  constexpr int kThreads = 1000;
  int at_the_gate = 0;
  const int sum = RunIt([&] {
    AsyncFuture<void> gate;
    std::vector<TaskHandle<int>> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.push_back(SpawnGreen([&, i] {
        if (++at_the_gate == kThreads) gate.SetResult();
        Await(gate);
        return i;
      }));
    }
    int sum = 0;
    for (TaskHandle<int>& thread : threads) sum += Await(thread);
    return sum;
  });
  EXPECT_EQ(sum, kThreads * (kThreads - 1) / 2);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

long ResidentBytes() {
  long size = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> size >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

TEST(GreenThreadStack, OneThatWaitsTakesAtMost16KiB) {
  constexpr int kThreads = 10'000;
  RunIt([] {
    AsyncFuture<void> gate;
    std::vector<TaskHandle<void>> threads;
    threads.reserve(kThreads);
    const long before = ResidentBytes();
    for (int i = 0; i < kThreads; ++i) {
      threads.push_back(SpawnGreen([&] { Await(gate); }));
    }
    GreenYield();  // all have come to the gate
    const long each = (ResidentBytes() - before) / kThreads;
    RecordProperty("resident_bytes_each", std::to_string(each));
    EXPECT_LE(each, 16 * 1024);
    gate.SetResult();
    for (TaskHandle<void>& thread : threads) Await(thread);
  });
}

TEST(GreenThreadStack, TheStackOfOneThatHasEndedIsGivenBack) {
  RunIt([] {
    long before = 0;
    for (int i = 0; i < 20'000; ++i) {
      if (i == 1000) before = ResidentBytes();
      Await(SpawnGreen([] { GreenYield(); }));
    }
    EXPECT_LE(ResidentBytes() - before, 8 * 1024 * 1024);
  });
}

#endif

}  // namespace
}  // namespace interleave
