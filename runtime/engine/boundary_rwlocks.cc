// The boundary for reader-writer locks.
#include <pthread.h>

#include "runtime/engine/boundary.h"
#include "runtime/engine/scheduler.h"
#include "runtime/engine/sync_rwlock.h"

namespace {

using interleave::engine::kNever;

INTERLEAVE_REAL(pthread_rwlock_init);
INTERLEAVE_REAL(pthread_rwlock_destroy);
INTERLEAVE_REAL(pthread_rwlock_rdlock);
INTERLEAVE_REAL(pthread_rwlock_wrlock);
INTERLEAVE_REAL(pthread_rwlock_tryrdlock);
INTERLEAVE_REAL(pthread_rwlock_trywrlock);
INTERLEAVE_REAL(pthread_rwlock_timedrdlock);
INTERLEAVE_REAL(pthread_rwlock_timedwrlock);
INTERLEAVE_REAL(pthread_rwlock_clockrdlock);
INTERLEAVE_REAL(pthread_rwlock_clockwrlock);
INTERLEAVE_REAL(pthread_rwlock_unlock);

constexpr bool kRead = false;
constexpr bool kWrite = true;

}  // namespace

using namespace interleave::engine;

INTERLEAVE_BOUNDARY int pthread_rwlock_init(pthread_rwlock_t* lock,
                                            const pthread_rwlockattr_t* attributes) noexcept {
  if (Inside()) {
    EngineScope scope;
    rwlocks.Renew(lock);
  }
  return real_pthread_rwlock_init(lock, attributes);
}

INTERLEAVE_BOUNDARY int pthread_rwlock_destroy(pthread_rwlock_t* lock) noexcept {
  if (!Inside()) return real_pthread_rwlock_destroy(lock);
  EngineScope scope;
  return rwlocks.Renew(lock);
}

INTERLEAVE_BOUNDARY int pthread_rwlock_rdlock(pthread_rwlock_t* lock) noexcept {
  if (!Inside()) return real_pthread_rwlock_rdlock(lock);
  EngineScope scope;
  return rwlocks.Lock(lock, kRead, kNever, INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int pthread_rwlock_wrlock(pthread_rwlock_t* lock) noexcept {
  if (!Inside()) return real_pthread_rwlock_wrlock(lock);
  EngineScope scope;
  return rwlocks.Lock(lock, kWrite, kNever, INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int pthread_rwlock_tryrdlock(pthread_rwlock_t* lock) noexcept {
  if (!Inside()) return real_pthread_rwlock_tryrdlock(lock);
  EngineScope scope;
  return rwlocks.TryLock(lock, kRead, INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int pthread_rwlock_trywrlock(pthread_rwlock_t* lock) noexcept {
  if (!Inside()) return real_pthread_rwlock_trywrlock(lock);
  EngineScope scope;
  return rwlocks.TryLock(lock, kWrite, INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int pthread_rwlock_timedrdlock(pthread_rwlock_t* lock,
                                                   const timespec* deadline) noexcept {
  if (!Inside()) return real_pthread_rwlock_timedrdlock(lock, deadline);
  EngineScope scope;
  return rwlocks.Lock(lock, kRead, ToTime(*deadline), INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int pthread_rwlock_timedwrlock(pthread_rwlock_t* lock,
                                                   const timespec* deadline) noexcept {
  if (!Inside()) return real_pthread_rwlock_timedwrlock(lock, deadline);
  EngineScope scope;
  return rwlocks.Lock(lock, kWrite, ToTime(*deadline), INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int pthread_rwlock_clockrdlock(pthread_rwlock_t* lock, clockid_t clock,
                                                   const timespec* deadline) noexcept {
  if (!Inside()) return real_pthread_rwlock_clockrdlock(lock, clock, deadline);
  EngineScope scope;
  return rwlocks.Lock(lock, kRead, ToTime(*deadline), INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int pthread_rwlock_clockwrlock(pthread_rwlock_t* lock, clockid_t clock,
                                                   const timespec* deadline) noexcept {
  if (!Inside()) return real_pthread_rwlock_clockwrlock(lock, clock, deadline);
  EngineScope scope;
  return rwlocks.Lock(lock, kWrite, ToTime(*deadline), INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int pthread_rwlock_unlock(pthread_rwlock_t* lock) noexcept {
  if (!Inside()) return real_pthread_rwlock_unlock(lock);
  EngineScope scope;
  return rwlocks.Unlock(lock, INTERLEAVE_PLACE);
}
