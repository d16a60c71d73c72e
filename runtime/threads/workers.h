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
#include <limits>
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
#include "runtime/threads/pools_at_exit.h"

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

class Workers final : public PoolAtExit {
 public:
  Workers(int max_workers, ThreadPoolOptions options)
      : options_(std::move(options)), max_workers_(max_workers) {}

  // Throws: std::logic_error after Shutdown, BrokenExecutor, std::system_error. Then nothing was
  // queued.
  void Enqueue(int priority, StatePointer<FutureState> job);

  void Shutdown(bool cancel_queued) override;
  void Join() override;
  bool shut_down() const;
  bool Ended() const override;
  bool IsWorker() const override;

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
  // No std::deque: its blocks would come from the submitter and be given back by the workers, and
  // malloc makes each wait for the other's lock. That was a third of all switches between threads.
  struct Level {
    std::vector<Queued> jobs;
    std::size_t taken = 0;  // of these
    std::size_t size() const { return jobs.size() - taken; }
  };
  using Queue = std::map<int, Level, std::greater<>>;  // by priority, the urgent first

  static constexpr std::size_t kCacheLine = 64;  // what cores take from each other, all of it
  struct alignas(kCacheLine) Finished {
    std::atomic<long> jobs = 0;  // whose function has ended
  };
  class Worker;  // what one of the threads runs

  StatePointer<FutureState> Take();  // blocks until there is a job; none: the end
  void LookForAWhile() const;
  void Break(const std::string& why);

  // REQUIRE: taking_ is held.
  StatePointer<FutureState> TakeReady();
  // REQUIRE: taking_ and mutex_ are held.
  void Collect();
  std::vector<StatePointer<FutureState>> TakeAll();
  // REQUIRE: mutex_ is held.
  long Unfinished() const;  // jobs that are queued or running
  bool AllWaitForTheQueue() const;

  static long MostUrgent(const Queue& queue);  // the priority; kNothing if it is empty
  bool IsQueuedHere(const FutureState& state) const;

  const ThreadPoolOptions options_;
  const int max_workers_;

  // What submitters touch for each job.
  alignas(kCacheLine) mutable std::mutex mutex_;  // guards all of this group
  Queue inbox_;
  std::condition_variable wake_up_;
  long submitted_ = 0;             // jobs, without those that TakeAll took
  std::deque<Finished> finished_;  // by worker; each raises its own without the lock
  int asleep_ = 0;                 // workers in wake_up_.wait
  int wake_ups_ = 0;               // of these, how many were told to wake up; <= asleep_
  bool shut_down_ = false;         // once true stays so, and threads_ stays as it is
  std::string broken_;             // why the pool is broken; empty: it is not
  int alive_ = 0;                  // workers that have not ended
  std::vector<Worker*> blocked_;   // workers that wait for futures without a time limit

  // What workers touch for each job. Where both locks are held, this one was taken first.
  alignas(kCacheLine) mutable std::mutex taking_;  // guards all of this group
  Queue ready_;
  QueueWaits queue_waits_;

  // MostUrgent(inbox_): raised under mutex_, lowered under both locks.
  static constexpr long kNothing = std::numeric_limits<long>::min();
  alignas(kCacheLine) std::atomic<long> inbox_urgency_ = kNothing;

  std::mutex joining_;
  std::vector<std::thread> threads_;  // at least min(unfinished, max_workers) of them
};

}  // namespace interleave

#endif  // RUNTIME_THREADS_WORKERS_H_
