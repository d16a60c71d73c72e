// What a green thread costs beside a coroutine.
//
//   bazel run //tests/bench:green_bench
//
// Each is the whole life of 10,000 tasks that yield once, as coroutines and as green threads; and a
// yield alone. Memory is in green_thread_stack_test.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <vector>

#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/net/green_thread.h"

namespace {

using interleave::RunGreen;
using interleave::Runner;
using interleave::Spawn;
using interleave::SpawnGreen;
using interleave::Task;
using interleave::TaskHandle;

constexpr int kTasks = 10'000;
constexpr int kYields = 100'000;

Task<void> YieldTimes(int times) {
  for (int i = 0; i < times; ++i) co_await interleave::Yield();
}

void GreenYieldTimes(int times) {
  for (int i = 0; i < times; ++i) interleave::GreenYield();
}

// As many alive at once.
template <typename SpawnOne>
Task<void> LiveTogether(SpawnOne spawn_one) {
  std::vector<TaskHandle<void>> tasks;
  tasks.reserve(kTasks);
  for (int i = 0; i < kTasks; ++i) tasks.push_back(spawn_one());
  for (TaskHandle<void>& task : tasks) co_await task;
}

// One after the other.
template <typename SpawnOne>
Task<void> LiveInTurn(SpawnOne spawn_one) {
  for (int i = 0; i < kTasks; ++i) {
    const TaskHandle<void> task = spawn_one();
    co_await task;
  }
}

auto SpawnCoroutine() { return Spawn(YieldTimes(1)); }
auto SpawnGreenThread() {
  return SpawnGreen([] { GreenYieldTimes(1); });
}

void Measure(benchmark::State& state, int items, Task<void> (*make)()) {
  Runner runner;
  for (auto _ : state) runner.Run(make());
  state.SetItemsProcessed(state.iterations() * items);
}

void CoroutinesTogether(benchmark::State& state) {
  Measure(state, kTasks, [] { return LiveTogether(SpawnCoroutine); });
}
void GreenThreadsTogether(benchmark::State& state) {
  Measure(state, kTasks, [] { return LiveTogether(SpawnGreenThread); });
}
void CoroutinesInTurn(benchmark::State& state) {
  Measure(state, kTasks, [] { return LiveInTurn(SpawnCoroutine); });
}
void GreenThreadsInTurn(benchmark::State& state) {
  Measure(state, kTasks, [] { return LiveInTurn(SpawnGreenThread); });
}
void CoroutineYield(benchmark::State& state) {
  Measure(state, kYields, [] { return YieldTimes(kYields); });
}
void GreenThreadYield(benchmark::State& state) {
  Measure(state, kYields, [] { return RunGreen([] { GreenYieldTimes(kYields); }); });
}

BENCHMARK(CoroutinesTogether)->Unit(benchmark::kMillisecond);
BENCHMARK(GreenThreadsTogether)->Unit(benchmark::kMillisecond);
BENCHMARK(CoroutinesInTurn)->Unit(benchmark::kMillisecond);
BENCHMARK(GreenThreadsInTurn)->Unit(benchmark::kMillisecond);
BENCHMARK(CoroutineYield)->Unit(benchmark::kMillisecond);
BENCHMARK(GreenThreadYield)->Unit(benchmark::kMillisecond);

}  // namespace
