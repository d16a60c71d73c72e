// runtime/engine/sync.h
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
#include "runtime/engine/standing.h"
#include "runtime/engine/thread.h"
#include "runtime/engine/vector_clock.h"

namespace interleave::engine {

// What a mutex is asked to be, by its attributes.
struct MutexType {
  enum Kind { kNormal, kRecursive, kErrorCheck };
  Kind kind = kNormal;
  bool robust = false;  // survives the end of its owner

  static MutexType Of(const pthread_mutex_t* mutex);

  // A normal one does not say so if it is unlocked by somebody who does not hold it; to do that is
  // undefined behaviour all the same.
  bool NamesMisuse() const { return kind != kNormal || robust; }
};

struct Mutex {
  // Of a robust one: whether an owner has ended, and whether what it left behind was put in order
  // (pthread_mutex_consistent) before the next unlock.
  enum class State { kConsistent, kOwnerDied, kNotRecoverable };

  const void* address = nullptr;
  Thread* owner = nullptr;
  int depth = 0;      // of a recursive one
  Standing standing;  // those who stop before locking it
  VectorClock clock;  // what the last owner knew when it unlocked
  State state = State::kConsistent;

  void Reset() {
    owner = nullptr;
    depth = 0;
    state = State::kConsistent;
    standing.Clear();
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
  // Spin locks are mutexes, too: whoever spins waits.
  int Lock(const void* mutex, MutexType type, Time deadline, std::uintptr_t place);
  int TryLock(const void* mutex, MutexType type, std::uintptr_t place);
  // `waiters`, if it is given: a condition on which those wait who look again after every unlock.
  int Unlock(const void* mutex, MutexType type, std::uintptr_t place,
             const void* waiters = nullptr);
  int MakeConsistent(pthread_mutex_t* mutex);

  // The memory is a new mutex now, or none any more. EBUSY: somebody holds it.
  int RenewMutex(const void* mutex);

  // At the end of a thread: the robust mutexes that it holds are free again.
  void OwnerEnds(Thread& thread);

  int Wait(const void* condition, const void* mutex, MutexType type, Time deadline,
           std::uintptr_t place);
  int Notify(const void* condition, bool all, std::uintptr_t place);
  void RenewCondition(const void* condition);

  // As the system call: 0, or -1 with errno.
  long FutexWait(const std::uint32_t* word, std::uint32_t expected, Time deadline,
                 std::uintptr_t place);
  long FutexWake(const std::uint32_t* word, int count, std::uintptr_t place);

  const ByAddress<Mutex>& Mutexes() const { return mutexes_; }

 private:
  Mutex& Of(const void* mutex);
  int Take(Mutex& mutex, Thread& thread, MutexType type);
  static void Release(Mutex& mutex, Thread& thread);
  static void Wake(const Condition::Waiter& waiter);
  static void WakeAll(Condition& condition);

  ByAddress<Mutex> mutexes_;
  std::vector<Mutex*> robust_;  // those that somebody holds
  ByAddress<Condition> conditions_;
  ByAddress<Futex> futexes_;
};

extern Sync locks;

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_SYNC_H_
