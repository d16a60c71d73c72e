// Lab 18: pool exhaustion
//
// What if slow jobs take every worker?
//
// A pool bounds what happens at once, and so it can be full. Five requests to a server that is in
// trouble, and the pool's five workers stand there and wait; behind them a hundred jobs that would
// take no time stand in the queue. Nothing is broken and no processor is busy: only every worker is
// taken. That is pool exhaustion, and it is found by measuring how long jobs are queued.
//
// It can last for ever. A job that waits for another job of its own pool holds a worker meanwhile;
// if all workers wait like that, nobody is left to run what they wait for. It is the deadlock of
// lab 06 with workers in place of locks.
//
// Run it:     bazel run //labs:18_pool_exhaustion
//
// Notice:     The quick jobs take 0.1 s each and are queued for 4 s: as long as the slow ones last.
//             With a time limit of 1 s for a request its worker is free after 1 s. An urgent job
//             overtakes what is queued, but not what is running: it waits for the blocker.
//
//             In own_pool the pool itself says what is wrong, for it knows its workers, and our
//             Future tells it what they wait for. A std::latch tells nobody. The engine then says
//             that it is a deadlock, but not that a worker was missing.
//
//             With two workers it depends on the schedule: in many of them the pool gets along.
//
// Try:        --scenario=unseen --explain: what does each thread wait for?
//             --scenario=slow_jobs with ten workers: who is queued now?
//             --real --scenario=time_limit
//
// Next:       19_event_loop
#include <algorithm>
#include <chrono>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/future.h"
#include "runtime/threads/future_errors.h"
#include "runtime/threads/thread_pool.h"

void AddOwnPool(interleave::Lab& lab);  // its scenarios, in 18_pool_exhaustion_own_pool.cc

namespace {

using interleave::Future;
using interleave::Log;
using interleave::ThreadPool;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr milliseconds kNoLimit = 1h;

// The server answers after `duration`; we wait for it no longer than `limit`.
void Request(milliseconds duration, milliseconds limit) {
  std::this_thread::sleep_for(std::min(duration, limit));
  if (duration > limit) throw interleave::TimedOut("no answer in time");
}

void QuickJob() {
  const auto queued = std::chrono::duration_cast<milliseconds>(ThreadPool::QueueWaitOfThisJob());
  Log("quick job, was queued for " + std::to_string(queued.count()) + " ms");
  std::this_thread::sleep_for(100ms);
}

std::string SlowAndQuick(milliseconds limit) {
  ThreadPool pool({.max_workers = 5, .name_prefix = "worker", .measure_queue_wait = true});
  std::vector<Future<void>> slow;
  for (int i = 0; i < 5; ++i) slow.push_back(pool.Submit(Request, 4s, limit));
  for (int i = 0; i < 3; ++i) pool.Submit(QuickJob);
  pool.Shutdown();
  int timed_out = 0;
  for (const Future<void>& request : slow) timed_out += request.Exception() != nullptr;
  return std::to_string(timed_out) + " of 5 requests timed out";
}

std::string Priorities() {
  std::string order;  // of one worker only, so it needs no lock
  std::latch begun(1), all_queued(1);
  {
    ThreadPool pool(1, "worker");
    pool.Submit([&] {
      Log(order = "blocker");
      begun.count_down();
      all_queued.wait();
    });
    begun.wait();
    const auto submit = [&](int priority, const std::string& name) {
      pool.SubmitWithPriority(priority, [&, name] {
        Log(name);
        order += ", " + name;
      });
    };
    for (const char* name : {"low0", "low1", "low2"}) submit(-1, name);
    submit(0, "mid");
    for (const char* name : {"high0", "high1"}) submit(1, name);
    all_queued.count_down();
  }
  return order;
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("18_pool_exhaustion",
                      "Pool exhaustion: what if slow jobs take every worker?");
  lab.Scenario("slow_jobs", [] { return SlowAndQuick(kNoLimit); })
      .Id("S0.16")
      .Says("five requests of 4 s on five workers, then three quick jobs")
      .Outcome("0 of 5 requests timed out", "all answers came, and the quick jobs were late.")
      .Takes(5s)
      .ShowsTimeline();
  lab.Scenario("time_limit", [] { return SlowAndQuick(1s); })
      .Id("S0.17")
      .Says("cure 1: no request may take longer than 1 s")
      .Outcome("5 of 5 requests timed out", "no answer came in time, but the workers were free.")
      .Takes(2s)
      .ShowsTimeline();
  lab.Scenario("priorities", Priorities)
      .Id("S0.18")
      .Says("cure 2: urgent jobs first, and first come first served among equals")
      .Outcome("blocker, high0, high1, mid, low0, low1, low2");
  AddOwnPool(lab);
  lab.Notice(
      "Measure how long jobs are queued: a full pool looks idle. Limit the time of whatever can "
      "hang, let urgent jobs overtake, and never let a job wait for its own pool.");
  lab.Try("--scenario=unseen --explain; --real --scenario=time_limit.");
  lab.Next("19_event_loop");
  return lab.Main(argc, argv);
}
