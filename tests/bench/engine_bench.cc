// What the engine costs, beside what it is built on.
//
//   bazel run //tests/bench:engine_bench
//
//   MutexPastTheEngine, MutexThroughTheEngine   a program that links the engine and simulates
//   nothing BoostSwitch, SimulatedSwitch                a bare switch of stacks, and the engine's
//   SchedulingPoint                             a sched_yield: boundary, choice and switch
//   RunsOfTwoIncrements                         runs a second, creation of threads and looking for
//                                               races included
//   RunsOfTenOperations                         a small program as a whole: points a second, its
//                                               threads' beginning and end included; with and
//                                               without looking for races
//   RunsOfSeqLock                               runs a second of a writer and a reader on atomics,
//                                               under --memory=sc (0), cpp (1) and tso (2)
//   RunOfThousandThreads                        one run of 1,000 threads of 100 steps
//   RunOfTenThousandThreads                     10,000 threads that take one mutex 3 times
//   ForkAndWait, ForkedRunsOfTwoIncrements      a child that does nothing, and one that runs a
//                                               schedule
#include <benchmark/benchmark.h>
#include <dlfcn.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/context/fiber.hpp>
#include <mutex>
#include <thread>
#include <utility>

#include "runtime/engine/explore.h"
#include "runtime/engine/fiber.h"
#include "runtime/engine/races.h"
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

// Items are runs, or steps of the program's own, of which a run has `steps`.
void Explored(benchmark::State& state, std::string (*program)(),
              const interleave::ExploreOptions& options, std::int64_t steps = 1,
              bool find_races = true) {
  for (auto _ : state) {
    interleave::engine::races.on = find_races;  // until the end of an exploration
    interleave::ExploreReport report = interleave::Explore(program, options);
    state.SetIterationTime(std::chrono::duration<double>(report.elapsed).count());
    state.SetItemsProcessed(state.items_processed() + steps * report.runs);
  }
}

interleave::ExploreOptions RandomRuns(std::int64_t runs) {
  interleave::ExploreOptions options;
  options.strategy = interleave::Strategy::kRandom;
  options.max_runs = runs;
  return options;
}

void RunsOfTwoIncrements(benchmark::State& state) {
  Explored(state, TwoIncrements, RandomRuns(1'000'000));
}

// Yields are points without a race that has to be found, so this is the same run with and without.
void RunsOfTenOperations(benchmark::State& state) {
  Explored(state, TenOperations, RandomRuns(200'000), 10, state.range(0) != 0);
}

void RunsOfSeqLock(benchmark::State& state) {
  interleave::ExploreOptions options = RandomRuns(200'000);
  options.memory = static_cast<interleave::MemoryMode>(state.range(0));
  Explored(state, SeqLock, options);
}

void ForkAndWait(benchmark::State& state) {
  for (auto _ : state) {
    const pid_t child = fork();
    if (child == 0) _exit(0);
    int status;
    waitpid(child, &status, 0);
  }
  state.SetItemsProcessed(state.iterations());
}

void ForkedRunsOfTwoIncrements(benchmark::State& state) {
  interleave::ExploreOptions options = RandomRuns(2'000);
  options.fork_runs = true;
  Explored(state, TwoIncrements, options);
}

void RunOfTenThousandThreads(benchmark::State& state) {
  for (auto _ : state) {
    interleave::RunReport report = interleave::Simulate(TenThousandThreads);
    benchmark::DoNotOptimize(report.steps);
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
// Before those that leave much memory behind: a fork copies its page tables.
BENCHMARK(ForkAndWait)->UseRealTime();
BENCHMARK(ForkedRunsOfTwoIncrements)->Iterations(1)->UseManualTime();
BENCHMARK(SchedulingPoint);
BENCHMARK(RunsOfTwoIncrements)->UseManualTime();
BENCHMARK(RunsOfTenOperations)->ArgName("find_races")->Arg(1)->Arg(0)->UseManualTime();
BENCHMARK(RunsOfSeqLock)->ArgName("memory")->DenseRange(0, 2)->UseManualTime();
BENCHMARK(RunOfThousandThreads)->Unit(benchmark::kMillisecond);
BENCHMARK(RunOfTenThousandThreads)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
