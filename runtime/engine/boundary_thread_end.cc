// The boundary for what a thread leaves behind: thread-specific values and the destructors of its
// thread_locals; and for pthread_exit, which ends a thread in the middle of its functions. The
// stack is unwound as for an exception that nobody may keep, so destructors run (on Linux, too).
#include <pthread.h>
#include <setjmp.h>
#include <unwind.h>

#include <utility>

#include "runtime/engine/boundary.h"
#include "runtime/engine/scheduler.h"
#include "runtime/engine/sync.h"

namespace interleave::engine {
namespace {

INTERLEAVE_REAL(pthread_key_create);
INTERLEAVE_REAL(pthread_key_delete);
INTERLEAVE_REAL(pthread_getspecific);
INTERLEAVE_REAL(pthread_setspecific);
constinit Real<void(void*)> real_pthread_exit{"pthread_exit"};  // clang's type says noreturn
constinit Real<void(void*)> real_register_cancel{"__pthread_register_cancel"};
constinit Real<void(void*)> real_unregister_cancel{"__pthread_unregister_cancel"};
constinit Real<void(void*)> real_unwind_next{"__pthread_unwind_next"};

constexpr int kKeys = 1024;  // PTHREAD_KEYS_MAX
void (*key_destructors[kKeys])(void*);

void RunKeyDestructors() {
  Thread& me = scheduler.Current();
  for (int round = 0; round < PTHREAD_DESTRUCTOR_ITERATIONS; ++round) {
    for (std::size_t key = 0; key < me.key_values.size(); ++key) {
      void* value = const_cast<void*>(std::exchange(me.key_values[key], nullptr));
      if (value != nullptr && key_destructors[key] != nullptr) key_destructors[key](value);
    }
  }
}

// The last of the thread, on what is left of its stack.
[[noreturn]] void LeaveThread() {
  FinishThread();
  simulating.store(0, std::memory_order_relaxed);
  scheduler.EndThread();
}

// Asked before each frame that is about to be left.
_Unwind_Reason_Code GoOn(int, _Unwind_Action actions, _Unwind_Exception_Class, _Unwind_Exception*,
                         _Unwind_Context* context, void*) {
  bool at_the_bottom = (actions & _UA_END_OF_STACK) != 0;
  std::vector<void*>& functions = scheduler.Current().cleanup_functions;
  if (!functions.empty()) {
    void* last = functions.back();
    if (at_the_bottom || _Unwind_GetCFA(context) > reinterpret_cast<std::uintptr_t>(last)) {
      functions.pop_back();
      longjmp(static_cast<__jmp_buf_tag*>(last), 1);
    }
  }
  if (at_the_bottom) LeaveThread();
  return _URC_NO_REASON;
}

void WasKept(_Unwind_Reason_Code, _Unwind_Exception*) {
  EngineScope scope;
  scheduler.End(Ending::kAbort,
                "pthread_exit was caught and not thrown again in " + scheduler.Current().Name());
}

[[noreturn]] void Unwind() {
  _Unwind_Exception& leaving = scheduler.Current().leaving;
  leaving = {};
  leaving.exception_cleanup = WasKept;
  _Unwind_ForcedUnwind(&leaving, GoOn, nullptr);
  LeaveThread();  // a stack that cannot be walked to its end
}

}  // namespace

void RunThreadExitFunctions() {
  // A destructor may use another thread_local and so register one more.
  Thread& me = scheduler.Current();
  while (!me.exit_functions.empty()) {
    ThreadExitFunction last = me.exit_functions.back();
    me.exit_functions.pop_back();
    last.function(last.object);
  }
}

void FinishThread() {
  RunThreadExitFunctions();
  if (!scheduler.Current().key_values.empty()) RunKeyDestructors();
  EngineScope scope;
  locks.OwnerEnds(scheduler.Current());
}

}  // namespace interleave::engine

using namespace interleave;
using namespace interleave::engine;

INTERLEAVE_BOUNDARY void pthread_exit(void* result) {
  if (Inside()) {
    scheduler.Current().result = result;
    Unwind();
  }
  real_pthread_exit(result);
  __builtin_unreachable();
}

// pthread_cleanup_push of a C program, which has no destructors: a place to jump to. It is in the
// frame of the function that called it. (That of a C++ program is an object with a destructor.)

INTERLEAVE_BOUNDARY void __pthread_register_cancel(void* place) {
  if (!Inside()) return real_register_cancel(place);
  EngineScope scope;
  scheduler.Current().cleanup_functions.push_back(place);
}

INTERLEAVE_BOUNDARY void __pthread_unregister_cancel(void* place) {
  if (!Inside()) return real_unregister_cancel(place);
  EngineScope scope;
  scheduler.Current().cleanup_functions.pop_back();
}

// Called behind the function that was to clean up.
INTERLEAVE_BOUNDARY void __pthread_unwind_next(void* place) {
  if (Inside()) Unwind();
  real_unwind_next(place);
}

// Thread-specific values. Thread 0 also finds those that the OS thread had before the simulation:
// a library may have set one.

INTERLEAVE_BOUNDARY int pthread_key_create(pthread_key_t* key, void (*destructor)(void*)) noexcept {
  int error = real_pthread_key_create(key, destructor);
  if (error == 0 && *key < kKeys) key_destructors[*key] = destructor;
  return error;
}

INTERLEAVE_BOUNDARY int pthread_key_delete(pthread_key_t key) noexcept {
  if (Inside() && key < kKeys) {
    key_destructors[key] = nullptr;
    for (std::size_t t = 0; t < scheduler.ThreadCount(); ++t) {
      std::vector<const void*>& values = scheduler.At(t).key_values;
      if (key < values.size()) values[key] = nullptr;
    }
  }
  return real_pthread_key_delete(key);
}

INTERLEAVE_BOUNDARY void* pthread_getspecific(pthread_key_t key) noexcept {
  if (!Inside()) return real_pthread_getspecific(key);
  const Thread& me = scheduler.Current();
  const void* value = key < me.key_values.size() ? me.key_values[key] : nullptr;
  if (value == nullptr && me.number == 0) return real_pthread_getspecific(key);
  return const_cast<void*>(value);
}

INTERLEAVE_BOUNDARY int pthread_setspecific(pthread_key_t key, const void* value) noexcept {
  if (!Inside()) return real_pthread_setspecific(key, value);
  EngineScope scope;
  if (key >= kKeys) return EINVAL;
  std::vector<const void*>& values = scheduler.Current().key_values;
  if (key >= values.size()) values.resize(key + 1);
  values[key] = value;
  return 0;
}

extern "C" int __cxa_thread_atexit_impl(void (*)(void*), void*, void*) noexcept;

// libstdc++ registers the destructors of thread_local objects here.
INTERLEAVE_BOUNDARY int __cxa_thread_atexit(void (*destructor)(void*), void* object,
                                            void* library) noexcept {
  if (!Inside()) return __cxa_thread_atexit_impl(destructor, object, library);
  EngineScope scope;
  scheduler.Current().exit_functions.push_back({destructor, object});
  return 0;
}
