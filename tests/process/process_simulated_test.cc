// tests/process/process_simulated_test.cc
//
// Child processes of a simulation, by way of Process: real ones, for which the clock stands still.

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <string>

#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/engine/explore.h"
#include "runtime/process/process.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

Task<void> Sleep5() { co_await SleepFor(5s); }

std::string Since(steady_clock::time_point begin) {
  const auto passed = steady_clock::now() - begin;
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(passed).count()) +
         "ms";
}

TEST(ProcessSimulated, TheLoopAwaitsAnEndWithTheClockStandingStill) {
  const RunReport report = Simulate([] {
    std::string text;
    auto main = [&]() -> Task<void> {
      const auto begin = steady_clock::now();
      TaskHandle<void> sleeper = Spawn(Sleep5());
      Process child = Process::Fork([] {
        usleep(20'000);  // of real time
        return 7;
      });
      text = (co_await child.Ended()).Text() + " at " + Since(begin);
      co_await sleeper;
      text += ", the end at " + Since(begin);
    };
    interleave::Run(main());
    return text;
  });
  EXPECT_EQ(report.outcome, "exited with status 7 at 0ms, the end at 5000ms") << report.explanation;
}

TEST(ProcessSimulated, WaitForSeesAChildThatEndsInRealTime) {
  const RunReport report = Simulate([] {
    const auto begin = steady_clock::now();
    Process child = Process::Fork([] {
      usleep(20'000);
      return 3;
    });
    return child.WaitFor(1s).value_or(ExitStatus{}).Text() + " at " + Since(begin);
  });
  EXPECT_EQ(report.outcome, "exited with status 3 at 0ms") << report.explanation;
}

TEST(ProcessSimulated, ADestroyedOneIsKilled) {
  const RunReport report = Simulate([] {
    pid_t pid;
    {
      Process child = Process::Fork([] {
        for (;;) pause();
        return 0;
      });
      pid = child.pid();
    }
    return kill(pid, 0) == 0 ? "it lives" : "gone";
  });
  EXPECT_EQ(report.outcome, "gone") << report.explanation;
}

}  // namespace
}  // namespace interleave
