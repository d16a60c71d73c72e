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
// Notice:     With a limit main has two answers after 1 s; without it, three after 8 s.
//
//             catches_all (30_timeout_order_to_stop.cc) says "no answer in 2 s" of its third
//             attempt after one second. What it caught was the outer limit's order to stop, and it
//             goes on for four seconds more.
//
//             In worker_taken (30_timeout_thread.cc) the time is up after 1 s, and the next job
//             starts after a minute.
//             With a std::stop_token it starts when the report has looked: within 0.2 s.
//
//             In request_limit (30_timeout_requests.cc) a blocking call over the network gives up
//             after 1 s, because the client was told the limit: the worker is done after 1.2 s
//             instead of 8.2.
//
// Try:        --scenario=slow_goodbye: can it take longer than the limit?
//             total_limit with a total of 4 s: which of the two limits speaks?
//             Two workers in worker_taken. And if ten reports hang?
//
// Next:       31_structured_concurrency
#include <chrono>
#include <optional>
#include <string>

#include "runtime/async/gather.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/task.h"
#include "runtime/async/timeout.h"
#include "runtime/lab/elapsed.h"
#include "runtime/lab/lab.h"
#include "runtime/threads/future_errors.h"

using interleave::Say;
using interleave::StartTheClock;
void AddOrderToStop(interleave::Lab& lab);  // in 30_timeout_order_to_stop.cc
void AddThread(interleave::Lab& lab);       // in 30_timeout_thread.cc
void AddRequests(interleave::Lab& lab);     // in 30_timeout_requests.cc

namespace {

using interleave::Run;
using interleave::SleepFor;
using interleave::Task;
using interleave::TimedOut;
using interleave::WaitFor;
using namespace std::chrono_literals;
using Limit = std::optional<std::chrono::seconds>;

Task<void> Answer(std::chrono::milliseconds latency) { co_await SleepFor(latency); }

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
  StartTheClock(1);
  const auto [news, shop, forum] = co_await interleave::Gather(
      Request("news", 300ms, limit), Request("shop", 8s, limit), Request("forum", 500ms, limit));
  Say("main: " + std::to_string(news + shop + forum) + " of 3 answers");
  co_return shop ? "with the shop" : "without the shop";
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("30_timeout", "Timeout: how long is too long?");
  lab.Scenario("no_limit", [] { return Run(Requests({})); })
      .Says("three requests at once; the shop takes 8 s")
      .Outcome("with the shop", "everything is there after 8 s, which may be too late.")
      .Takes(8s);
  lab.Scenario("limit", [] { return Run(Requests(1s)); })
      .Says("the same, no request may take longer than 1 s")
      .Outcome("without the shop", "after 1 s main has what there is; the others were unharmed.");
  AddOrderToStop(lab);
  AddThread(lab);
  AddRequests(lab);
  lab.Notice(
      "A limit is a cancellation with a clock. Tasks stop where they wait, threads only where they "
      "look. Of two limits each speaks for itself, unless somebody catches everything.");
  lab.Try("--scenario=slow_goodbye; a total of 4 s in Attempts; two workers in Report.");
  lab.Next("31_structured_concurrency");
  return lab.Main(argc, argv);
}
