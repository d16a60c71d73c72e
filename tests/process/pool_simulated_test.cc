// tests/process/pool_simulated_test.cc
//
// A pool in a simulation: the workers are real processes, the clock is not.

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/async/wrap_future.h"
#include "runtime/engine/explore.h"
#include "runtime/lab/compute.h"
#include "runtime/lab/log.h"
#include "runtime/process/process_pool.h"
#include "runtime/threads/thread_name.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

int Square(int x) { return x * x; }
int SquareFor1s(int x) {
  usleep(1'000);  // of real time, which does not count
  Compute(1s);
  return x * x;
}
void ComputeSeconds(int seconds) { Compute(std::chrono::seconds(seconds)); }
void Crash() {
  Compute(2s);
  raise(SIGKILL);
}
void Speak(const std::string& words) {
  Print("print " + words);
  Compute(1s);
  Log("log " + words);
}
int Refuse(int x) { throw std::invalid_argument(std::to_string(x) + " won't do"); }

std::string Since(steady_clock::time_point begin) {
  const auto passed = steady_clock::now() - begin;
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(passed).count()) +
         "ms";
}

std::string OutcomeOf(const Body& body, std::string* output = nullptr) {
  SimulateOptions options;
  options.output = [&](int, std::string_view text) {
    if (output != nullptr) *output += text;
  };
  const RunReport report = Simulate(body, options);
  return report.explanation.empty() ? report.outcome : report.outcome + report.explanation;
}

TEST(PoolSimulated, AJobIsChargedWhatItStates) {
  EXPECT_EQ(OutcomeOf([] {
              lab::ResetVirtualCores(2);
              const auto begin = steady_clock::now();
              ProcessPool pool(2);
              Future<int> nine = pool.Submit<SquareFor1s>(3);
              std::string text = std::to_string(nine.Get());
              text += " at " + Since(begin);
              pool.Submit<Square>(1).Get();
              return text + ", a free one at " + Since(begin);
            }),
            "9 at 1000ms, a free one at 1000ms");
}

TEST(PoolSimulated, WorkersShareTheVirtualCores) {
  for (const auto& [cores, expected] :
       {std::pair(1, "4000ms"), std::pair(2, "2000ms"), std::pair(4, "1000ms")}) {
    EXPECT_EQ(OutcomeOf([cores = cores] {
                lab::ResetVirtualCores(cores);
                const auto begin = steady_clock::now();
                ProcessPool pool(4);
                int sum = 0;
                for (int square : pool.Map<SquareFor1s>(std::vector<int>{1, 2, 3, 4})) {
                  sum += square;
                }
                return (sum == 30 ? "" : "wrong sum ") + Since(begin);
              }),
              expected)
        << cores;
  }
}

TEST(PoolSimulated, AnIdleWorkerDoesNotHoldTheClock) {
  EXPECT_EQ(OutcomeOf([] {
              const auto begin = steady_clock::now();
              ProcessPool pool(2);
              std::this_thread::sleep_for(10s);
              return Since(begin);
            }),
            "10000ms");
}

TEST(PoolSimulated, TheLoopGoesOnWhileAJobIsOut) {
  EXPECT_EQ(OutcomeOf([] {
              lab::ResetVirtualCores(2);
              std::string text;
              auto main = [&]() -> Task<void> {
                const auto begin = steady_clock::now();
                ProcessPool pool(1);
                auto ticks = [&]() -> Task<void> {
                  for (int i = 0; i < 3; ++i) {
                    co_await SleepFor(400ms);
                    text += "tick " + Since(begin) + ", ";
                  }
                };
                TaskHandle<void> ticking = Spawn(ticks());
                const int square = co_await WrapFuture(pool.Submit<SquareFor1s>(5));
                text += std::to_string(square) + " at " + Since(begin) + ", ";
                co_await ticking;
              };
              interleave::Run(main());
              return text;
            }),
            "tick 400ms, tick 800ms, 25 at 1000ms, tick 1200ms, ");
}

TEST(PoolSimulated, WhatAWorkerPrintsHasItsPlaceAndItsTime) {
  std::string output;
  OutcomeOf(
      [] {
        lab::ResetVirtualCores(2);
        ProcessPool pool(2);
        Future<void> one = pool.Submit<Speak>(std::string("one"));
        std::this_thread::sleep_for(500ms);
        Future<void> two = pool.Submit<Speak>(std::string("two"));
        one.Get();
        two.Get();
        return std::string();
      },
      &output);
  EXPECT_EQ(output,
            "print one\nprint two\n00:00:02:ForkProcess-1:log one\n"
            "00:00:02:ForkProcess-2:log two\n");
}

TEST(PoolSimulated, AWorkerThatDiesDoesSoAtItsTime) {
  EXPECT_EQ(OutcomeOf([] {
              lab::ResetVirtualCores(4);
              const auto begin = steady_clock::now();
              ProcessPool pool(2);
              Future<void> crash = pool.Submit<Crash>();
              Future<void> other = pool.Submit<ComputeSeconds>(5);
              std::string text;
              try {
                crash.Get();
              } catch (const BrokenProcessPool& error) {
                text = error.worker() + " " + error.signal() + " at " + Since(begin);
              }
              try {
                other.Get();
              } catch (const BrokenProcessPool& error) {
                text += ", " + std::to_string(error.lost_jobs()) + " lost at " + Since(begin);
              }
              pool.Shutdown();  // the other was killed, and does not compute to its end
              return text + ", all over at " + Since(begin);
            }),
            "ForkProcess-1 SIGKILL at 2000ms, 2 lost at 2000ms, all over at 2000ms");
}

TEST(PoolSimulated, AnIdleWorkerThatIsKilledIsNoticedAtOnce) {
  EXPECT_EQ(OutcomeOf([] {
              const auto begin = steady_clock::now();
              ProcessPool pool(2);
              kill(pool.workers().at(1).pid, SIGKILL);
              std::this_thread::sleep_for(1s);
              try {
                pool.Submit<Square>(3);
              } catch (const BrokenProcessPool& error) {
                return error.worker() + " " + error.signal() + " at " + Since(begin);
              }
              return std::string("it goes on");
            }),
            "ForkProcess-2 SIGKILL at 1000ms");
}

TEST(PoolSimulated, EveryRunIsTheSame) {
  const auto body = [] {
    lab::ResetVirtualCores(2);
    const auto begin = steady_clock::now();
    std::mutex mutex;
    std::string text;
    ProcessPool pool(3);
    std::vector<Future<int>> futures;
    for (int i = 0; i < 9; ++i) {
      futures.push_back(i == 4 ? pool.Submit<Refuse>(i) : pool.Submit<SquareFor1s>(i));
      futures.back().AddDoneCallback([&, i](const Future<int>&) {
        const std::lock_guard lock(mutex);
        text += std::to_string(i) + "@" + Since(begin) + " ";
      });
    }
    pool.Shutdown();
    return text;
  };
  const std::string first = OutcomeOf(body);
  EXPECT_NE(first.find("8@"), std::string::npos) << first;
  for (int i = 0; i < 10; ++i) EXPECT_EQ(OutcomeOf(body), first);
}

}  // namespace
}  // namespace interleave
