// Lab 30, a limit is an order to stop.
//
// Of two limits, one within the other, the inner one must let the outer one's order pass: catch
// TimedOut, not everything. And whoever is told to stop may take its time: slow_goodbye.
#include <chrono>
#include <string>

#include "runtime/async/async_errors.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/task.h"
#include "runtime/async/timeout.h"
#include "runtime/lab/elapsed.h"
#include "runtime/lab/lab.h"
#include "runtime/threads/future_errors.h"

using interleave::Run;
using interleave::SleepFor;
using interleave::Task;
using interleave::TimedOut;
using interleave::WaitFor;
using namespace std::chrono_literals;

using interleave::Say;
using interleave::StartTheClock;

namespace {

Task<void> Answer(std::chrono::seconds latency) { co_await SleepFor(latency); }

Task<void> CatchesAll(int& attempts) {
  while (attempts < 5) {
    ++attempts;
    try {
      co_await WaitFor(Answer(8s), 2s);
    } catch (...) {
      Say("attempt " + std::to_string(attempts) + ": no answer in 2 s");
    }
  }
}

Task<void> CatchesTimedOut(int& attempts) {
  while (attempts < 5) {
    ++attempts;
    try {
      co_await WaitFor(Answer(8s), 2s);
    } catch (const TimedOut&) {
      Say("attempt " + std::to_string(attempts) + ": no answer in 2 s");
    }
  }
}

Task<std::string> Attempts(Task<void> (*attempt)(int&)) {
  int attempts = 0;
  StartTheClock(1);
  try {
    co_await WaitFor(attempt(attempts), 5s);
    Say("all: ends");
  } catch (const TimedOut&) {
    Say("all: no answer in 5 s");
  }
  co_return attempts == 5 ? "all attempts made" : "attempts left out";
}

// ---- Longer than the limit ----

Task<void> SlowGoodbye() {
  bool cancelled = false;
  try {
    co_await SleepFor(8s);
  } catch (const interleave::TaskCancelled&) {
    cancelled = true;
  }
  Say("says goodbye, which takes 2 s");
  co_await SleepFor(2s);
  if (cancelled) throw interleave::TaskCancelled();
}

Task<std::string> Goodbye() {
  StartTheClock(1);
  try {
    co_await WaitFor(SlowGoodbye(), 1s);
  } catch (const TimedOut&) {
    Say("main: the time is up");
    co_return "timed out, late";
  }
  co_return "in time";
}

}  // namespace

void AddOrderToStop(interleave::Lab& lab) {
  lab.Scenario("catches_all", [] { return Run(Attempts(CatchesAll)); })
      .Says("attempts of 2 s each, all together 5 s; catch (...)")
      .Outcome("all attempts made", "the limit of 5 s was caught and forgotten.")
      .Takes(9s);
  lab.Scenario("total_limit", [] { return Run(Attempts(CatchesTimedOut)); })
      .Says("cure: the same, catch (const TimedOut&)")
      .Outcome("attempts left out", "the third was ended by the outer limit.")
      .Takes(5s);
  lab.Scenario("slow_goodbye", [] { return Run(Goodbye()); })
      .OnRequest()
      .Says("limit 1 s, and whoever is cancelled needs 2 s to clean up")
      .Outcome("timed out, late", "TimedOut comes when what was cancelled has really ended.")
      .Takes(3s);
}
