#include "runtime/engine/sync_rwlock.h"

#include <algorithm>
#include <cerrno>

#include "runtime/engine/lock_order.h"
#include "runtime/engine/recorder.h"
#include "runtime/engine/scheduler.h"

namespace interleave::engine {

RwLocks rwlocks;

RwLock& RwLocks::Of(pthread_rwlock_t* address) {
  RwLock& lock = locks_.Of(address);
  lock.address = address;
  return lock;
}

// Tells the scheduler for whom something has changed, and for nobody else: being made ready orders
// a thread behind the one who did it.
void RwLocks::Tell(RwLock& lock) {
  for (RwLock::Standing& standing : lock.standing) {
    bool possible = lock.Free(standing.write);
    if (possible == standing.possible) continue;
    standing.possible = possible;
    if (possible) {
      scheduler.MakeReady(*standing.thread);
    } else {
      scheduler.MakeWait(*standing.thread);
      if (recorder.on) recorder.Blocks(*standing.thread);
    }
  }
}

void RwLocks::Take(RwLock& lock, Thread& thread, bool write) {
  scheduler.Touches(lock.address, write ? StepKind::kLock : StepKind::kReadLock);
  scheduler.Changed();
  thread.known.Join(lock.written);
  if (write) {
    lock.writer = &thread;
    thread.held.push_back(lock.address);
    thread.known.Join(lock.read);
  } else {
    lock.readers.push_back(&thread);
  }
  Tell(lock);
}

int RwLocks::Lock(pthread_rwlock_t* address, bool write, Time deadline, std::uintptr_t place) {
  Thread& me = scheduler.Current();
  RwLock& lock = Of(address);
  if (lock.writer == &me) return EDEADLK;
  if (write && !me.held.empty() && deadline == kNever) lock_order.Wants(me, address, place);
  lock.standing.push_back({&me, write, lock.Free(write)});
  scheduler.StandBefore(write ? StepKind::kLock : StepKind::kReadLock, address, place,
                        lock.Free(write), 0, deadline);
  std::erase_if(lock.standing, [&](const auto& standing) { return standing.thread == &me; });
  if (!lock.Free(write)) return ETIMEDOUT;
  Take(lock, me, write);
  return 0;
}

int RwLocks::TryLock(pthread_rwlock_t* address, bool write, std::uintptr_t place) {
  scheduler.Look(write ? StepKind::kTryLock : StepKind::kTryReadLock, address, place);
  RwLock& lock = Of(address);
  if (!lock.Free(write)) return EBUSY;
  Take(lock, scheduler.Current(), write);
  return 0;
}

int RwLocks::Unlock(pthread_rwlock_t* address, std::uintptr_t place) {
  Thread& me = scheduler.Current();
  RwLock& lock = Of(address);
  bool write = lock.writer == &me;
  scheduler.Visible(write ? StepKind::kUnlock : StepKind::kReadUnlock, address, place);
  if (write) {
    lock.writer = nullptr;
    std::erase(me.held, lock.address);
    ReleaseTo(lock.written, me);
  } else {
    auto mine = std::find(lock.readers.begin(), lock.readers.end(), &me);
    if (mine == lock.readers.end()) {
      scheduler.End(Ending::kAbort, "unlock of a reader-writer lock that the thread does not hold");
    }
    lock.readers.erase(mine);
    ReleaseTo(lock.read, me);
  }
  Tell(lock);
  return 0;
}

int RwLocks::Renew(pthread_rwlock_t* address) {
  RwLock* lock = locks_.Find(address);
  if (lock == nullptr) return 0;
  if (!lock->Free(true)) return EBUSY;
  lock->Reset();
  return 0;
}

}  // namespace interleave::engine
