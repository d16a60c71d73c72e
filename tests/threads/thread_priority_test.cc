// tests/threads/thread_priority_test.cc

#include "runtime/threads/thread_priority.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

namespace interleave {
namespace {

TEST(ThreadPriorityTest, OutOfRangeIsRefused) {
  EXPECT_THROW(SetThreadPriority(-1), std::invalid_argument);
  EXPECT_THROW(SetThreadPriority(100), std::invalid_argument);
}

TEST(ThreadPriorityTest, AThreadIsAnOrdinaryOneAtFirst) {
  EXPECT_EQ(ThreadPriority(), 0);
  EXPECT_TRUE(SetThreadPriority(0));
}

// Whether the system grants it depends on who runs this.
TEST(ThreadPriorityTest, EitherItIsGrantedOrNothingHasChanged) {
  std::thread([] {
    const bool granted = SetThreadPriority(2);
    EXPECT_EQ(ThreadPriority(), granted ? 2 : 0);
  }).join();
  EXPECT_EQ(ThreadPriority(), 0);
}

}  // namespace
}  // namespace interleave
