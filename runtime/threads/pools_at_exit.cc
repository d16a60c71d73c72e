// runtime/threads/pools_at_exit.cc

#include "runtime/threads/pools_at_exit.h"

#include <pthread.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace interleave {
namespace {

struct Pools {
  std::mutex mutex;
  std::vector<std::shared_ptr<PoolAtExit>> all;
  Pools* of_parent = nullptr;  // in a child of fork: kept, and never touched
};

// Never destroyed: a static pool may be destroyed after it would be.
Pools* pools = nullptr;

void AtExit() {
  std::vector<std::shared_ptr<PoolAtExit>> left;
  {
    std::lock_guard lock(pools->mutex);
    left = std::exchange(pools->all, {});
  }
  for (const std::shared_ptr<PoolAtExit>& pool : left) {
    if (pool->IsWorker() || !pool->CanBeWaitedFor()) {
      std::lock_guard lock(pools->mutex);
      pools->all.push_back(pool);  // whose threads cannot be joined: let it live
      continue;
    }
    pool->Shutdown(false);
    pool->Join();
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

PoolAtExit::PoolAtExit() : made_by_(gettid()), made_on_(pthread_self()) {}

// The same thread of the system, but another one for pthread: it was one of a simulation.
bool PoolAtExit::CanBeWaitedFor() const {
  return gettid() != made_by_ || pthread_equal(pthread_self(), made_on_);
}

void WaitAtExit(std::shared_ptr<PoolAtExit> pool) {
  std::vector<std::shared_ptr<PoolAtExit>> ended;  // destroyed without the lock
  {
    Pools& here = AllPools();
    std::lock_guard lock(here.mutex);
    std::erase_if(here.all, [&](std::shared_ptr<PoolAtExit>& one) {
      if (one.use_count() > 1 || !one->Ended()) return false;
      ended.push_back(std::move(one));
      return true;
    });
    here.all.push_back(std::move(pool));
  }
  for (const std::shared_ptr<PoolAtExit>& one : ended) one->Join();
}

void ForgetAtExit(const std::shared_ptr<PoolAtExit>& pool) {
  Pools& here = AllPools();
  std::lock_guard lock(here.mutex);
  std::erase(here.all, pool);
}

}  // namespace interleave
