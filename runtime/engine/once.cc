#include "runtime/engine/once.h"

#include "runtime/engine/atomics.h"
#include "runtime/engine/boundary.h"
#include "runtime/engine/scheduler.h"

namespace interleave::engine {

Once once;

bool Once::Enter(const void* address, bool done, std::uintptr_t place) {
  Thread& me = scheduler.Current();
  Gate& gate = gates_.Of(address);
  if (done) {
    scheduler.Touches(address, false);
  } else {
    scheduler.Visible(StepKind::kLock, address, place);
  }
  gate.done |= done;
  while (gate.inside != nullptr) {
    gate.waiters.push_back(&me);
    scheduler.Wait(StepKind::kWait, address, place, kNever);
  }
  me.known.Join(gate.clock);
  if (gate.done) return false;
  gate.inside = &me;
  return true;
}

void Once::Leave(const void* address, bool done) {
  Gate& gate = gates_.Of(address);
  gate.inside = nullptr;
  gate.done = done;
  scheduler.Touches(address);
  ReleaseTo(gate.clock, scheduler.Current());
  for (Thread* waiter : gate.waiters) scheduler.WakeSettle(*waiter);
  gate.waiters.clear();
}

}  // namespace interleave::engine

using namespace interleave::engine;

namespace {
INTERLEAVE_REAL(pthread_once);
constinit Real<int(char*)> real_guard_acquire{"__cxa_guard_acquire"};
constinit Real<void(char*)> real_guard_release{"__cxa_guard_release"};
constinit Real<void(char*)> real_guard_abort{"__cxa_guard_abort"};
}  // namespace

// std::call_once. glibc keeps 2 in the control word when it is done; so does this, and whoever asks
// outside of a simulation later gets the same answer.
INTERLEAVE_BOUNDARY int pthread_once(pthread_once_t* control, void (*initialize)()) {
  if (!Inside()) return real_pthread_once(control, initialize);
  bool mine;
  {
    EngineScope scope;
    mine = once.Enter(control, *control == 2, INTERLEAVE_PLACE);
  }
  if (!mine) return 0;
  try {
    initialize();
  } catch (...) {
    EngineScope scope;
    once.Leave(control, false);
    throw;
  }
  EngineScope scope;
  *control = 2;
  once.Leave(control, true);
  return 0;
}

// Function-local statics (Itanium C++ ABI 3.3.3): the first byte of the guard is 1 when the object
// is constructed, and the compiler tests it with an acquire load before it calls any of these.
INTERLEAVE_BOUNDARY int __cxa_guard_acquire(char* guard) {
  if (!Inside()) return real_guard_acquire(guard);
  EngineScope scope;
  return once.Enter(guard, *guard != 0, INTERLEAVE_PLACE) ? 1 : 0;
}

INTERLEAVE_BOUNDARY void __cxa_guard_release(char* guard) noexcept {
  if (!Inside()) return real_guard_release(guard);
  EngineScope scope;
  *guard = 1;
  atomics.Publish(guard);
  once.Leave(guard, true);
}

INTERLEAVE_BOUNDARY void __cxa_guard_abort(char* guard) noexcept {
  if (!Inside()) return real_guard_abort(guard);
  EngineScope scope;
  once.Leave(guard, false);
}
