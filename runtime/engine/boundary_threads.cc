// The boundary for threads: creation, joining, names, thread-specific values.
//
// A simulated pthread_t is the thread's number plus one, so that printing a std::thread::id gives
// the same text in every run. Every function that takes a pthread_t must therefore be defined here.
#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include <cerrno>
#include <cstring>

#include "runtime/engine/boundary.h"
#include "runtime/engine/scheduler.h"

namespace interleave::engine {
namespace {

// Null: not a thread of this simulation.
Thread* Of(pthread_t handle) {
  return handle >= 1 && handle <= scheduler.ThreadCount() ? &scheduler.At(handle - 1) : nullptr;
}

pthread_t HandleOf(const Thread& thread) { return thread.number + 1; }

constexpr int kKeys = 1024;  // PTHREAD_KEYS_MAX
void (*key_destructors[kKeys])(void*);

INTERLEAVE_REAL(pthread_create);
INTERLEAVE_REAL(pthread_join);
INTERLEAVE_REAL(pthread_detach);
INTERLEAVE_REAL(pthread_self);
INTERLEAVE_REAL(pthread_setname_np);
INTERLEAVE_REAL(pthread_getname_np);
INTERLEAVE_REAL(pthread_key_create);
INTERLEAVE_REAL(pthread_getspecific);
INTERLEAVE_REAL(pthread_setspecific);
INTERLEAVE_REAL(pthread_getschedparam);
INTERLEAVE_REAL(pthread_setschedparam);
INTERLEAVE_REAL(pthread_getaffinity_np);
INTERLEAVE_REAL(pthread_setaffinity_np);
INTERLEAVE_REAL(pthread_getattr_np);
INTERLEAVE_REAL(pthread_kill);
INTERLEAVE_REAL(pthread_cancel);
INTERLEAVE_REAL(pthread_exit);
INTERLEAVE_REAL(pthread_tryjoin_np);
INTERLEAVE_REAL(pthread_timedjoin_np);

}  // namespace

void* RunThread(const StartRoutine& start) { return start.function(start.argument); }

void RunThreadExitFunctions() {
  // A destructor may use another thread_local and so register one more.
  Thread& me = scheduler.Current();
  if (me.exit_functions.empty() && me.key_values.empty()) return;
  while (!me.exit_functions.empty()) {
    ThreadExitFunction last = me.exit_functions.back();
    me.exit_functions.pop_back();
    last.function(last.object);
  }
  for (int round = 0; round < PTHREAD_DESTRUCTOR_ITERATIONS; ++round) {
    for (std::size_t key = 0; key < me.key_values.size(); ++key) {
      void* value = const_cast<void*>(me.key_values[key]);
      me.key_values[key] = nullptr;
      if (value != nullptr && key_destructors[key] != nullptr) key_destructors[key](value);
    }
  }
}

}  // namespace interleave::engine

using namespace interleave;
using namespace interleave::engine;

INTERLEAVE_BOUNDARY int pthread_create(pthread_t* handle, const pthread_attr_t* attributes,
                                       void* (*start)(void*), void* argument) noexcept {
  if (!Inside()) return real_pthread_create(handle, attributes, start, argument);
  EngineScope scope;
  int detach_state = PTHREAD_CREATE_JOINABLE;
  if (attributes != nullptr) pthread_attr_getdetachstate(attributes, &detach_state);
  Thread& me = scheduler.Current();
  Thread& thread = scheduler.NewThread();
  thread.start = {start, argument};
  thread.detached = detach_state == PTHREAD_CREATE_DETACHED;
  thread.priority = me.priority;
  ReleaseTo(thread.known, me);
  *handle = HandleOf(thread);
  return 0;
}

INTERLEAVE_BOUNDARY int pthread_join(pthread_t handle, void** result) {
  if (!Inside()) return real_pthread_join(handle, result);
  EngineScope scope;
  Thread* target = Of(handle);
  Thread& me = scheduler.Current();
  if (target == nullptr || target->joined || target->detached || target->joiner != nullptr) {
    return target == nullptr || target->joined ? ESRCH : EINVAL;
  }
  if (target == &me) return EDEADLK;
  // Joining a thread that has ended commutes with everything, so nobody chooses.
  if (!target->ended) {
    target->joiner = &me;
    scheduler.Wait(StepKind::kJoin, target, INTERLEAVE_PLACE, kNever);
  }
  target->joined = true;
  scheduler.Joined();
  me.known.Join(target->known);
  me.known.Set(target->number, target->epoch);
  if (result != nullptr) *result = target->result;
  return 0;
}

INTERLEAVE_BOUNDARY int pthread_tryjoin_np(pthread_t handle, void** result) noexcept {
  if (!Inside()) return real_pthread_tryjoin_np(handle, result);
  {
    EngineScope scope;
    scheduler.Visible(StepKind::kJoin, Of(handle), INTERLEAVE_PLACE);
    if (Thread* target = Of(handle); target != nullptr && !target->ended) return EBUSY;
  }
  return pthread_join(handle, result);
}

