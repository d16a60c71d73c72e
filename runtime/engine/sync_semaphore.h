// runtime/engine/sync_semaphore.h
//
// POSIX semaphores as a simulation has them. The value that the program gave to sem_init is in the
// program's own bytes and stays there; what has been added and taken in this run is kept beside.
//
// (std::counting_semaphore is another thing: an atomic and a futex.)
#ifndef INTERLEAVE_RUNTIME_ENGINE_SYNC_SEMAPHORE_H_
#define INTERLEAVE_RUNTIME_ENGINE_SYNC_SEMAPHORE_H_

#include <semaphore.h>

#include <cstdint>
#include <vector>

#include "runtime/engine/by_address.h"
#include "runtime/engine/standing.h"
#include "runtime/engine/thread.h"
#include "runtime/engine/vector_clock.h"

namespace interleave::engine {

struct Semaphore {
  bool used = false;  // in this run, so that `value` is known
  unsigned value = 0;
  Standing standing;  // those who stop before taking one
  VectorClock clock;  // what those knew who added

  void Reset() {
    used = false;
    standing.Clear();
    clock.Clear();
  }
};

class Semaphores {
 public:
  void Clear() { semaphores_.Clear(); }

  // Return values are those of the sem_ functions, but errors are returned, not left in errno.
  int Acquire(sem_t* semaphore, Time deadline, std::uintptr_t place);
  int TryAcquire(sem_t* semaphore, std::uintptr_t place);
  int Release(sem_t* semaphore, std::uintptr_t place);
  unsigned Value(sem_t* semaphore, std::uintptr_t place);

  // The memory is a new semaphore now, or none any more.
  void Renew(sem_t* semaphore);

  const ByAddress<Semaphore>& All() const { return semaphores_; }

 private:
  Semaphore& Of(sem_t* semaphore);
  static void Take(Semaphore& semaphore, Thread& thread);

  ByAddress<Semaphore> semaphores_;
};

extern Semaphores semaphores;

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_SYNC_SEMAPHORE_H_
