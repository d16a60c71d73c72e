// runtime/threads/thread_pool.cc

#include "runtime/threads/thread_pool.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "runtime/threads/pools_at_exit.h"

namespace interleave {
namespace {

int DefaultWorkers() {
  const int cpus = static_cast<int>(std::thread::hardware_concurrency());
  return std::min(32, cpus + 4);
}

std::shared_ptr<Workers> MakeWorkers(ThreadPoolOptions options) {
  static std::atomic<int> pools = 0;
  const int max_workers = options.max_workers.value_or(DefaultWorkers());
  if (max_workers < 1) {
    throw std::invalid_argument("ThreadPool: max_workers is " + std::to_string(max_workers) +
                                ", it must be at least 1");
  }
  if (options.name_prefix.empty()) {
    options.name_prefix = "ThreadPoolExecutor-" + std::to_string(pools++);
  }
  return std::make_shared<Workers>(max_workers, std::move(options));
}

}  // namespace

ThreadPool::ThreadPool() : ThreadPool(ThreadPoolOptions()) {}

ThreadPool::ThreadPool(int max_workers)
    : ThreadPool(ThreadPoolOptions{.max_workers = max_workers}) {}

ThreadPool::ThreadPool(int max_workers, std::string name_prefix)
    : ThreadPool(
          ThreadPoolOptions{.max_workers = max_workers, .name_prefix = std::move(name_prefix)}) {}

ThreadPool::ThreadPool(ThreadPoolOptions options) : workers_(MakeWorkers(std::move(options))) {
  WaitAtExit(workers_);
}

ThreadPool::~ThreadPool() {
  if (!workers_->shut_down()) Shutdown();
  if (workers_->Ended()) {
    workers_->Join();
    ForgetAtExit(workers_);
  }
}

void ThreadPool::Shutdown(ShutdownOptions options) {
  if (options.wait && workers_->IsWorker()) {
    throw std::logic_error(
        "ThreadPool::Shutdown: called by a job of the same pool, which would wait for itself");
  }
  workers_->Shutdown(options.cancel_queued);
  if (options.wait) workers_->Join();
}

}  // namespace interleave