INTERLEAVE_BOUNDARY int pthread_timedjoin_np(pthread_t handle, void** result,
                                             const timespec* deadline) {
  if (!Inside()) return real_pthread_timedjoin_np(handle, result, deadline);
  Unsupported("pthread_timedjoin_np");
}

INTERLEAVE_BOUNDARY int pthread_detach(pthread_t handle) noexcept {
  if (!Inside()) return real_pthread_detach(handle);
  Thread* target = Of(handle);
  if (target == nullptr) return ESRCH;
  if (target->detached || target->joined) return EINVAL;
  target->detached = true;
  return 0;
}

INTERLEAVE_BOUNDARY pthread_t pthread_self() noexcept {
  if (!Inside()) return real_pthread_self();
  return HandleOf(scheduler.Current());
}

// Names may be of any length here; the kernel's limit of 15 bytes stays for real threads.
INTERLEAVE_BOUNDARY int pthread_setname_np(pthread_t handle, const char* name) noexcept {
  if (!Inside()) return real_pthread_setname_np(handle, name);
  EngineScope scope;
  Thread* target = Of(handle);
  if (target == nullptr) return ESRCH;
  target->name = name;
  return 0;
}

INTERLEAVE_BOUNDARY int pthread_getname_np(pthread_t handle, char* name, size_t size) noexcept {
  if (!Inside()) return real_pthread_getname_np(handle, name, size);
  EngineScope scope;
  Thread* target = Of(handle);
  if (target == nullptr) return ESRCH;
  std::string full = target->Name();
  if (size == 0) return ERANGE;
  std::size_t length = std::min(full.size(), size - 1);
  std::memcpy(name, full.data(), length);
  name[length] = '\0';
  return length == full.size() ? 0 : ERANGE;
}

INTERLEAVE_BOUNDARY int pthread_setschedparam(pthread_t handle, int policy,
                                              const sched_param* parameters) noexcept {
  if (!Inside()) return real_pthread_setschedparam(handle, policy, parameters);
  Thread* target = Of(handle);
  if (target == nullptr) return ESRCH;
  target->policy = policy;
  target->priority = parameters->sched_priority;
  return 0;
}

INTERLEAVE_BOUNDARY int pthread_getschedparam(pthread_t handle, int* policy,
                                              sched_param* parameters) noexcept {
  if (!Inside()) return real_pthread_getschedparam(handle, policy, parameters);
  Thread* target = Of(handle);
  if (target == nullptr) return ESRCH;
  *policy = target->policy;
  parameters->sched_priority = target->priority;
  return 0;
}

// What is asked of the OS thread is answered for the one that they all share.
INTERLEAVE_BOUNDARY int pthread_getaffinity_np(pthread_t handle, size_t size,
                                               cpu_set_t* set) noexcept {
  return real_pthread_getaffinity_np(Inside() ? real_pthread_self() : handle, size, set);
}

INTERLEAVE_BOUNDARY int pthread_setaffinity_np(pthread_t handle, size_t size,
                                               const cpu_set_t* set) noexcept {
  if (Inside()) return 0;  // simulated threads have no processors
  return real_pthread_setaffinity_np(handle, size, set);
}

INTERLEAVE_BOUNDARY int pthread_getattr_np(pthread_t handle, pthread_attr_t* attributes) noexcept {
  if (!Inside()) return real_pthread_getattr_np(handle, attributes);
  Thread* target = Of(handle);
  if (target == nullptr) return ESRCH;
  pthread_attr_init(attributes);
  return pthread_attr_setstack(attributes, target->fiber.GetStack()->Bottom(), kStackBytes);
}

INTERLEAVE_BOUNDARY int pthread_kill(pthread_t handle, int signal) noexcept {
  if (!Inside()) return real_pthread_kill(handle, signal);
  if (signal == 0) return Of(handle) == nullptr ? ESRCH : 0;
  Unsupported("pthread_kill");
}

INTERLEAVE_BOUNDARY int pthread_cancel(pthread_t handle) {
  if (!Inside()) return real_pthread_cancel(handle);
  Unsupported("pthread_cancel");
}

INTERLEAVE_BOUNDARY void pthread_exit(void* result) {
  if (Inside()) Unsupported("pthread_exit");
  real_pthread_exit(result);
  __builtin_unreachable();
}

// Thread-specific values. Those of thread 0 are the OS thread's own: a library that set one before
// the simulation finds it again.

INTERLEAVE_BOUNDARY int pthread_key_create(pthread_key_t* key, void (*destructor)(void*)) noexcept {
  int error = real_pthread_key_create(key, destructor);
  if (error == 0 && *key < kKeys) key_destructors[*key] = destructor;
  return error;
}

INTERLEAVE_BOUNDARY void* pthread_getspecific(pthread_key_t key) noexcept {
  if (!Inside() || scheduler.Current().number == 0) return real_pthread_getspecific(key);
  const std::vector<const void*>& values = scheduler.Current().key_values;
  return key < values.size() ? const_cast<void*>(values[key]) : nullptr;
}

INTERLEAVE_BOUNDARY int pthread_setspecific(pthread_key_t key, const void* value) noexcept {
  if (!Inside() || scheduler.Current().number == 0) return real_pthread_setspecific(key, value);
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
