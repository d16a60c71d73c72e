// runtime/engine/atomics.h
//
// Atomic operations as the C++ memory model has them, in the clocks: what a thread knows of the
// others after it has read. Values are sequentially consistent here: memory holds the newest one
// and every load returns it. So a flag that is published relaxed is found as a race on the data
// behind it, although no run reads a stale value. Runs that do have a memory model besides
// (memory_model.h), which also keeps the clocks.
//
// The rules ([atomics.order], [atomics.fences], release sequences as of P0982):
//
//   store, release    the location's clock becomes the thread's
//   store, relaxed    ... becomes what the thread knew at its last release fence
//   read, acquire     the thread learns the location's clock
//   read, relaxed     ... as soon as it comes to an acquire fence
//   update            both; its own release joins the location's clock, which goes on
#ifndef INTERLEAVE_RUNTIME_ENGINE_ATOMICS_H_
#define INTERLEAVE_RUNTIME_ENGINE_ATOMICS_H_

#include <cstddef>
#include <cstdint>

#include "runtime/engine/by_address.h"
#include "runtime/engine/thread.h"
#include "runtime/engine/vector_clock.h"

namespace interleave::engine {

// The numbers that compilers pass to the hooks, those of __ATOMIC_RELAXED to __ATOMIC_SEQ_CST.
enum class MemoryOrder { kRelaxed, kConsume, kAcquire, kRelease, kAcqRel, kSeqCst };

inline bool Acquires(MemoryOrder order) {
  return order != MemoryOrder::kRelaxed && order != MemoryOrder::kRelease;
}
inline bool Releases(MemoryOrder order) { return order >= MemoryOrder::kRelease; }

// What a read of a store, a store, and a fence mean for the clocks, whichever values there are.
inline void AcquireFrom(const VectorClock& released, Thread& thread, MemoryOrder order) {
  (Acquires(order) ? thread.known : thread.pending_acquires).Join(released);
}

inline void ReleaseTo(VectorClock& released, Thread& thread, MemoryOrder order) {
  if (Releases(order)) {
    ReleaseTo(released, thread);
  } else {
    released.Join(thread.release_fence);
  }
}

inline void PassFence(Thread& thread, MemoryOrder order) {
  if (Acquires(order)) thread.known.Join(thread.pending_acquires);
  if (Releases(order)) {
    thread.release_fence.Clear();
    ReleaseTo(thread.release_fence, thread);
  }
}

class Atomics {
 public:
  void Clear() { locations_.Clear(); }

  void Read(Thread& thread, const void* address, MemoryOrder order);
  void Write(Thread& thread, const void* address, MemoryOrder order);
  void Update(Thread& thread, const void* address, MemoryOrder order);

  // A release store that the program made where no hook sees it.
  void Publish(const void* address);

  // The 8 bytes from `begin` are no atomics any more.
  void Forget(std::uintptr_t begin);

 private:
  struct Location {
    VectorClock released;
    void Reset() { released.Clear(); }
  };
  ByAddress<Location> locations_;
};

extern Atomics atomics;

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_ATOMICS_H_
