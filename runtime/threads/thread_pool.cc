// runtime/threads/thread_pool.cc
//
// One number keeps the pool honest: unfinished_, the jobs that are queued or running. Enqueue
// starts a worker if there are as many unfinished jobs as workers, and otherwise wakes one; so
// every unfinished job has a worker that is awake and will come to the queue, as long as
// max_workers_ allows. To count the workers that wait instead would be wrong: one that was woken
// for a first job but has not run yet would be counted again for a second.

#include "runtime/threads/thread_pool.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "runtime/threads/thread_name.h"

namespace interleave {
namespace {

// The pool whose worker the calling thread is.
thread_local const ThreadPool* pool_of_this_thread = nullptr;

int AtLeastOne(int max_workers) {
  if (max_workers < 1) {
    throw std::invalid_argument("ThreadPool: max_workers is " + std::to_string(max_workers) +
                                ", it must be at least 1");
  }
  return max_workers;
}

int DefaultWorkers() {
  const int cpus = static_cast<int>(std::thread::hardware_concurrency());
  return std::min(32, cpus + 4);
}

std::string NextPoolName() {
  static std::atomic<int> pools = 0;
  return "ThreadPoolExecutor-" + std::to_string(pools++);
}

}  // namespace

ThreadPool::ThreadPool() : ThreadPool(DefaultWorkers()) {}

// In braces arguments are evaluated from left to right: a pool that is refused is not counted.
ThreadPool::ThreadPool(int max_workers) : ThreadPool{AtLeastOne(max_workers), NextPoolName()} {}

ThreadPool::ThreadPool(int max_workers, std::string name_prefix)
    : max_workers_(AtLeastOne(max_workers)), name_prefix_(std::move(name_prefix)) {}

ThreadPool::~ThreadPool() { Shutdown(); }

void ThreadPool::Enqueue(std::function<void()> job) {
  std::lock_guard lock(mutex_);
  if (shut_down_) throw std::runtime_error("ThreadPool::Submit: the pool has been shut down");
  const int workers = static_cast<int>(workers_.size());
  const bool all_taken = unfinished_ >= workers;
  // The worker first, the job second: if no thread can be started, nothing has happened. The new
  // one waits for mutex_ and then finds the job.
  if (all_taken && workers < max_workers_) {
    workers_.emplace_back([this, workers] { Work(workers); });
  }
  waiting_.push_back(std::move(job));
  ++unfinished_;
  if (!all_taken) job_or_shutdown_.notify_one();
}

void ThreadPool::Work(int number) {
  SetThreadName(name_prefix_ + "_" + std::to_string(number));
  pool_of_this_thread = this;
  std::unique_lock lock(mutex_);
  while (true) {
    while (waiting_.empty() && !shut_down_) job_or_shutdown_.wait(lock);
    if (waiting_.empty()) return;
    std::function<void()> job = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    job();
    job = nullptr;  // what it captured may be destroyed by code that calls the pool
    lock.lock();
  }
}

// Without this, unfinished_ would be lowered when Work locks again, after the future is ready: who
// waits for the future and then submits could find the worker still taken, and start another.
ThreadPool::EndOfJob::~EndOfJob() {
  std::lock_guard lock(pool->mutex_);
  --pool->unfinished_;
}

void ThreadPool::Shutdown() {
  if (pool_of_this_thread == this) {
    throw std::runtime_error(
        "ThreadPool::Shutdown: called by a job of the same pool, which would wait for itself");
  }
  {
    std::lock_guard lock(mutex_);
    if (shut_down_) return;
    shut_down_ = true;
  }
  job_or_shutdown_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

int ThreadPool::started_workers() const {
  std::lock_guard lock(mutex_);
  return static_cast<int>(workers_.size());
}

}  // namespace interleave
