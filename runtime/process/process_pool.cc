// runtime/process/process_pool.cc

#include "runtime/process/process_pool.h"

#include <memory>
#include <stdexcept>
#include <utility>

#include "runtime/threads/pools_at_exit.h"

namespace interleave {

ProcessPool::ProcessPool(ProcessPoolOptions options)
    : workers_(std::make_shared<ProcessWorkers>(std::move(options))) {
  WaitAtExit(workers_);
}

ProcessPool::ProcessPool(int max_workers)
    : ProcessPool(ProcessPoolOptions{.max_workers = max_workers}) {}

ProcessPool::~ProcessPool() {
  // In a child of fork: the workers are the parent's, and the threads do not exist here. What exit
  // would have waited for is kept there, so this is not the last that knows them.
  if (workers_->CalledInAnotherProcess()) return;
  workers_->Shutdown(false);
  workers_->Join();
  ForgetAtExit(workers_);
}

void ProcessPool::Shutdown(ShutdownOptions options) {
  if (options.wait && workers_->IsWorker()) {
    throw std::logic_error(
        "ProcessPool::Shutdown: called by a callback of one of its futures, on a thread that it "
        "would wait for");
  }
  workers_->Shutdown(options.cancel_queued);
  if (options.wait) workers_->Join();
}

}  // namespace interleave
