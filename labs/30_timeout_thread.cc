// Lab 30, a limit for a job on a thread.
//
// The pool is told nothing when the time is up: what runs on a thread runs on, until it looks
// itself whether it should stop.
#include <chrono>
#include <stop_token>
#include <string>
#include <thread>

#include "runtime/async/offload.h"
#include "runtime/async/run.h"
#include "runtime/async/task.h"
#include "runtime/async/timeout.h"
#include "runtime/lab/elapsed.h"
#include "runtime/lab/lab.h"
#include "runtime/threads/future_errors.h"
#include "runtime/threads/thread_pool.h"

using interleave::Offload;
using interleave::Run;
using interleave::Task;
using interleave::ThreadPool;
using interleave::TimedOut;
using interleave::WaitFor;
using namespace std::chrono_literals;

using interleave::Say;
using interleave::StartTheClock;

namespace {

constexpr int kPages = 300;  // of 0.2 s each: a minute
constexpr int kNotBegun = -1;
int pages;  // the worker's; main looks when the worker has done the next job, too

void WriteReport(std::stop_token) {
  for (pages = 0; pages < kPages; ++pages) {
    std::this_thread::sleep_for(200ms);
  }
  Say("report: " + std::to_string(pages) + " pages");
}

void WriteReportUntilStopped(std::stop_token stop) {
  for (pages = 0; pages < kPages && !stop.stop_requested(); ++pages) {
    std::this_thread::sleep_for(200ms);
  }
  Say("report: " + std::to_string(pages) + " pages");
}

Task<std::string> Report(void (*write)(std::stop_token)) {
  ThreadPool pool(1, "worker");
  std::stop_source stop;
  pages = kNotBegun;
  StartTheClock(1);
  try {
    co_await WaitFor(Offload(pool, write, stop.get_token()), 1s);
  } catch (const TimedOut&) {
    Say("main: the time is up");
    stop.request_stop();
  }
  co_await Offload(pool, [] { Say("next job: starts"); });
  if (pages == kNotBegun) co_return "never begun";
  co_return pages == kPages ? "written to the end" : "stopped early";
}

}  // namespace

void AddThread(interleave::Lab& lab) {
  // A busy machine, in a hurry because of --time_scale, may be later than the limit.
  const std::string never_begun = "the worker was late: what has not begun is not begun any more.";
  lab.Scenario("worker_taken", [] { return Run(Report(WriteReport)); })
      .Says("a report takes a minute on the only worker; main waits for 1 s")
      .Outcome("written to the end", "nobody waited for it, and it was written all the same.")
      .Outcome("never begun", never_begun)
      .Takes(60s);
  lab.Scenario("stops", [] { return Run(Report(WriteReportUntilStopped)); })
      .Says("cure: the same, the report looks at a std::stop_token before each page")
      .Outcome("stopped early", "the worker was free again.")
      .Outcome("never begun", never_begun)
      .Takes(2s);
}
