// runtime/engine/once.h
//
// Something that one thread does while the others wait, and that is done from then on:
// std::call_once and the construction of a function-local static.
#ifndef INTERLEAVE_RUNTIME_ENGINE_ONCE_H_
#define INTERLEAVE_RUNTIME_ENGINE_ONCE_H_

#include <cstdint>
#include <vector>

#include "runtime/engine/by_address.h"
#include "runtime/engine/thread.h"

namespace interleave::engine {

class Once {
 public:
  void Clear() { gates_.Clear(); }

  // True: the caller does it now and calls Leave. False: it is done. Waits while another thread is
  // at it. `done` says whether it was done when the call came.
  bool Enter(const void* gate, bool done, std::uintptr_t place);

  // Done, or given up with an exception (whoever comes next tries again: the program's own flag
  // tells them).
  void Leave(const void* gate, bool done);

 private:
  struct Gate {
    Thread* inside = nullptr;
    bool done = false;
    std::vector<Thread*> waiters;
    VectorClock clock;
    void Reset() {
      inside = nullptr;
      done = false;
      waiters.clear();
      clock.Clear();
    }
  };
  ByAddress<Gate> gates_;
};

extern Once once;

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_ONCE_H_
