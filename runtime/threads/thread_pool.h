// runtime/threads/thread_pool.h
//
// Starting a thread for every small job costs more than many jobs are worth, and a thousand jobs
// at once would want a thousand threads. A pool has a few threads, its workers, and a queue:
//
//   Submit --> [ job 5 | job 4 | job 3 ] --> worker 0 runs job 1
//                                            worker 1 runs job 2
//
//   ThreadPool pool(2);
//   Future<int> sum = pool.Submit([](int a, int b) { return a + b; }, 2, 3);
//   Future<void> urgent = pool.SubmitWithPriority(1, [] { Log("me first"); });
//   for (int length : pool.Map(LengthOf, words)) Use(length);   // in the order of words
//   Log(std::to_string(sum.Get()));  // 5; Get throws what the job threw
//                                    // ~ThreadPool waits for all jobs
//
// Workers start on demand: a job gets a new one only if all others are taken, and never more than
// max_workers. A worker is free again just before its job's future becomes ready, so a program
// that submits, waits, submits, waits uses a single worker. A queued job can be cancelled by its
// future, and ends nobody's wait for a worker: it is passed over when its turn comes.
//
// Trap: a job that waits for another job of its own pool holds its worker meanwhile. When all
// workers wait like that, the jobs they wait for would stay in the queue for ever. The wait that
// would make it so throws WouldDeadlock instead, if it has no time limit and goes through Future,
// Wait or AsCompleted; who waits by other means is not seen.
//
// Threads: any thread may call anything, jobs of the pool too, except that these may not wait for
// its end. Jobs start by priority, then in the order of submission. What a job captured is
// destroyed on its worker, before the future is ready.

#ifndef RUNTIME_THREADS_THREAD_POOL_H_
#define RUNTIME_THREADS_THREAD_POOL_H_

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/threads/future.h"
#include "runtime/threads/future_result.h"
#include "runtime/threads/map_results.h"
#include "runtime/threads/workers.h"

namespace interleave {

struct ShutdownOptions {
  bool wait = true;            // until all workers have ended
  bool cancel_queued = false;  // only the jobs that are running come to their end
};

class ThreadPool {
 public:
  // As many workers as suit jobs that mostly wait: the number of CPUs + 4, at most 32 (the rule of
  // Python's ThreadPoolExecutor).
  ThreadPool();

  // Workers are named ThreadPoolExecutor-<n>_<i>: n counts the pools without a prefix of their own
  // in this process, i the workers of the pool, both from 0.
  // Throws: std::invalid_argument if max_workers is less than 1.
  explicit ThreadPool(int max_workers);

  // Workers are named <name_prefix>_<i>. Such a pool is not counted.
  ThreadPool(int max_workers, std::string name_prefix);

  // The initializer is called by each worker before its first job. If it throws, that is reported
  // on stderr and the pool is broken: what is queued and what comes ends with BrokenExecutor.
  // Two readings of the clock for each job cost more than an empty job, so queue waits are measured
  // on demand.
  explicit ThreadPool(ThreadPoolOptions options);

  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // Shutdown(), unless it was called: after a Shutdown without waiting the jobs go on, and the
  // process's exit waits for them. So it does for a pool that is never destroyed.
  ~ThreadPool();

  // Queues f(args...); the future gives its result or throws its exception. Arguments are copied
  // or moved into the job; wrap one in std::ref to share it.
  // Throws: std::logic_error after Shutdown; BrokenExecutor; std::system_error if a worker is
  // wanted and the system has no thread left. In all cases nothing was queued.
  template <typename F, typename... Args>
  auto Submit(F&& f, Args&&... args) {
    return SubmitWithPriority(0, std::forward<F>(f), std::forward<Args>(args)...);
  }

  // The larger the more urgent; Submit's is 0. Who is less urgent may wait for ever.
  template <typename F, typename... Args>
  auto SubmitWithPriority(int priority, F&& f, Args&&... args)
      -> Future<std::invoke_result_t<std::decay_t<F>, std::decay_t<Args>...>>;

  // Submits f(input) for each input, now, and gives a range of the results in the order of the
  // inputs (map_results.h). The loop over it throws what a job threw, in its place, and TimedOut.
  template <typename F, typename Inputs>
  auto Map(const F& f, const Inputs& inputs, std::optional<std::chrono::nanoseconds> timeout = {});

  // Takes no more jobs. May be called again, to wait after all.
  // Throws: std::logic_error if a job of this pool wants to wait, since it would wait for itself.
  void Shutdown(ShutdownOptions options = {});

  int max_workers() const { return workers_->max_workers(); }
  int started_workers() const { return workers_->started(); }  // up to now
  std::size_t queued_jobs() const { return workers_->queued(); }

  // How long jobs stood in the queue, with measure_queue_wait. In a job: how long this one did.
  QueueWaits queue_waits() const { return workers_->queue_waits(); }
  static std::chrono::nanoseconds QueueWaitOfThisJob() { return Workers::QueueWaitOfThisJob(); }

 private:
  template <typename F, typename Result>
  class Job;

  const std::shared_ptr<Workers> workers_;
};

// ---- How it works ----

// State, function and result in one piece of memory: a queued empty job takes 113 bytes with its
// place in the queue. With std::packaged_task, which has its own, behind a std::shared_ptr in a
// std::function, a job takes four allocations.
template <typename F, typename Result>
class ThreadPool::Job final : public FutureResult<Result> {
 public:
  template <typename Function>
  Job(const void* pool, Function&& function)
      : FutureResult<Result>(pool), function_(std::forward<Function>(function)) {}

  void Run() noexcept override {
    try {
      this->KeepResultOf(*function_);
    } catch (...) {
      this->error_ = std::current_exception();
    }
    function_.reset();
  }

 private:
  std::optional<F> function_;
};

template <typename F, typename... Args>
auto ThreadPool::SubmitWithPriority(int priority, F&& f, Args&&... args)
    -> Future<std::invoke_result_t<std::decay_t<F>, std::decay_t<Args>...>> {
  using Result = std::invoke_result_t<std::decay_t<F>, std::decay_t<Args>...>;
  auto call = [f = std::forward<F>(f), ... args = std::forward<Args>(args)]() mutable -> Result {
    return std::invoke(std::move(f), std::move(args)...);
  };
  auto* job = new Job<decltype(call), Result>(workers_.get(), std::move(call));
  StatePointer<FutureState> owner(job);
  Future<Result> future(job);
  workers_->Enqueue(priority, std::move(owner));
  return future;
}

template <typename F, typename Inputs>
auto ThreadPool::Map(const F& f, const Inputs& inputs,
                     std::optional<std::chrono::nanoseconds> timeout) {
  using Result = std::invoke_result_t<F, decltype(*std::begin(inputs))>;
  std::vector<Future<Result>> futures;
  for (const auto& input : inputs) futures.push_back(Submit(f, input));
  return MapResults<Result>(std::move(futures), timeout);
}

}  // namespace interleave

#endif  // RUNTIME_THREADS_THREAD_POOL_H_
