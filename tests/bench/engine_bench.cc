// What the engine costs, beside what it is built on.
//
//   bazel run //tests/bench:engine_bench
//
//   MutexPastTheEngine / MutexThroughTheEngine   a program that links the engine and does not
//   simulate BoostSwitch / SimulatedSwitch                a bare stack switch, and a sched_yield in
//   a
//                                                simulation: boundary, choice and switch
//   RunsOfTwoIncrements                          runs a second, thread creation and race detection
//                                                included
//   RunOfThousandThreads                         one run of 1,000 threads of 100 steps
#include <benchmark/benchmark.h>
#include <dlfcn.h>
#include <pthread.h>

#include <boost/context/fiber.hpp>
#include <mutex>
#include <thread>
#include <utility>

#include "runtime/engine/explore.h"
#include "runtime/engine/fiber.h"
#include "tests/bench/engine_programs.h"

namespace {

// libc's own functions, called as a program without the engine calls them: through a pointer.
struct LibcMutex {
  using Function = int (*)(pthread_mutex_t*);
  static Function Find(const char* name) {
    return reinterpret_cast<Function>(dlsym(dlopen("libc.so.6", RTLD_LAZY), name));
  }
  void lock() { lock_function(&mutex); }
  void unlock() { unlock_function(&mutex); }

  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  static inline const Function lock_function = Find("pthread_mutex_lock");
  static inline const Function unlock_function = Find("pthread_mutex_unlock");
};

template <typename Mutex>
void LockAndUnlock(benchmark::State& state) {
  std::thread([] {}).join();  // libc takes shortcuts until there has been a second thread
  static Mutex mutex;
  for (auto _ : state) {
    mutex.lock();
    mutex.unlock();
  }
}

void MutexPastTheEngine(benchmark::State& state) { LockAndUnlock<LibcMutex>(state); }
void MutexThroughTheEngine(benchmark::State& state) { LockAndUnlock<std::mutex>(state); }

void BoostSwitch(benchmark::State& state) {
  using boost::context::fiber;
  fiber other([&](fiber&& back) {
    for (;;) back = std::move(back).resume();
    return std::move(back);
  });
  for (auto _ : state) other = std::move(other).resume();
  state.SetItemsProcessed(2 * state.iterations());  // there and back
}

void SimulatedSwitch(benchmark::State& state) {
  using interleave::engine::Fiber;
  static interleave::engine::TlsLayout layout;
  static Fiber here, there;
  layout.Find();
  here.Adopt(layout);
  there.Prepare(
      [](Fiber& self) {
        for (;;) Fiber::Switch(self, here, layout);
      },
      layout);
  for (auto _ : state) Fiber::Switch(here, there, layout);
  state.SetItemsProcessed(2 * state.iterations());  // there and back
}

void SchedulingPoint(benchmark::State& state) {
  interleave::SimulateOptions options;
  options.step_budget = 10 * kYields;
  for (auto _ : state) benchmark::DoNotOptimize(interleave::Simulate(Yields, options).steps);
  state.SetItemsProcessed(state.iterations() * 2 * kYields);
}

void RunsOfTwoIncrements(benchmark::State& state) {
  for (auto _ : state) {
    interleave::ExploreOptions options;
    options.strategy = interleave::Strategy::kRandom;
    options.max_runs = 1'000'000;
    interleave::ExploreReport report = interleave::Explore(TwoIncrements, options);
    state.SetIterationTime(std::chrono::duration<double>(report.elapsed).count());
    state.SetItemsProcessed(state.items_processed() + report.runs);
  }
}

void RunOfThousandThreads(benchmark::State& state) {
  for (auto _ : state) {
    interleave::RunReport report = interleave::Simulate(ThousandThreads);
    benchmark::DoNotOptimize(report.steps);
  }
}

BENCHMARK(MutexPastTheEngine);
BENCHMARK(MutexThroughTheEngine);
BENCHMARK(BoostSwitch);
BENCHMARK(SimulatedSwitch);
BENCHMARK(SchedulingPoint);
BENCHMARK(RunsOfTwoIncrements)->Iterations(1)->UseManualTime();
BENCHMARK(RunOfThousandThreads)->Unit(benchmark::kMillisecond);

}  // namespace
