// tests/bench/sort_bench.cc
//
// A thousand lists of 30,000 ints below 500,000, sorted on two cores: by the merge sort of lab 39
// and by std::sort; under oneTBB, on threads and on processes of ours; and by Python.
//
//   bazel run //tests/bench:sort_bench
//   bazel run //tests/bench:sort_bench -- --benchmark_repetitions=5
//       --benchmark_enable_random_interleaving=true
//
// Whole lists are handed out, so the algorithm decides, and what the pools cost hardly shows. The
// lists lie in shared memory for all of them, and it is there already when the clock starts.
// Python sorts a few and the time is scaled; it needs python3, and takes a minute.
#include <benchmark/benchmark.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "labs/39_merge_sort_well.h"
#include "runtime/process/process_pool.h"
#include "runtime/process/shared_memory.h"
#include "runtime/threads/thread_pool.h"
#include "runtime/threads/work_stealing_pool.h"

namespace interleave {
namespace {

constexpr int kLists = 1000;
constexpr std::size_t kLength = 30'000;
constexpr int kCores = 2;

using Numbers = SharedArray<int>;

std::span<int> List(const Numbers& numbers, int i) {
  return {numbers.begin() + static_cast<std::size_t>(i) * kLength, kLength};
}

void SortWithMerge(std::span<int> list) {
  thread_local std::vector<int> other(kLength);
  SortWell(list, other, false);
}

void SortWithStd(std::span<int> list) { std::sort(list.begin(), list.end()); }

using Sort = void (*)(std::span<int>);

// Times `sort_all(numbers)`, and looks whether it has.
template <typename SortAll>
void SortThem(benchmark::State& state, SortAll sort_all) {
  static const Numbers numbers(kLists * kLength);
  static const std::vector<int> unsorted = [] {
    std::mt19937 random(1);
    std::vector<int> all(numbers.size());
    for (int& number : all) number = static_cast<int>(random() % 500'000);
    return all;
  }();
  for (auto _ : state) {
    std::copy(unsorted.begin(), unsorted.end(), numbers.begin());
    const auto begin = std::chrono::steady_clock::now();
    sort_all(numbers);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    state.SetIterationTime(took.count());
    for (int i = 0; i < kLists; ++i) {
      const std::span<int> list = List(numbers, i);
      if (!std::is_sorted(list.begin(), list.end())) std::abort();
    }
  }
}

template <Sort sort>
void Alone(benchmark::State& state) {
  SortThem(state, [](const Numbers& numbers) {
    for (int i = 0; i < kLists; ++i) sort(List(numbers, i));
  });
}

template <Sort sort>
void TbbParallelFor(benchmark::State& state) {
  tbb::global_control threads(tbb::global_control::max_allowed_parallelism, kCores);
  SortThem(state, [](const Numbers& numbers) {
    tbb::parallel_for(0, kLists, [&numbers](int i) { sort(List(numbers, i)); });
  });
}

template <Sort sort>
void OnThreadPool(benchmark::State& state) {
  ThreadPool pool(kCores);
  SortThem(state, [&pool](const Numbers& numbers) {
    std::vector<Future<void>> sorted;
    for (int i = 0; i < kLists; ++i) {
      sorted.push_back(pool.Submit([&numbers, i] { sort(List(numbers, i)); }));
    }
    for (const Future<void>& one : sorted) one.Get();
  });
}

template <Sort sort>
void SortRange(WorkStealingPool& pool, const Numbers& numbers, int begin, int end) {
  if (end - begin == 1) return sort(List(numbers, begin));
  const int middle = begin + (end - begin) / 2;
  pool.Invoke([&] { SortRange<sort>(pool, numbers, begin, middle); },
              [&] { SortRange<sort>(pool, numbers, middle, end); });
}

template <Sort sort>
void OnWorkStealingPool(benchmark::State& state) {
  WorkStealingPool pool(kCores);
  SortThem(state, [&pool](const Numbers& numbers) { SortRange<sort>(pool, numbers, 0, kLists); });
}

// So many go to a worker at once: each job maps the memory anew.
constexpr int kListsPerJob = 10;

template <Sort sort>
void SortSome(const Numbers& numbers, int first) {
  for (int i = first; i < first + kListsPerJob; ++i) sort(List(numbers, i));
}

template <Sort sort>
void OnProcessPool(benchmark::State& state) {
  ProcessPool pool(kCores);
  SortThem(state, [&pool](const Numbers& numbers) {
    std::vector<Future<void>> sorted;
    for (int i = 0; i < kLists; i += kListsPerJob) {
      sorted.push_back(pool.Submit<SortSome<sort>>(numbers, i));
    }
    for (const Future<void>& one : sorted) one.Get();
  });
}

// The article's program: a merge sort on a pool of processes that are there already.
constexpr int kPythonLists = 6;
constexpr char kPython[] = R"(
import random, time
from concurrent.futures import ProcessPoolExecutor
def merge_sort(a):
    if len(a) < 2: return a
    m = len(a) // 2
    l, r, o, i, j = merge_sort(a[:m]), merge_sort(a[m:]), [], 0, 0
    while i < len(l) and j < len(r):
        if l[i] <= r[j]: o.append(l[i]); i += 1
        else: o.append(r[j]); j += 1
    return o + l[i:] + r[j:]
lists = [[random.randrange(500000) for _ in range(30000)] for _ in range(6)]
with ProcessPoolExecutor(2) as pool:
    list(pool.map(abs, range(4)))
    begin = time.perf_counter()
    assert all(s == sorted(a) for s, a in zip(pool.map(merge_sort, lists), lists))
    print(time.perf_counter() - begin)
)";

void PythonProcessPool(benchmark::State& state) {
  for (auto _ : state) {
    FILE* const python = popen((std::string("python3 -c '") + kPython + "'").c_str(), "r");
    double seconds = 0;
    const bool is_there = python != nullptr && fscanf(python, "%lf", &seconds) == 1;
    if (python != nullptr) pclose(python);
    if (!is_there) return state.SkipWithError("there is no python3");
    state.SetIterationTime(seconds * kLists / kPythonLists);
  }
}

void Seconds(benchmark::internal::Benchmark* benchmark) {
  benchmark->UseManualTime()->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);
}

BENCHMARK(Alone<SortWithStd>)->Apply(Seconds);
BENCHMARK(Alone<SortWithMerge>)->Apply(Seconds);
BENCHMARK(TbbParallelFor<SortWithStd>)->Apply(Seconds);
BENCHMARK(TbbParallelFor<SortWithMerge>)->Apply(Seconds);
BENCHMARK(OnThreadPool<SortWithMerge>)->Apply(Seconds);
BENCHMARK(OnWorkStealingPool<SortWithMerge>)->Apply(Seconds);
BENCHMARK(OnProcessPool<SortWithMerge>)->Apply(Seconds);
BENCHMARK(PythonProcessPool)->Apply(Seconds)->Iterations(1);

}  // namespace
}  // namespace interleave
