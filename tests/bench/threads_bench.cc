// What the types of runtime/threads cost, beside those that others wrote for the same purpose.
//
//   bazel run //tests/bench:threads_bench
//   bazel run //tests/bench:threads_bench -- --benchmark_filter=Jobs
//
//   Jobs        a million empty jobs on two workers, each with a future that is waited for
//   Items       a million ints through a queue for 1,024, from 1 or 4 threads to as many
//   Lock        lock, add, unlock: alone, and with one other thread that wants the lock as well
//   PushAndTake the owner's side of a work-stealing deque, and the same with a mutex
//   Fibonacci   fib(30) by fork and join down to fib(1), 1.3 million forks, on 1 and 2 workers
//
//   MergeSort   a million ints, halved down to 8,192: forks with something to do, on 2 workers
//
// Compare numbers of one run only, and look at several: the machine is never quiet, and a locked
// queue is fast while the scheduler lets one side run on. Where several threads work, the CPU
// column adds up all of them. It is steadier than the time.
#include <absl/base/thread_annotations.h>
#include <absl/synchronization/mutex.h>
#include <benchmark/benchmark.h>
#include <tbb/concurrent_queue.h>
#include <tbb/global_control.h>
#include <tbb/parallel_invoke.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <asio/packaged_task.hpp>
#include <asio/post.hpp>
#include <asio/thread_pool.hpp>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <future>
#include <mutex>
#include <queue>
#include <random>
#include <thread>
#include <vector>

#include "runtime/threads/blocking_queue.h"
#include "runtime/threads/fair_mutex.h"
#include "runtime/threads/priority_mutex.h"
#include "runtime/threads/thread_pool.h"
#include "runtime/threads/unfair_mutex.h"
#include "runtime/threads/work_stealing_deque.h"
#include "runtime/threads/work_stealing_pool.h"

namespace {

// Several threads work: their time is the clock's, and the CPU column is the whole process.
void Together(benchmark::internal::Benchmark* benchmark) {
  benchmark->UseRealTime()->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);
}

// ---- Jobs -----------------------------------------------------------------------------------

constexpr int kJobs = 1'000'000;

// `submit` queues one empty job and returns its future, `get` waits for that.
template <typename Submit, typename Get>
void SubmitAllAndWait(benchmark::State& state, Submit submit, Get get) {
  using Future = decltype(submit());
  for (auto _ : state) {
    std::vector<Future> futures;
    futures.reserve(kJobs);
    for (int i = 0; i < kJobs; ++i) futures.push_back(submit());
    for (Future& future : futures) get(future);
  }
  state.SetItemsProcessed(state.iterations() * kJobs);
}

void JobsAsioThreadPool(benchmark::State& state) {
  asio::thread_pool pool(2);
  SubmitAllAndWait(
      state, [&] { return asio::post(pool, std::packaged_task<void()>([] {})); },
      [](std::future<void>& future) { future.get(); });
}

void JobsThreadPool(benchmark::State& state) {
  interleave::ThreadPool pool(2);
  SubmitAllAndWait(
      state, [&] { return pool.Submit([] {}); },
      [](interleave::Future<void>& future) { future.Get(); });
}

BENCHMARK(JobsAsioThreadPool)->Apply(Together);
BENCHMARK(JobsThreadPool)->Apply(Together);

// ---- Items ----------------------------------------------------------------------------------

constexpr int kItems = 1'000'000;
constexpr std::size_t kCapacity = 1024;

// The textbook's bounded queue: one mutex, two conditions, a notification for every operation.
class TextbookQueue {
 public:
  void Put(int item) {
    {
      std::unique_lock lock(mutex_);
      not_full_.wait(lock, [&] { return items_.size() < kCapacity; });
      items_.push(item);
    }
    not_empty_.notify_one();
  }

  int Get() {
    int item;
    {
      std::unique_lock lock(mutex_);
      not_empty_.wait(lock, [&] { return !items_.empty(); });
      item = items_.front();
      items_.pop();
    }
    not_full_.notify_one();
    return item;
  }

 private:
  std::mutex mutex_;
  std::condition_variable not_empty_, not_full_;
  std::queue<int> items_;
};

class TbbQueue {
 public:
  TbbQueue() { items_.set_capacity(kCapacity); }
  void Put(int item) { items_.push(item); }
  int Get() {
    int item;
    items_.pop(item);
    return item;
  }

 private:
  tbb::concurrent_bounded_queue<int> items_;
};

struct OurQueue : interleave::BlockingQueue<int> {
  OurQueue() : BlockingQueue(kCapacity) {}
};

// As many producers as consumers: state.range(0) of each.
template <typename Queue>
void Items(benchmark::State& state) {
  const int threads = static_cast<int>(state.range(0));
  Queue queue;
  for (auto _ : state) {
    std::vector<std::jthread> running;
    for (int i = 0; i < threads; ++i) {
      running.emplace_back([&] {
        for (int item = 0; item < kItems / threads; ++item) queue.Put(item);
      });
      running.emplace_back([&] {
        for (int n = 0; n < kItems / threads; ++n) benchmark::DoNotOptimize(queue.Get());
      });
    }
  }
  state.SetItemsProcessed(state.iterations() * kItems);
}

BENCHMARK(Items<TextbookQueue>)->Arg(1)->Arg(4)->Apply(Together);
BENCHMARK(Items<OurQueue>)->Arg(1)->Arg(4)->Apply(Together);
BENCHMARK(Items<TbbQueue>)->Arg(1)->Arg(4)->Apply(Together);

// ---- Locks ----------------------------------------------------------------------------------

