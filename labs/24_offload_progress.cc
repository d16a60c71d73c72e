// Lab 24, a worker says how far it is: by writing what a task reads, or by asking the loop to.
#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "runtime/async/event_loop.h"
#include "runtime/async/offload.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/async/task.h"
#include "runtime/lab/compute.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/thread_pool.h"

using interleave::Compute;
using interleave::EventLoop;
using interleave::Log;
using interleave::Offload;
using interleave::SleepFor;
using interleave::Task;
using interleave::ThreadPool;
using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

steady_clock::duration longest_gap;  // between two beats
int progress;                        // percent; the heart reads it

Task<void> Heart() {
  auto last = steady_clock::now();
  for (int seen = 0;;) {
    co_await SleepFor(50ms);
    const auto now = steady_clock::now();
    longest_gap = std::max(longest_gap, now - last);
    last = now;
    if (progress != seen) Log("heart: " + std::to_string(seen = progress) + " % are done");
  }
}

Task<int> ProgressWritten() {
  ThreadPool pool(1, "worker");
  co_return co_await Offload(pool, [] {
    Compute(310ms);
    progress = 50;  // on the worker's thread
    Compute(290ms);
    return 42;
  });
}

Task<int> ProgressPosted() {
  ThreadPool pool(1, "worker");
  co_return co_await Offload(pool, [&loop = EventLoop::Current()] {
    Compute(310ms);
    loop.CallSoonThreadSafe([] { progress = 50; });  // in the loop
    Compute(290ms);
    return 42;
  });
}

Task<std::string> WithAHeart(Task<int> work) {
  longest_gap = {};
  progress = 0;
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

void AddProgress(interleave::Lab& lab) {
  lab.Scenario("progress_written", With<ProgressWritten>)
      .Says("the worker says how far it is, by writing a variable that the heart reads")
      .Outcome("the answer is 42")
      .ShowsRaces();
  lab.Scenario("progress_posted", With<ProgressPosted>)
      .Says("the worker posts a callback instead: the loop itself writes the variable")
      .Outcome("the answer is 42");
}
