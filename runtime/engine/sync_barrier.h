// runtime/engine/sync_barrier.h
//
// POSIX barriers as a simulation has them: whoever arrives waits until all have arrived, and then
// all go on. (std::barrier is another thing: atomics and a futex.)
#ifndef INTERLEAVE_RUNTIME_ENGINE_SYNC_BARRIER_H_
#define INTERLEAVE_RUNTIME_ENGINE_SYNC_BARRIER_H_

#include <pthread.h>

#include <cstdint>
#include <vector>

#include "runtime/engine/by_address.h"
#include "runtime/engine/thread.h"
#include "runtime/engine/vector_clock.h"

namespace interleave::engine {

struct Barrier {
  std::vector<Thread*> arrived;  // in this round
  VectorClock clock;             // what they knew

  void Reset() {
    arrived.clear();
    clock.Clear();
  }
};

class Barriers {
 public:
  void Clear() { barriers_.Clear(); }

  // PTHREAD_BARRIER_SERIAL_THREAD for the last one, 0 for the others.
  int Wait(pthread_barrier_t* barrier, std::uintptr_t place);

  // The memory is a new barrier now, or none any more. EBUSY: somebody waits at it.
  int Renew(pthread_barrier_t* barrier);

  const ByAddress<Barrier>& All() const { return barriers_; }

 private:
  ByAddress<Barrier> barriers_;
};

extern Barriers barriers;

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_SYNC_BARRIER_H_