class AbslMutex {
 public:
  void lock() ABSL_NO_THREAD_SAFETY_ANALYSIS { mutex_.Lock(); }
  void unlock() ABSL_NO_THREAD_SAFETY_ANALYSIS { mutex_.Unlock(); }

 private:
  absl::Mutex mutex_;
};

// The library calls this in state.threads() threads at once.
template <typename Mutex>
void Lock(benchmark::State& state) {
  static Mutex mutex;
  static long counter = 0;
  std::thread([] {}).join();  // libc takes shortcuts until there has been a second thread
  for (auto _ : state) {
    mutex.lock();
    benchmark::DoNotOptimize(++counter);
    mutex.unlock();
  }
}

BENCHMARK(Lock<std::mutex>)->ThreadRange(1, 2)->UseRealTime();
BENCHMARK(Lock<interleave::FairMutex>)->ThreadRange(1, 2)->UseRealTime();
BENCHMARK(Lock<interleave::UnfairMutex>)->ThreadRange(1, 2)->UseRealTime();
BENCHMARK(Lock<interleave::PriorityMutex>)->ThreadRange(1, 2)->UseRealTime();
BENCHMARK(Lock<AbslMutex>)->ThreadRange(1, 2)->UseRealTime();

// ---- Deques ---------------------------------------------------------------------------------

class MutexDeque {
 public:
  explicit MutexDeque(std::size_t) {}
  bool Push(int* item) {
    std::lock_guard lock(mutex_);
    items_.push_back(item);
    return true;
  }
  int* Take() {
    std::lock_guard lock(mutex_);
    if (items_.empty()) return nullptr;
    int* item = items_.back();
    items_.pop_back();
    return item;
  }

 private:
  std::mutex mutex_;
  std::deque<int*> items_;
};

// What a fork costs that nobody steals, above one that is there already.
template <typename Deque>
void PushAndTake(benchmark::State& state) {
  std::thread([] {}).join();
  int items[2];
  Deque deque(1024);
  deque.Push(&items[0]);
  for (auto _ : state) {
    deque.Push(&items[1]);
    benchmark::DoNotOptimize(deque.Take());
  }
}

BENCHMARK(PushAndTake<MutexDeque>);
BENCHMARK(PushAndTake<interleave::WorkStealingDeque<int>>);

// ---- Fork and join --------------------------------------------------------------------------

constexpr int kFibonacci = 30;

long TbbFibonacci(int n) {
  if (n < 2) return n;
  long left, right;
  tbb::parallel_invoke([&] { left = TbbFibonacci(n - 1); }, [&] { right = TbbFibonacci(n - 2); });
  return left + right;
}

void FibonacciTbbParallelInvoke(benchmark::State& state) {
  const int workers = static_cast<int>(state.range(0));
  // The arena alone would be enough where there are as many processors.
  tbb::global_control threads(tbb::global_control::max_allowed_parallelism, workers);
  tbb::task_arena arena(workers);
  for (auto _ : state) {
    arena.execute([] { benchmark::DoNotOptimize(TbbFibonacci(kFibonacci)); });
  }
}

BENCHMARK(FibonacciTbbParallelInvoke)->DenseRange(1, 2)->Apply(Together);

long PoolFibonacci(interleave::WorkStealingPool& pool, int n) {
  if (n < 2) return n;
  long left, right;
  pool.Invoke([&] { left = PoolFibonacci(pool, n - 1); },
              [&] { right = PoolFibonacci(pool, n - 2); });
  return left + right;
}

void FibonacciWorkStealingPool(benchmark::State& state) {
  interleave::WorkStealingPool pool(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    pool.Run([&] { benchmark::DoNotOptimize(PoolFibonacci(pool, kFibonacci)); });
  }
}

BENCHMARK(FibonacciWorkStealingPool)->DenseRange(1, 2)->Apply(Together);

// ---- Forks with something to do -------------------------------------------------------------

template <typename Invoke>
void MergeSort(int* begin, int* end, Invoke invoke) {
  if (end - begin <= 8192) return std::sort(begin, end);
  int* const middle = begin + (end - begin) / 2;
  invoke([=] { MergeSort(begin, middle, invoke); }, [=] { MergeSort(middle, end, invoke); });
  std::inplace_merge(begin, middle, end);
}

template <typename Invoke>
void SortMillion(benchmark::State& state, Invoke invoke) {
  std::vector<int> numbers(1'000'000);
  std::minstd_rand random;
  for (int& number : numbers) number = static_cast<int>(random());
  for (auto _ : state) {
    std::vector<int> list = numbers;
    MergeSort(list.data(), list.data() + list.size(), invoke);
    benchmark::DoNotOptimize(list.data());
  }
}

void MergeSortAlone(benchmark::State& state) {
  SortMillion(state, [](auto first, auto second) {
    first();
    second();
  });
}

void MergeSortTbbParallelInvoke(benchmark::State& state) {
  tbb::global_control threads(tbb::global_control::max_allowed_parallelism, 2);
  SortMillion(state, [](auto first, auto second) { tbb::parallel_invoke(first, second); });
}

void MergeSortWorkStealingPool(benchmark::State& state) {
  interleave::WorkStealingPool pool(2);
  SortMillion(state, [&pool](auto first, auto second) { pool.Invoke(first, second); });
}

BENCHMARK(MergeSortAlone)->Apply(Together);
BENCHMARK(MergeSortTbbParallelInvoke)->Apply(Together);
BENCHMARK(MergeSortWorkStealingPool)->Apply(Together);

}  // namespace
