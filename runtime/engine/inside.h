// runtime/engine/inside.h
//
// One test decides whether a call belongs to a simulation: the boundary's functions and the memory
// hooks ask it first, and where the answer is no they go on to libc at once. It is a load and a
// comparison, because std::mutex in real mode pays for it at every lock.
//
// While the engine itself runs the answer is no as well. The engine and the program under test may
// share one copy of an inline standard function, and the linker may have kept the instrumented one:
// without this the engine's own vectors would call back into the engine.
#ifndef INTERLEAVE_RUNTIME_ENGINE_INSIDE_H_
#define INTERLEAVE_RUNTIME_ENGINE_INSIDE_H_

#include <atomic>
#include <cstdint>

namespace interleave::engine {

// The thread pointer of the OS thread on which simulated code runs at this moment; 0 when none
// does.
inline constinit std::atomic<std::uintptr_t> simulating{0};

inline std::uintptr_t ThisOsThread() {
  return reinterpret_cast<std::uintptr_t>(__builtin_thread_pointer());
}

inline bool Inside() { return simulating.load(std::memory_order_relaxed) == ThisOsThread(); }

// The engine at work, called by simulated code. Fibers are switched only within one, so whoever
// comes back is in one, too.
class EngineScope {
 public:
  EngineScope() { simulating.store(0, std::memory_order_relaxed); }
  ~EngineScope() { simulating.store(ThisOsThread(), std::memory_order_relaxed); }
  EngineScope(const EngineScope&) = delete;
  EngineScope& operator=(const EngineScope&) = delete;
};

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_INSIDE_H_
