// runtime/engine/locks.h
//
// Mutexes, condition variables and futexes as a simulation has them: who holds, who waits. Each is
// a waiting list and a call to the scheduler. The boundary's functions (boundary_*.cc) are thin
// wrappers around these.
#ifndef INTERLEAVE_RUNTIME_ENGINE_SYNC_H_
#define INTERLEAVE_RUNTIME_ENGINE_SYNC_H_

#include <pthread.h>

#include <cstdint>
#include <vector>

#include "runtime/engine/by_address.h"
#include "runtime/engine/thread.h"
#include "runtime/engine/vector_clock.h"

namespace interleave::engine {

struct Mutex {
  const void* address = nullptr;
  Thread* owner = nullptr;
  int depth = 0;                  // of a recursive one
  std::vector<Thread*> standing;  // those who stop before locking it
  VectorClock clock;              // what the last owner knew when it unlocked

  void Reset() {
    owner = nullptr;
    depth = 0;
    standing.clear();
    clock.Clear();
  }
};

struct Condition {
  struct Waiter {
    Thread* thread;
    Mutex* mutex;
  };
  std::vector<Waiter> waiters;  // in order of arrival

  void Reset() { waiters.clear(); }
};

struct Futex {
  std::vector<Thread*> waiters;

  void Reset() { waiters.clear(); }
};

class Sync {
 public:
  void Clear();

  // Return values are those of the pthread functions. Deadlines are virtual; kNever: none.
  int Lock(pthread_mutex_t* mutex, Time deadline, std::uintptr_t place);
  int TryLock(pthread_mutex_t* mutex, std::uintptr_t place);
  int Unlock(pthread_mutex_t* mutex, std::uintptr_t place);

  int Wait(pthread_cond_t* condition, pthread_mutex_t* mutex, Time deadline, std::uintptr_t place);
  int Notify(pthread_cond_t* condition, bool all, std::uintptr_t place);

  // As the system call: 0, or -1 with errno.
  long FutexWait(const std::uint32_t* word, std::uint32_t expected, Time deadline,
                 std::uintptr_t place);
  long FutexWake(const std::uint32_t* word, int count, std::uintptr_t place);

  const ByAddress<Mutex>& Mutexes() const { return mutexes_; }

 private:
  Mutex& Of(pthread_mutex_t* mutex);
  static void Take(Mutex& mutex, Thread& thread);
  static void Release(Mutex& mutex, Thread& thread);
  static void Wake(const Condition::Waiter& waiter);

  ByAddress<Mutex> mutexes_;
  ByAddress<Condition> conditions_;
  ByAddress<Futex> futexes_;
};

extern Sync locks;

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_SYNC_H_
