// runtime/engine/sync_rwlock.h
//
// Reader-writer locks (pthread_rwlock_t, and so std::shared_mutex and std::shared_timed_mutex) as a
// simulation has them: many may read, or one may write.
//
// What a writer did is known to everybody who comes after. What readers did is known to the next
// writer only: two readers of the same lock are not ordered by it, so a write under a read lock is
// a race. Hence two clocks.
//
// Who waits for whom is left open, as in POSIX: a reader may go in while a writer waits, and with
// an attribute that prefers writers, too. Both orders are among the schedules.
#ifndef INTERLEAVE_RUNTIME_ENGINE_SYNC_RWLOCK_H_
#define INTERLEAVE_RUNTIME_ENGINE_SYNC_RWLOCK_H_

#include <pthread.h>

#include <cstdint>
#include <vector>

#include "runtime/engine/by_address.h"
#include "runtime/engine/thread.h"
#include "runtime/engine/vector_clock.h"

namespace interleave::engine {

struct RwLock {
  struct Standing {  // stops before locking it
    Thread* thread;
    bool write;
    bool possible;  // as the scheduler was told
  };

  const void* address = nullptr;
  Thread* writer = nullptr;
  std::vector<Thread*> readers;  // one entry for each time that a thread has locked it
  std::vector<Standing> standing;
  VectorClock written;  // what writers knew when they unlocked
  VectorClock read;     // what readers knew

  bool Free(bool write) const { return writer == nullptr && (!write || readers.empty()); }

  void Reset() {
    writer = nullptr;
    readers.clear();
    standing.clear();
    written.Clear();
    read.Clear();
  }
};

class RwLocks {
 public:
  void Clear() { locks_.Clear(); }

  // Return values are those of the pthread functions. Deadlines are virtual; kNever: none.
  int Lock(pthread_rwlock_t* lock, bool write, Time deadline, std::uintptr_t place);
  int TryLock(pthread_rwlock_t* lock, bool write, std::uintptr_t place);
  int Unlock(pthread_rwlock_t* lock, std::uintptr_t place);

  // The memory is a new lock now, or none any more. EBUSY: somebody holds it.
  int Renew(pthread_rwlock_t* lock);

  const ByAddress<RwLock>& All() const { return locks_; }

 private:
  RwLock& Of(pthread_rwlock_t* lock);
  static void Take(RwLock& lock, Thread& thread, bool write);
  static void Tell(RwLock& lock);

  ByAddress<RwLock> locks_;
};

extern RwLocks rwlocks;

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_SYNC_RWLOCK_H_
