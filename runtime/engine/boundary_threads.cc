// The boundary for threads: creation, joining, names, attributes.
//
// A simulated pthread_t is the thread's number plus one, so that printing a std::thread::id gives
// the same text in every run. Every function that takes a pthread_t must therefore be defined here.
#include <link.h>
#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstring>
#include <string_view>
#include <utility>

#include "runtime/engine/boundary.h"
#include "runtime/engine/lock_order.h"
#include "runtime/engine/scheduler.h"
#include "runtime/engine/signals.h"

namespace interleave::engine {
namespace {

pthread_t HandleOf(const Thread& thread) { return thread.number + 1; }

INTERLEAVE_REAL(pthread_create);
INTERLEAVE_REAL(pthread_join);
INTERLEAVE_REAL(pthread_detach);
INTERLEAVE_REAL(pthread_self);
INTERLEAVE_REAL(pthread_setname_np);
INTERLEAVE_REAL(pthread_getname_np);
INTERLEAVE_REAL(prctl);
INTERLEAVE_REAL(pthread_getaffinity_np);
INTERLEAVE_REAL(pthread_setaffinity_np);
INTERLEAVE_REAL(pthread_getattr_np);
INTERLEAVE_REAL(pthread_cancel);
INTERLEAVE_REAL(pthread_tryjoin_np);
INTERLEAVE_REAL(pthread_timedjoin_np);
INTERLEAVE_REAL(pthread_clockjoin_np);
INTERLEAVE_REAL(pthread_setcancelstate);
INTERLEAVE_REAL(pthread_setcanceltype);

// Why the caller may not join it; 0: it may.
int CannotJoin(Thread* target) {
  if (target == nullptr || target->joined) return ESRCH;
  if (target->detached || target->joiner != nullptr) return EINVAL;
  return target == &scheduler.Current() ? EDEADLK : 0;
}

int Join(pthread_t handle, void** result, Time deadline, std::uintptr_t place) {
  Thread* target = ThreadOf(handle);
  Thread& me = scheduler.Current();
  if (int error = CannotJoin(target)) return error;
  // Joining a thread that has ended commutes with everything, so nobody chooses.
  if (!target->ended) {
    target->joiner = &me;
    bool in_time = scheduler.Wait(StepKind::kJoin, target, place, deadline);
    target->joiner = nullptr;
    if (!in_time) return ETIMEDOUT;
  }
  target->joined = true;
  scheduler.Joined(*target);
  me.known.Join(target->known);
  me.known.Set(target->number, target->epoch);
  lock_order.Orders(*target, me);
  if (result != nullptr) *result = target->result;
  return 0;
}

// gcc's OpenMP makes its futex calls with instructions of its own, past libc: its threads would
// wait for ever, and the only real thread with them.
struct OpenMp {
  std::uintptr_t begin = 0, end = 0;  // its code; nowhere if the program does not use it

  OpenMp() {
    dl_iterate_phdr(
        [](dl_phdr_info* module, std::size_t, void* self) {
          if (std::string_view(module->dlpi_name).find("libgomp.so") == std::string_view::npos) {
            return 0;
          }
          for (int i = 0; i < module->dlpi_phnum; ++i) {
            const ElfW(Phdr)& part = module->dlpi_phdr[i];
            if (part.p_type != PT_LOAD || (part.p_flags & PF_X) == 0) continue;
            static_cast<OpenMp*>(self)->begin = module->dlpi_addr + part.p_vaddr;
            static_cast<OpenMp*>(self)->end = module->dlpi_addr + part.p_vaddr + part.p_memsz;
          }
          return 1;
        },
        this);
  }

  static bool Contains(std::uintptr_t place) {
    static const OpenMp openmp;
    return openmp.begin <= place && place < openmp.end;
  }
};

}  // namespace

Thread* ThreadOf(pthread_t handle) {
  return handle >= 1 && handle <= scheduler.ThreadCount() ? &scheduler.At(handle - 1) : nullptr;
}

void* RunThread(const StartRoutine& start) { return start.function(start.argument); }

}  // namespace interleave::engine

using namespace interleave;
using namespace interleave::engine;

