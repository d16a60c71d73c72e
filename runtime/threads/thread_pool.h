// runtime/threads/thread_pool.h
//
// Starting a thread for every small job costs more than many jobs are worth, and a thousand jobs
// at once would want a thousand threads. A pool has a few threads, its workers, and a queue:
//
//   Submit --> [ job 5 | job 4 | job 3 ] --> worker 0 runs job 1
//                                            worker 1 runs job 2
//
//   ThreadPool pool(2);
//   std::future<int> sum = pool.Submit([](int a, int b) { return a + b; }, 2, 3);
//   std::future<void> greeting = pool.Submit([] { std::cout << "hello\n"; });
//   std::cout << sum.get() << "\n";  // 5; get() throws what the job threw
//                                    // ~ThreadPool waits for both jobs
//
// Workers start on demand: a job gets a new one only if all others are taken, and never more than
// max_workers. A worker is free again just before its job's future becomes ready, so a program
// that submits, waits, submits, waits uses a single worker. The future is the standard's: it has
// no callbacks, and a queued job cannot be cancelled.
//
// Trap: a job that waits for another job of its own pool holds its worker meanwhile. When all
// workers wait like that, the jobs they wait for stay in the queue for ever.
//
// Threads: any thread may call Submit, jobs of the pool too. Shutdown and the destructor belong to
// one thread at a time, and never to a job of the pool. Jobs start in the order of submission. What
// a job captured is destroyed on its worker, perhaps shortly after the future is ready.

#ifndef RUNTIME_THREADS_THREAD_POOL_H_
#define RUNTIME_THREADS_THREAD_POOL_H_

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace interleave {

class ThreadPool {
 public:
  // As many workers as suit jobs that mostly wait: the number of CPUs + 4, at most 32 (the rule of
  // Python's ThreadPoolExecutor).
  ThreadPool();

  // Workers are named ThreadPoolExecutor-<n>_<i>: n counts the pools that this constructor and the
  // one above made in this process, i the workers of the pool, both from 0.
  // Throws: std::invalid_argument if max_workers is less than 1.
  explicit ThreadPool(int max_workers);

  // Workers are named <name_prefix>_<i>. Such a pool is not counted.
  ThreadPool(int max_workers, std::string name_prefix);

  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // Shutdown().
  ~ThreadPool();

  // Queues f(args...); the future gives its result or throws its exception. Arguments are copied
  // or moved into the job; wrap one in std::ref to share it.
  // Throws: std::runtime_error after Shutdown; std::system_error if a worker is wanted and the
  // system has no thread left. In both cases nothing was queued.
  template <typename F, typename... Args>
  auto Submit(F&& f, Args&&... args)
      -> std::future<std::invoke_result_t<std::decay_t<F>, std::decay_t<Args>...>>;

  // Takes no more jobs, waits until all that were submitted have run, and ends the workers. May be
  // called again, which does nothing.
  // Throws: std::runtime_error if a job of this pool calls it, since it would wait for itself.
  void Shutdown();

  int max_workers() const { return max_workers_; }
  // How many workers were started up to now.
  int started_workers() const;

 private:
  // Its destructor reports the end of a job's function, whether that returned or threw.
  struct EndOfJob {
    ThreadPool* pool;
    ~EndOfJob();
  };

  void Enqueue(std::function<void()> job);
  void Work(int number);

  const int max_workers_;
  const std::string name_prefix_;

  mutable std::mutex mutex_;                   // guards all below
  std::condition_variable job_or_shutdown_;    // free workers wait here
  std::deque<std::function<void()>> waiting_;  // jobs that no worker has taken, oldest first
  int unfinished_ = 0;                         // jobs in waiting_ or running
  bool shut_down_ = false;                     // once true stays so, and workers_ stays as it is
  std::vector<std::thread> workers_;           // at least min(unfinished_, max_workers_) of them
};

template <typename F, typename... Args>
auto ThreadPool::Submit(F&& f, Args&&... args)
    -> std::future<std::invoke_result_t<std::decay_t<F>, std::decay_t<Args>...>> {
  using Result = std::invoke_result_t<std::decay_t<F>, std::decay_t<Args>...>;
  // std::function wants to be copied, which a packaged_task cannot: hence the shared_ptr.
  auto task = std::make_shared<std::packaged_task<Result()>>(
      [this, f = std::forward<F>(f), ... args = std::forward<Args>(args)]() mutable -> Result {
        const EndOfJob end{this};
        return std::invoke(std::move(f), std::move(args)...);
      });
  std::future<Result> result = task->get_future();
  Enqueue([task = std::move(task)] { (*task)(); });
  return result;
}

}  // namespace interleave

#endif  // RUNTIME_THREADS_THREAD_POOL_H_
