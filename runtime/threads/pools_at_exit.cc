// runtime/threads/pools_at_exit.cc

#include "runtime/threads/pools_at_exit.h"

#include <pthread.h>

#include <cstdlib>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace interleave {
namespace {

struct Pools {
  std::mutex mutex;
  std::vector<std::shared_ptr<Workers>> all;
  Pools* of_parent = nullptr;  // in a child of fork: kept, and never touched
};

// Never destroyed: a static pool may be destroyed after it would be.
Pools* pools = nullptr;

void AtExit() {
  std::vector<std::shared_ptr<Workers>> left;
  {
    std::lock_guard lock(pools->mutex);
    left = std::exchange(pools->all, {});
  }
  for (const std::shared_ptr<Workers>& workers : left) {
    if (workers->IsWorker() || !workers->CanBeWaitedFor()) {
      std::lock_guard lock(pools->mutex);
      pools->all.push_back(workers);  // whose threads cannot be joined: let it live
      continue;
    }
    workers->Shutdown(false);
    workers->Join();
  }
}

Pools& AllPools() {
  static const bool prepared = [] {
    pools = new Pools;
    std::atexit(AtExit);
    // A child of fork has none of its parent's threads, and perhaps a lock that one of them held.
    pthread_atfork(nullptr, nullptr,
                   [] { pools = new Pools{.mutex = {}, .all = {}, .of_parent = pools}; });
    return true;
  }();
  static_cast<void>(prepared);
  return *pools;
}

}  // namespace

void WaitAtExit(std::shared_ptr<Workers> workers) {
  std::vector<std::shared_ptr<Workers>> ended;  // destroyed without the lock
  {
    Pools& here = AllPools();
    std::lock_guard lock(here.mutex);
    std::erase_if(here.all, [&](std::shared_ptr<Workers>& one) {
      if (one.use_count() > 1 || !one->Ended()) return false;
      ended.push_back(std::move(one));
      return true;
    });
    here.all.push_back(std::move(workers));
  }
  for (const std::shared_ptr<Workers>& one : ended) one->Join();
}

void ForgetAtExit(const std::shared_ptr<Workers>& workers) {
  Pools& here = AllPools();
  std::lock_guard lock(here.mutex);
  std::erase(here.all, workers);
}

}  // namespace interleave