INTERLEAVE_BOUNDARY int pthread_create(pthread_t* handle, const pthread_attr_t* attributes,
                                       void* (*start)(void*), void* argument) noexcept {
  if (!Inside()) return real_pthread_create(handle, attributes, start, argument);
  EngineScope scope;
  if (OpenMp::Contains(INTERLEAVE_PLACE)) Unsupported("an OpenMP parallel region");
  int detach_state = PTHREAD_CREATE_JOINABLE;
  if (attributes != nullptr) pthread_attr_getdetachstate(attributes, &detach_state);
  Thread& me = scheduler.Current();
  Thread& thread = scheduler.NewThread();
  thread.start = {start, argument};
  thread.detached = detach_state == PTHREAD_CREATE_DETACHED;
  thread.policy = me.policy;
  thread.priority = me.priority;
  if (attributes != nullptr) TakePriority(*attributes, thread);
  signals.Created(thread, me);
  ReleaseTo(thread.known, me);
  lock_order.Orders(me, thread);
  *handle = HandleOf(thread);
  return 0;
}

INTERLEAVE_BOUNDARY int pthread_join(pthread_t handle, void** result) {
  if (!Inside()) return real_pthread_join(handle, result);
  EngineScope scope;
  return Join(handle, result, kNever, INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int pthread_tryjoin_np(pthread_t handle, void** result) noexcept {
  if (!Inside()) return real_pthread_tryjoin_np(handle, result);
  EngineScope scope;
  scheduler.Look(StepKind::kJoin, ThreadOf(handle), INTERLEAVE_PLACE);
  if (int error = CannotJoin(ThreadOf(handle))) return error;
  if (!ThreadOf(handle)->ended) return EBUSY;
  return Join(handle, result, kNever, INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int pthread_timedjoin_np(pthread_t handle, void** result,
                                             const timespec* deadline) {
  if (!Inside()) return real_pthread_timedjoin_np(handle, result, deadline);
  EngineScope scope;
  return Join(handle, result, deadline == nullptr ? kNever : ToTime(*deadline), INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int pthread_clockjoin_np(pthread_t handle, void** result, clockid_t clock,
                                             const timespec* deadline) {
  if (!Inside()) return real_pthread_clockjoin_np(handle, result, clock, deadline);
  EngineScope scope;
  return Join(handle, result, deadline == nullptr ? kNever : ToTime(*deadline), INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int pthread_detach(pthread_t handle) noexcept {
  if (!Inside()) return real_pthread_detach(handle);
  Thread* target = ThreadOf(handle);
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
  Thread* target = ThreadOf(handle);
  if (target == nullptr) return ESRCH;
  target->name = name;
  return 0;
}

INTERLEAVE_BOUNDARY int pthread_getname_np(pthread_t handle, char* name, size_t size) noexcept {
  if (!Inside()) return real_pthread_getname_np(handle, name, size);
  EngineScope scope;
  Thread* target = ThreadOf(handle);
  if (target == nullptr) return ESRCH;
  std::string full = target->Name();
  if (size == 0) return ERANGE;
  std::size_t length = std::min(full.size(), size - 1);
  std::memcpy(name, full.data(), length);
  name[length] = '\0';
  return length == full.size() ? 0 : ERANGE;
}

// The same for the calling thread, and here the limit holds: that is how large a caller's array is.
INTERLEAVE_BOUNDARY int prctl(int option, ...) noexcept {
  va_list list;
  va_start(list, option);
  const long a = va_arg(list, long), b = va_arg(list, long);
  const long c = va_arg(list, long), d = va_arg(list, long);
  va_end(list);
  constexpr std::size_t kBytes = 16;
  auto* name = reinterpret_cast<char*>(a);
  if (Inside() && option == PR_SET_NAME) {
    EngineScope scope;
    scheduler.Current().name.assign(name, strnlen(name, kBytes - 1));
    return 0;
  }
  if (Inside() && option == PR_GET_NAME) {
    pthread_getname_np(pthread_self(), name, kBytes);
    return 0;
  }
  return real_prctl(option, a, b, c, d);
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
  Thread* target = ThreadOf(handle);
  if (target == nullptr) return ESRCH;
  pthread_attr_init(attributes);
  return pthread_attr_setstack(attributes, target->fiber.GetStack()->Bottom(), kStackBytes);
}

INTERLEAVE_BOUNDARY int pthread_cancel(pthread_t handle) {
  if (!Inside()) return real_pthread_cancel(handle);
  Unsupported("pthread_cancel");
}

// Nobody is cancelled, but a thread is told what it said before.

INTERLEAVE_BOUNDARY int pthread_setcancelstate(int state, int* before) {
  if (!Inside()) return real_pthread_setcancelstate(state, before);
  int last = std::exchange(scheduler.Current().cancel_state, state);
  if (before != nullptr) *before = last;
  return 0;
}

INTERLEAVE_BOUNDARY int pthread_setcanceltype(int type, int* before) {
  if (!Inside()) return real_pthread_setcanceltype(type, before);
  int last = std::exchange(scheduler.Current().cancel_type, type);
  if (before != nullptr) *before = last;
  return 0;
}
