// The boundary for what threads wait on: mutexes, condition variables, futexes. What has no
// model yet is refused.
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/syscall.h>
#include <threads.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>

#include "runtime/engine/boundary.h"
#include "runtime/engine/scheduler.h"
#include "runtime/engine/sync.h"

namespace {

using interleave::engine::kNever;
using interleave::engine::Time;

INTERLEAVE_REAL(pthread_mutex_lock);
INTERLEAVE_REAL(pthread_mutex_trylock);
INTERLEAVE_REAL(pthread_mutex_timedlock);
INTERLEAVE_REAL(pthread_mutex_clocklock);
INTERLEAVE_REAL(pthread_mutex_unlock);
INTERLEAVE_REAL(pthread_cond_wait);
INTERLEAVE_REAL(pthread_cond_timedwait);
INTERLEAVE_REAL(pthread_cond_clockwait);
INTERLEAVE_REAL(pthread_cond_signal);
INTERLEAVE_REAL(pthread_cond_broadcast);

}  // namespace

using namespace interleave::engine;

INTERLEAVE_BOUNDARY int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
  if (!Inside()) return real_pthread_mutex_lock(mutex);
  EngineScope scope;
  return locks.Lock(mutex, kNever, INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int pthread_mutex_trylock(pthread_mutex_t* mutex) noexcept {
  if (!Inside()) return real_pthread_mutex_trylock(mutex);
  EngineScope scope;
  return locks.TryLock(mutex, INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int pthread_mutex_timedlock(pthread_mutex_t* mutex,
                                                const timespec* deadline) noexcept {
  if (!Inside()) return real_pthread_mutex_timedlock(mutex, deadline);
  EngineScope scope;
  return locks.Lock(mutex, ToTime(*deadline), INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int pthread_mutex_clocklock(pthread_mutex_t* mutex, clockid_t clock,
                                                const timespec* deadline) noexcept {
  if (!Inside()) return real_pthread_mutex_clocklock(mutex, clock, deadline);
  EngineScope scope;
  return locks.Lock(mutex, ToTime(*deadline), INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int pthread_mutex_unlock(pthread_mutex_t* mutex) noexcept {
  if (!Inside()) return real_pthread_mutex_unlock(mutex);
  EngineScope scope;
  return locks.Unlock(mutex, INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
  if (!Inside()) return real_pthread_cond_wait(condition, mutex);
  EngineScope scope;
  return locks.Wait(condition, mutex, kNever, INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                                               const timespec* deadline) {
  if (!Inside()) return real_pthread_cond_timedwait(condition, mutex, deadline);
  EngineScope scope;
  return locks.Wait(condition, mutex, ToTime(*deadline), INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                                               clockid_t clock, const timespec* deadline) {
  if (!Inside()) return real_pthread_cond_clockwait(condition, mutex, clock, deadline);
  EngineScope scope;
  return locks.Wait(condition, mutex, ToTime(*deadline), INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int pthread_cond_signal(pthread_cond_t* condition) noexcept {
  if (!Inside()) return real_pthread_cond_signal(condition);
  EngineScope scope;
  return locks.Notify(condition, false, INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int pthread_cond_broadcast(pthread_cond_t* condition) noexcept {
  if (!Inside()) return real_pthread_cond_broadcast(condition);
  EngineScope scope;
  return locks.Notify(condition, true, INTERLEAVE_PLACE);
}

// std::atomic::wait, latch, barrier, counting_semaphore and std::future wait through this.
INTERLEAVE_BOUNDARY long syscall(long number, ...) noexcept {
  va_list list;
  va_start(list, number);
  long a = va_arg(list, long), b = va_arg(list, long), c = va_arg(list, long);
  long d = va_arg(list, long), e = va_arg(list, long), f = va_arg(list, long);
  va_end(list);
  if (number == SYS_futex && Inside()) {
    EngineScope scope;
    auto* word = reinterpret_cast<std::uint32_t*>(a);
    auto* timeout = reinterpret_cast<const timespec*>(d);  // of a wait; a wake has none
    Time now = scheduler.Clock().Now();
    auto deadline = [&](Time from) {
      return timeout == nullptr ? kNever : from + ToTime(*timeout);
    };
    switch (b & FUTEX_CMD_MASK) {
      case FUTEX_WAIT:
        return locks.FutexWait(word, static_cast<std::uint32_t>(c), deadline(now),
                               INTERLEAVE_PLACE);
      case FUTEX_WAIT_BITSET:
        return locks.FutexWait(word, static_cast<std::uint32_t>(c), deadline(0), INTERLEAVE_PLACE);
      case FUTEX_WAKE:
      case FUTEX_WAKE_BITSET:
        return locks.FutexWake(word, static_cast<int>(c), INTERLEAVE_PLACE);
      default:
        Unsupported("this futex operation");
    }
  }
  long result;
  register long r10 asm("r10") = d;
  register long r8 asm("r8") = e;
  register long r9 asm("r9") = f;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  if (result >= 0 || result < -4095) return result;
  errno = static_cast<int>(-result);
  return -1;
}

// Refused: a simulation that took these for real ones would stand still for ever.
#define INTERLEAVE_REFUSE(name, parameters, arguments) \
  namespace {                                          \
  INTERLEAVE_REAL(name);                               \
  }                                                    \
  INTERLEAVE_BOUNDARY int name parameters {            \
    if (Inside()) Unsupported(#name);                  \
    return real_##name arguments;                      \
  }

#define INTERLEAVE_REFUSE_RWLOCK(name) \
  INTERLEAVE_REFUSE(name, (pthread_rwlock_t * lock) noexcept, (lock))
#define INTERLEAVE_REFUSE_TIMED_RWLOCK(name)                                            \
  INTERLEAVE_REFUSE(name, (pthread_rwlock_t * lock, const timespec* deadline) noexcept, \
                    (lock, deadline))
#define INTERLEAVE_REFUSE_CLOCK_RWLOCK(name)                                                       \
  INTERLEAVE_REFUSE(name,                                                                          \
                    (pthread_rwlock_t * lock, clockid_t clock, const timespec* deadline) noexcept, \
                    (lock, clock, deadline))
INTERLEAVE_REFUSE_RWLOCK(pthread_rwlock_rdlock)
INTERLEAVE_REFUSE_RWLOCK(pthread_rwlock_wrlock)
INTERLEAVE_REFUSE_RWLOCK(pthread_rwlock_tryrdlock)
INTERLEAVE_REFUSE_RWLOCK(pthread_rwlock_trywrlock)
INTERLEAVE_REFUSE_RWLOCK(pthread_rwlock_unlock)
INTERLEAVE_REFUSE_TIMED_RWLOCK(pthread_rwlock_timedrdlock)
INTERLEAVE_REFUSE_TIMED_RWLOCK(pthread_rwlock_timedwrlock)
INTERLEAVE_REFUSE_CLOCK_RWLOCK(pthread_rwlock_clockrdlock)
INTERLEAVE_REFUSE_CLOCK_RWLOCK(pthread_rwlock_clockwrlock)
INTERLEAVE_REFUSE(pthread_barrier_wait, (pthread_barrier_t * barrier) noexcept, (barrier))
INTERLEAVE_REFUSE(pthread_spin_lock, (pthread_spinlock_t * lock) noexcept, (lock))
INTERLEAVE_REFUSE(pthread_spin_trylock, (pthread_spinlock_t * lock) noexcept, (lock))
INTERLEAVE_REFUSE(pthread_spin_unlock, (pthread_spinlock_t * lock) noexcept, (lock))
INTERLEAVE_REFUSE(sem_wait, (sem_t * semaphore), (semaphore))
INTERLEAVE_REFUSE(sem_trywait, (sem_t * semaphore) noexcept, (semaphore))
INTERLEAVE_REFUSE(sem_post, (sem_t * semaphore) noexcept, (semaphore))
INTERLEAVE_REFUSE(sem_timedwait, (sem_t * semaphore, const timespec* deadline),
                  (semaphore, deadline))
INTERLEAVE_REFUSE(sem_clockwait, (sem_t * semaphore, clockid_t clock, const timespec* deadline),
                  (semaphore, clock, deadline))
INTERLEAVE_REFUSE(thrd_create, (thrd_t * thread, thrd_start_t start, void* argument),
                  (thread, start, argument))
INTERLEAVE_REFUSE(mtx_lock, (mtx_t * mutex), (mutex))
