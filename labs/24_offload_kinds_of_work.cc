// Lab 24, which work goes where: four jobs that wait (I/O bound), four that compute (CPU bound),
// each of them kept on the loop and given to two workers.
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/async/gather.h"
#include "runtime/async/offload.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/async/task.h"
#include "runtime/lab/compute.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/thread_pool.h"

namespace {

using interleave::Task;
using interleave::ThreadPool;
using namespace std::chrono_literals;

void WaitForAnswer() { std::this_thread::sleep_for(1s); }
void ComputeAnswer() { interleave::Compute(1s); }

Task<void> AwaitAnswer() { co_await interleave::SleepFor(1s); }

Task<void> ComputeOnTheLoop() {
  ComputeAnswer();
  co_return;
}

Task<void> OnAWorker(ThreadPool& pool, void (*work)()) { co_await interleave::Offload(pool, work); }

template <typename F>
Task<void> FourOf(std::string what, F one) {
  const auto began = std::chrono::steady_clock::now();
  std::vector<interleave::TaskHandle<void>> four;
  for (int i = 1; i <= 4; ++i) four.push_back(interleave::Spawn(one(), "job " + std::to_string(i)));
  co_await interleave::Gather(std::move(four));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  char line[80];
  std::snprintf(line, sizeof line, "%-36s %0.2f s", what.c_str(), took.count());
  interleave::Print(line);
}

Task<std::string> KindsOfWork() {
  ThreadPool pool(2, "worker");
  co_await FourOf("four that wait, awaited on the loop", AwaitAnswer);
  co_await FourOf("four that wait, on two workers", [&] { return OnAWorker(pool, WaitForAnswer); });
  co_await FourOf("four that compute, on the loop", ComputeOnTheLoop);
  co_await FourOf("four that compute, on two workers",
                  [&] { return OnAWorker(pool, ComputeAnswer); });
  co_return "16 answers";
}

}  // namespace

void AddKindsOfWork(interleave::Lab& lab) {
  lab.Scenario("kinds_of_work", [] { return interleave::Run(KindsOfWork()); })
      .Id("S0.03")
      .Says("what waits and what computes, a second each, on the loop and on two workers")
      .Outcome("16 answers", "waits belong to the loop, computing to the workers.")
      .Takes(9s)
      .ShowsTimeline();
}
