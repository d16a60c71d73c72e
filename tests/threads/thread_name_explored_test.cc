// tests/threads/thread_name_explored_test.cc
//
// Names of simulated threads: the same in every run, and those that reports say.
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "runtime/engine/explore.h"
#include "runtime/threads/thread_name.h"

namespace interleave {
namespace {

TEST(ThreadNameExplored, UnnamedThreadsAreCalledAsInReports) {
  for (int again = 0; again < 2; ++again) {
    RunReport report = Simulate([] {
      std::string names[3];
      std::thread a([&] { names[1] = ThreadName(); });
      std::thread b([&] {
        SetThreadName("one with a long name");
        names[2] = ThreadName();
      });
      a.join();
      b.join();
      names[0] = ThreadName();
      return names[0] + ", " + names[1] + ", " + names[2];
    });
    EXPECT_EQ(report.outcome, "MainThread, Thread-1, one with a long name");
    EXPECT_EQ(report.threads,
              (std::vector<std::string>{"MainThread", "Thread-1", "one with a long name"}));
  }
}

}  // namespace
}  // namespace interleave
