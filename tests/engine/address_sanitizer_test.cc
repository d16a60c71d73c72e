// Under AddressSanitizer (--config=asan) a simulated thread is watched like a real one: its reports
// name the error and the program's own function. Elsewhere there is nothing to test.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>

#include "runtime/engine/explore.h"

namespace interleave {
namespace {

#ifdef __SANITIZE_ADDRESS__

[[gnu::noinline]] int ReadFrom(const volatile int* value) { return *value; }

std::string UsesAfterFree() {
  auto owned = std::make_unique<int>(7);
  const int* left = owned.get();
  std::thread owner([&] { owned.reset(); });
  owner.join();
  int seen = 0;
  std::thread reader([&] { seen = ReadFrom(left); });
  reader.join();
  return std::to_string(seen);
}

TEST(AddressSanitizer, ReportsAUseAfterFreeInASimulatedThread) {
  EXPECT_DEATH(Simulate(UsesAfterFree), "heap-use-after-free(.|\n)*ReadFrom");
}

[[gnu::noinline]] void WriteBehind(volatile char* text, int at) { text[at] = 1; }

TEST(AddressSanitizer, ReportsAnOverflowOfASimulatedStack) {
  const auto overflows = [] {
    std::thread thread([] {
      volatile char text[16] = {};
      WriteBehind(text, 16);
    });
    thread.join();
    return std::string();
  };
  EXPECT_DEATH(Simulate(overflows), "stack-buffer-overflow(.|\n)*WriteBehind");
}

#endif

TEST(AddressSanitizer, FindsNothingInACorrectProgram) {
  const auto passes_on = [] {
    auto owned = std::make_unique<int>(7);
    std::thread owner([&] { *owned += 1; });
    owner.join();
    return std::to_string(*owned);
  };
  EXPECT_EQ(Simulate(passes_on).outcome, "8");
}

}  // namespace
}  // namespace interleave
