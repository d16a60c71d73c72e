// runtime/engine/annotations.h
//
// Some libraries build locks of their own and tell ThreadSanitizer about them by calling functions
// of <sanitizer/tsan_interface.h>: newer libstdc++ does so in std::atomic<std::shared_ptr>, which
// spins on a bit. Whoever unlocks passes on what it knows, as with any lock; a reader's unlock only
// to the next writer.
//
// That a thread waits, and that the lock is taken, are its atomic operations' business.
#ifndef INTERLEAVE_RUNTIME_ENGINE_ANNOTATIONS_H_
#define INTERLEAVE_RUNTIME_ENGINE_ANNOTATIONS_H_

#include "runtime/engine/by_address.h"
#include "runtime/engine/thread.h"
#include "runtime/engine/vector_clock.h"

namespace interleave::engine {

class Annotations {
 public:
  void Clear() { locks_.Clear(); }

  void Locked(const void* lock, Thread& thread, bool to_read);
  void Unlocks(const void* lock, Thread& thread, bool to_read);

 private:
  struct Lock {
    VectorClock written;
    VectorClock read;
    void Reset() {
      written.Clear();
      read.Clear();
    }
  };
  ByAddress<Lock> locks_;
};

extern Annotations annotations;

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_ANNOTATIONS_H_
