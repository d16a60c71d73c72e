// Lab 24: offload
//
// How does the blocking work leave the loop, and its result come back?
//
// A step that computes for half a second stops the loop and everybody on it (lab 23). Offload gives
// the function to a thread pool: a worker runs it, the task waits as it waits for a timer, and the
// others go on. When the worker is done, it tells the loop, and the result or the exception comes
// out of the co_await. The loop's own data stays with the loop: the worker is another thread, and
// what both touch is a data race as in lab 03.
//
// Run it:     bazel run //labs:24_offload
//
// Notice:     A heart beats on the loop every 50 ms. While the loop computes it stands still; with
//             the work on a worker it beats on, and "longest gap" is 50 ms again.
//
//             In pieces of 10 ms, with a Yield after each, the work needs no thread. The heart is
//             late by up to three pieces: one in which its time runs out, one behind which its
//             timer stands then, and one behind which the heart itself does.
//
//             Two kinds of work: what waits is awaited, and costs no thread at all; what computes
//             is offloaded. Waiting on workers makes it slower, for there are only two of them.
//
//             The worker of progress_written (24_offload_progress.cc) writes what the heart reads.
//             progress_posted posts a callback to the loop instead, which runs it between two steps
//             of its own.
//
// Try:        --scenario=offloaded with kWorkers = 0: who refuses?
//             --real --scenario=on_the_loop, and --scenario=offloaded
//             Throw in Answer(): where does the exception arrive?
//
// Next:       25_async_race
#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "runtime/async/offload.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/async/task.h"
#include "runtime/lab/compute.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/thread_pool.h"

void AddKindsOfWork(interleave::Lab& lab);  // in 24_offload_kinds_of_work.cc
void AddProgress(interleave::Lab& lab);     // in 24_offload_progress.cc

namespace {

using interleave::Compute;
using interleave::Log;
using interleave::Offload;
using interleave::SleepFor;
using interleave::Task;
using interleave::ThreadPool;
using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kWorkers = 1;

steady_clock::duration longest_gap;  // between two beats

Task<void> Heart() {
  auto last = steady_clock::now();
  for (;;) {
    co_await SleepFor(50ms);
    const auto now = steady_clock::now();
    longest_gap = std::max(longest_gap, now - last);
    last = now;
  }
}

int Answer() {
  Compute(600ms);
  return 42;
}

Task<int> OnTheLoop() { co_return Answer(); }

Task<int> Offloaded() {
  ThreadPool pool(kWorkers, "worker");
  co_return co_await Offload(pool, Answer);
}

Task<int> InPieces() {
  for (int i = 0; i < 60; ++i) {
    Compute(10ms);
    co_await interleave::Yield();
  }
  co_return 42;
}

Task<std::string> WithAHeart(Task<int> work) {
  longest_gap = {};
  interleave::TaskHandle<void> heart = interleave::Spawn(Heart(), "heart");
  co_await SleepFor(120ms);
  const int answer = co_await std::move(work);
  co_await SleepFor(120ms);
  heart.Cancel();
  const auto gap = std::chrono::duration_cast<milliseconds>(longest_gap);
  Log("longest gap between two beats: " + std::to_string(gap.count()) + " ms");
  co_return "the answer is " + std::to_string(answer);
}

template <Task<int> (*work)()>
std::string With() {
  return interleave::Run(WithAHeart(work()));
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("24_offload", "Offload: how does blocking work leave the loop?");
  lab.Scenario("on_the_loop", With<OnTheLoop>)
      .Says("a task computes for 600 ms; a heart should beat every 50 ms")
      .Outcome("the answer is 42", "the answer is 42, and all the while the heart stood still.")
      .ShowsTimeline();
  lab.Scenario("offloaded", With<Offloaded>)
      .Id("S1.10")
      .Says("the same on a thread of a pool")
      .Outcome("the answer is 42", "the answer is 42, and the heart has not missed a beat.")
      .ShowsTimeline();
  lab.Scenario("in_pieces", With<InPieces>)
      .Says("the same on the loop, in sixty pieces with a Yield after each")
      .Outcome("the answer is 42", "the answer is 42, and the heart was at most a little late.")
      .ShowsTimeline();
  AddKindsOfWork(lab);
  AddProgress(lab);
  lab.Notice(
      "What waits is awaited, what computes or blocks goes to a worker. Only the result comes "
      "back, through the loop; the loop's own variables are not the worker's to touch.");
  lab.Try("--real --scenario=on_the_loop; --real --scenario=offloaded; throw in Answer().");
  lab.Next("25_async_race");
  return lab.Main(argc, argv);
}
