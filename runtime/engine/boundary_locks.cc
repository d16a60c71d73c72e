// The boundary for what threads wait on: mutexes, spin locks, condition variables, futexes.
#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
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
INTERLEAVE_REAL(pthread_mutex_init);
INTERLEAVE_REAL(pthread_mutex_destroy);
INTERLEAVE_REAL(pthread_mutex_consistent);
INTERLEAVE_REAL(pthread_spin_init);
INTERLEAVE_REAL(pthread_spin_destroy);
INTERLEAVE_REAL(pthread_spin_lock);
INTERLEAVE_REAL(pthread_spin_trylock);
INTERLEAVE_REAL(pthread_spin_unlock);
INTERLEAVE_REAL(pthread_cond_init);
INTERLEAVE_REAL(pthread_cond_destroy);
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
  return locks.Lock(mutex, MutexType::Of(mutex), kNever, INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int pthread_mutex_trylock(pthread_mutex_t* mutex) noexcept {
  if (!Inside()) return real_pthread_mutex_trylock(mutex);
  EngineScope scope;
  return locks.TryLock(mutex, MutexType::Of(mutex), INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int pthread_mutex_timedlock(pthread_mutex_t* mutex,
                                                const timespec* deadline) noexcept {
  if (!Inside()) return real_pthread_mutex_timedlock(mutex, deadline);
  EngineScope scope;
  return locks.Lock(mutex, MutexType::Of(mutex), ToTime(*deadline), INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int pthread_mutex_clocklock(pthread_mutex_t* mutex, clockid_t clock,
                                                const timespec* deadline) noexcept {
  if (!Inside()) return real_pthread_mutex_clocklock(mutex, clock, deadline);
  EngineScope scope;
  return locks.Lock(mutex, MutexType::Of(mutex), ToTime(*deadline), INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int pthread_mutex_unlock(pthread_mutex_t* mutex) noexcept {
  if (!Inside()) return real_pthread_mutex_unlock(mutex);
  EngineScope scope;
  return locks.Unlock(mutex, MutexType::Of(mutex), INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int pthread_mutex_init(pthread_mutex_t* mutex,
                                           const pthread_mutexattr_t* attributes) noexcept {
  if (Inside()) {
    EngineScope scope;
    locks.RenewMutex(mutex);
  }
  return real_pthread_mutex_init(mutex, attributes);
}

INTERLEAVE_BOUNDARY int pthread_mutex_destroy(pthread_mutex_t* mutex) noexcept {
  if (Inside()) {
    EngineScope scope;
    if (int error = locks.RenewMutex(mutex)) return error;
  }
  return real_pthread_mutex_destroy(mutex);
}

INTERLEAVE_BOUNDARY int pthread_mutex_consistent(pthread_mutex_t* mutex) noexcept {
  if (!Inside()) return real_pthread_mutex_consistent(mutex);
  EngineScope scope;
  return locks.MakeConsistent(mutex);
}

INTERLEAVE_BOUNDARY int pthread_spin_init(pthread_spinlock_t* lock, int shared) noexcept {
  if (Inside()) {
    EngineScope scope;
    locks.RenewMutex(const_cast<int*>(lock));
  }
  return real_pthread_spin_init(lock, shared);
}

INTERLEAVE_BOUNDARY int pthread_spin_destroy(pthread_spinlock_t* lock) noexcept {
  if (!Inside()) return real_pthread_spin_destroy(lock);
  EngineScope scope;
  return locks.RenewMutex(const_cast<int*>(lock));
}

INTERLEAVE_BOUNDARY int pthread_spin_lock(pthread_spinlock_t* lock) noexcept {
  if (!Inside()) return real_pthread_spin_lock(lock);
  EngineScope scope;
  return locks.Lock(const_cast<int*>(lock), {}, kNever, INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int pthread_spin_trylock(pthread_spinlock_t* lock) noexcept {
  if (!Inside()) return real_pthread_spin_trylock(lock);
  EngineScope scope;
  return locks.TryLock(const_cast<int*>(lock), {}, INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int pthread_spin_unlock(pthread_spinlock_t* lock) noexcept {
  if (!Inside()) return real_pthread_spin_unlock(lock);
  EngineScope scope;
  return locks.Unlock(const_cast<int*>(lock), {}, INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int pthread_cond_init(pthread_cond_t* condition,
                                          const pthread_condattr_t* attributes) noexcept {
  if (Inside()) {
    EngineScope scope;
    locks.RenewCondition(condition);
  }
  return real_pthread_cond_init(condition, attributes);
}

INTERLEAVE_BOUNDARY int pthread_cond_destroy(pthread_cond_t* condition) noexcept {
  if (!Inside()) return real_pthread_cond_destroy(condition);
  EngineScope scope;
  locks.RenewCondition(condition);
  return 0;
}

INTERLEAVE_BOUNDARY int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
  if (!Inside()) return real_pthread_cond_wait(condition, mutex);
  EngineScope scope;
  return locks.Wait(condition, mutex, MutexType::Of(mutex), kNever, INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                                               const timespec* deadline) {
  if (!Inside()) return real_pthread_cond_timedwait(condition, mutex, deadline);
  EngineScope scope;
  return locks.Wait(condition, mutex, MutexType::Of(mutex), ToTime(*deadline), INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                                               clockid_t clock, const timespec* deadline) {
  if (!Inside()) return real_pthread_cond_clockwait(condition, mutex, clock, deadline);
  EngineScope scope;
  return locks.Wait(condition, mutex, MutexType::Of(mutex), ToTime(*deadline), INTERLEAVE_PLACE);
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
