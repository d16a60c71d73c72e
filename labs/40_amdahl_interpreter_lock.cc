// Lab 40, the articles' interpreter lock (S1.30, S2.19, S3.13).
//
// CPython's threads are threads of the system, but who executes Python holds one lock, and the
// others wait for it. Every 5 ms it is handed over; who waits for a server gives it back meanwhile.
// C++ has nothing like it, so here it is simulated, with a lock that serves in order of arrival.
// A process has an interpreter of its own, and so a lock of its own; here a thread with a lock of
// its own stands for it, since only what is computed matters and not who shares what memory.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "runtime/async/gather.h"
#include "runtime/async/run.h"
#include "runtime/async/task.h"
#include "runtime/lab/compute.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/fair_mutex.h"
#include "runtime/threads/thread_name.h"

namespace {

using interleave::Compute;
using interleave::FairMutex;
using interleave::Task;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kJobs = 4;
constexpr milliseconds kJob{60};
constexpr milliseconds kSwitchInterval{5};  // sys.getswitchinterval()

// So much Python, 5 ms at a time.
void Interpret(FairMutex& interpreter_lock, milliseconds cost) {
  while (cost > cost.zero()) {
    const milliseconds slice = std::min(cost, kSwitchInterval);
    std::lock_guard<FairMutex> lock(interpreter_lock);
    Compute(slice);
    cost -= slice;
  }
}

void OnThreads(const std::function<void(int number)>& job) {
  std::vector<std::thread> threads;
  for (int number = 0; number < kJobs; ++number) {
    threads.emplace_back([&job, number] {
      interleave::SetThreadName("thread-" + std::to_string(number));
      job(number);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

void UnderOneLock() {
  FairMutex interpreter_lock;
  OnThreads([&](int) { Interpret(interpreter_lock, kJob); });
}

void UnderALockEach() {
  FairMutex interpreter_locks[kJobs];
  OnThreads([&](int number) { Interpret(interpreter_locks[number], kJob); });
}

void WithoutALock() {
  OnThreads([](int) { Compute(kJob); });
}

Task<void> ComputeInCoroutine() {
  Compute(kJob);
  co_return;
}

Task<void> FourCoroutines() {
  co_await interleave::Gather(ComputeInCoroutine(), ComputeInCoroutine(), ComputeInCoroutine(),
                              ComputeInCoroutine());
}

// Python that asks a server first. Who waits has given the lock back.
void AskAndInterpret() {
  FairMutex interpreter_lock;
  OnThreads([&](int) {
    std::this_thread::sleep_for(milliseconds(500));
    Interpret(interpreter_lock, kSwitchInterval);
  });
}

// A job costs `cost` of CPU time.
void Row(const char* what, milliseconds cost, const std::function<void()>& four_jobs) {
  const auto began = steady_clock::now();
  four_jobs();
  const std::chrono::duration<double> took = steady_clock::now() - began;
  char row[80];
  std::snprintf(row, sizeof row, "%-40s %.3f s  %.1f cores", what, took.count(),
                kJobs * std::chrono::duration<double>(cost) / took);
  interleave::Print(row);
}

std::string Capacity() {
  Row("coroutines, on one loop", kJob, [] { interleave::Run(FourCoroutines()); });
  Row("threads, one interpreter lock", kJob, UnderOneLock);
  Row("processes, an interpreter lock each", kJob, UnderALockEach);
  Row("threads of C++", kJob, WithoutALock);
  return "16 jobs done";
}

std::string HandedOver() {
  UnderOneLock();
  return "4 jobs done";
}

std::string StillFineForWaiting() {
  Row("threads that compute, one lock", kJob, UnderOneLock);
  Row("threads that wait 500 ms, one lock", kSwitchInterval, AskAndInterpret);
  return "8 jobs done";
}

}  // namespace

void AddInterpreterLock(interleave::Lab& lab) {
  lab.Scenario("capacity", Capacity)
      .Id("S1.30")
      .Says("four jobs of 60 ms on four cores: how many cores did they use?")
      .Outcome("16 jobs done", "the article's table, and below it what is so without the lock.")
      .Cores(kJobs);
  lab.Scenario("interpreter_lock", HandedOver)
      .Id("S2.19")
      .Says("four threads and a simulated interpreter lock, handed over every 5 ms")
      .Outcome("4 jobs done", "One runs at a time: four cores, and the speed of one.")
      .Cores(kJobs)
      .ShowsTimeline();
  lab.Scenario("waits_and_computes", StillFineForWaiting)
      .Id("S3.13")
      .Says("the same lock: computing takes turns, waiting does not")
      .Outcome("8 jobs done", "Four waits of 500 ms at once: for that threads are good there, too.")
      .Cores(kJobs);
}
