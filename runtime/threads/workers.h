// runtime/threads/workers.h
//
// How it works: the queue of a ThreadPool and the threads that empty it. They are an object of
// their own because they may outlive the pool: after Shutdown without waiting the ThreadPool can be
// destroyed while its jobs still run. Users include thread_pool.h.

#ifndef RUNTIME_THREADS_WORKERS_H_
#define RUNTIME_THREADS_WORKERS_H_

#include <pthread.h>
#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/threads/future_result.h"
#include "runtime/threads/future_state.h"

namespace interleave {

struct QueueWaits {
  long jobs = 0;  // that a worker has taken
  std::chrono::nanoseconds total{0};
  std::chrono::nanoseconds longest{0};
};

struct ThreadPoolOptions {
  std::optional<int> max_workers = {};  // none: the number of CPUs + 4, at most 32
  std::string name_prefix = {};
  std::function<void()> initializer = {};
  bool measure_queue_wait = false;
};

class Workers {
 public:
  Workers(int max_workers, ThreadPoolOptions options)
      : options_(std::move(options)), max_workers_(max_workers) {}

  // Throws: std::logic_error after Shutdown, BrokenExecutor, std::system_error. Then nothing was
  // queued.
  void Enqueue(int priority, StatePointer<FutureState> job);

  void Shutdown(bool cancel_queued);
  void Join();  // REQUIRES: Shutdown was called, and the caller is none of the workers
  bool shut_down() const;
  bool Ended() const;  // Shutdown was called and no worker is left; Join then returns at once

  bool IsWorker() const;  // is the calling thread one of them?
  // True if they are threads of this process, so that somebody can wait for them. It is not so for
  // those that were started in a simulation which is over.
  bool CanBeWaitedFor() const;

  int max_workers() const { return max_workers_; }
  int started() const;
  std::size_t queued() const;
  QueueWaits queue_waits() const;
  static std::chrono::nanoseconds QueueWaitOfThisJob();

 private:
  struct Queued {
    StatePointer<FutureState> job;
    std::chrono::steady_clock::time_point since;
  };
  class Worker;  // what one of the threads runs

  // REQUIRE: the lock is held.
  bool WaitForJob(std::unique_lock<std::mutex>& lock);  // false: the end
  void LookForAWhile() const;                           // the lock is not held
  StatePointer<FutureState> Take();
  void TakeAll(std::vector<StatePointer<FutureState>>& jobs);
  bool AllWaitForTheQueue() const;

  void Break(const std::string& why);
  bool IsQueuedHere(const FutureState& state) const;

  const ThreadPoolOptions options_;
  const int max_workers_;
  const pid_t made_by_ = CallersId();
  const pthread_t made_on_ = pthread_self();
  static pid_t CallersId();

  // Jobs that are queued or running. Lowered without the lock when a job's function has ended.
  std::atomic<int> unfinished_ = 0;
  std::atomic<std::size_t> queued_ = 0;  // jobs in queue_; changed under the lock only

  mutable std::mutex mutex_;                                 // guards all below
  std::map<int, std::deque<Queued>, std::greater<>> queue_;  // by priority, the urgent first
  std::condition_variable wake_up_;
  int asleep_ = 0;          // workers in wake_up_.wait
  int wake_ups_ = 0;        // of these, how many were told to wake up; <= asleep_
  bool shut_down_ = false;  // once true stays so, and threads_ stays as it is
  std::string broken_;      // why the pool is broken; empty: it is not
  int alive_ = 0;           // workers that have not ended
  QueueWaits queue_waits_;
  std::vector<Worker*> blocked_;  // workers that wait for futures without a time limit

  std::mutex joining_;
  std::vector<std::thread> threads_;  // at least min(unfinished_, max_workers) of them
};

}  // namespace interleave

#endif  // RUNTIME_THREADS_WORKERS_H_
