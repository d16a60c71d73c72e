// runtime/process/process_pool.cc

#include "runtime/process/process_pool.h"

namespace interleave {

ProcessPool::ProcessPool(ProcessPoolOptions options)
    : workers_(std::make_unique<ProcessWorkers>(std::move(options))) {}

ProcessPool::ProcessPool(int max_workers)
    : ProcessPool(ProcessPoolOptions{.max_workers = max_workers}) {}

ProcessPool::~ProcessPool() {
  // In a child of fork: the workers are the parent's, and the threads do not exist here.
  if (workers_->CalledInAnotherProcess()) static_cast<void>(workers_.release());
}

void ProcessPool::Shutdown(ShutdownOptions options) {
  if (options.wait && workers_->CalledByOneOfItsThreads()) {
    throw std::logic_error(
        "ProcessPool::Shutdown: called by a callback of one of its futures, on a thread that it "
        "would wait for");
  }
  workers_->Shutdown(options.cancel_queued);
  if (options.wait) workers_->Join();
}

}  // namespace interleave
