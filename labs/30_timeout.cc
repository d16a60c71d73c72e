// Lab 30: timeout
//
// How long is too long?
//
// A server that is in trouble often does not refuse: it does not answer. Whoever waits without a
// limit waits as long as it likes. WaitFor(task, 1s) cancels what it waits for when the second is
// over, and throws TimedOut. The others on the loop notice nothing.
//
// A limit for each attempt and one for all of them together are two limits, one within the other.
// Each turns its own cancellation into TimedOut, and lets that of the outer one pass: to the inner
// one it is an order to stop, like any other. So the rule of lab 29 holds here as well: whoever
// catches everything takes the outer limit away.
//
// A thread cannot be cancelled. WaitFor stops waiting for a job on a pool, but the job goes on, and
// its worker is not free. Only the job itself can stop: by looking now and then whether it should.
//
// Run it:     bazel run //labs:30_timeout
//
// Notice:     catches_all says "no answer in 2 s" of its third attempt after one second. What it
//             caught was the outer limit's order to stop, and it goes on for four seconds more.
//
//             In worker_taken (30_timeout_thread.cc) the time is up after 1 s, and the next job
//             starts after a minute.
//             With a std::stop_token it starts when the report has looked: within 0.2 s.
//
// Try:        --scenario=slow_goodbye: can it take longer than the limit?
//             total_limit with a total of 4 s: which of the two limits speaks?
//             Two workers in worker_taken. And if ten reports hang?
//
// Next:       31_structured_concurrency
#include <chrono>
#include <cstdio>
#include <optional>
#include <string>

#include "runtime/async/async_errors.h"
#include "runtime/async/event_loop.h"
#include "runtime/async/gather.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/task.h"
#include "runtime/async/timeout.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/future_errors.h"

void AddThread(interleave::Lab& lab);  // its scenarios, in 30_timeout_thread.cc

namespace {

using interleave::Run;
using interleave::SleepFor;
using interleave::Task;
using interleave::TimedOut;
using interleave::WaitFor;
using namespace std::chrono_literals;
using Clock = interleave::EventLoop::Clock;
using Limit = std::optional<std::chrono::seconds>;

Clock::time_point began;

// With the time since the scenario began.
void Say(const std::string& what) {
  const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
  char time[20];
  std::snprintf(time, sizeof time, "%4.1f s  ", seconds);
  interleave::Print(time + what);
}

Task<void> Answer(std::chrono::milliseconds latency) { co_await SleepFor(latency); }

// ---- One limit ----

Task<bool> Request(std::string name, std::chrono::milliseconds latency, Limit limit) {
  try {
    co_await WaitFor(Answer(latency), limit);
    Say(name + ": the answer is here");
    co_return true;
  } catch (const TimedOut&) {
    Say(name + ": gives up");
    co_return false;
  }
}

Task<std::string> Requests(Limit limit) {
  began = Clock::now();
  const auto [news, shop, forum] = co_await interleave::Gather(
      Request("news", 300ms, limit), Request("shop", 8s, limit), Request("forum", 500ms, limit));
  Say("main: " + std::to_string(news + shop + forum) + " of 3 answers");
  co_return shop ? "with the shop" : "without the shop";
}

// ---- A limit within a limit ----

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
  began = Clock::now();
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
  began = Clock::now();
  try {
    co_await WaitFor(SlowGoodbye(), 1s);
  } catch (const TimedOut&) {
    Say("main: the time is up");
    co_return "timed out, late";
  }
  co_return "in time";
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("30_timeout", "Timeout: how long is too long?");
  lab.Scenario("no_limit", [] { return Run(Requests({})); })
      .Says("three requests at once; the shop takes 8 s")
      .Outcome("with the shop", "everything is there after 8 s, which may be too late.")
      .Takes(8s);
  lab.Scenario("limit", [] { return Run(Requests(1s)); })
      .Id("S0.17")
      .Says("the same, no request may take longer than 1 s")
      .Outcome("without the shop", "after 1 s main has what there is; the others were unharmed.");
  lab.Scenario("catches_all", [] { return Run(Attempts(CatchesAll)); })
      .Says("attempts of 2 s each, all together 5 s; catch (...)")
      .Outcome("all attempts made", "the limit of 5 s was caught and forgotten.")
      .Takes(9s);
  lab.Scenario("total_limit", [] { return Run(Attempts(CatchesTimedOut)); })
      .Says("cure: the same, catch (const TimedOut&)")
      .Outcome("attempts left out", "the third was ended by the outer limit.")
      .Takes(5s);
  AddThread(lab);
  lab.Scenario("slow_goodbye", [] { return Run(Goodbye()); })
      .OnRequest()
      .Says("limit 1 s, and whoever is cancelled needs 2 s to clean up")
      .Outcome("timed out, late", "TimedOut comes when what was cancelled has really ended.")
      .Takes(3s);
  lab.Notice(
      "A limit is a cancellation with a clock. Tasks stop where they wait, threads only where they "
      "look. Of two limits each speaks for itself, unless somebody catches everything.");
  lab.Try("--scenario=slow_goodbye; a total of 4 s in Attempts; two workers in Report.");
  lab.Next("31_structured_concurrency");
  return lab.Main(argc, argv);
}
