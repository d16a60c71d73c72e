// The boundary for POSIX semaphores and barriers.
#include <pthread.h>
#include <semaphore.h>

#include <cerrno>

#include "runtime/engine/boundary.h"
#include "runtime/engine/scheduler.h"
#include "runtime/engine/sync_barrier.h"
#include "runtime/engine/sync_semaphore.h"

namespace {

using interleave::engine::kNever;

INTERLEAVE_REAL(sem_init);
INTERLEAVE_REAL(sem_destroy);
INTERLEAVE_REAL(sem_wait);
INTERLEAVE_REAL(sem_trywait);
INTERLEAVE_REAL(sem_timedwait);
INTERLEAVE_REAL(sem_clockwait);
INTERLEAVE_REAL(sem_post);
INTERLEAVE_REAL(sem_getvalue);
INTERLEAVE_REAL(pthread_barrier_init);
INTERLEAVE_REAL(pthread_barrier_destroy);
INTERLEAVE_REAL(pthread_barrier_wait);

// These functions leave their errors in errno.
int Answer(int error) {
  if (error == 0) return 0;
  errno = error;
  return -1;
}

}  // namespace

using namespace interleave::engine;

INTERLEAVE_BOUNDARY int sem_init(sem_t* semaphore, int shared, unsigned value) noexcept {
  if (Inside()) {
    EngineScope scope;
    semaphores.Renew(semaphore);
  }
  return real_sem_init(semaphore, shared, value);
}

INTERLEAVE_BOUNDARY int sem_destroy(sem_t* semaphore) noexcept {
  if (Inside()) {
    EngineScope scope;
    semaphores.Renew(semaphore);
  }
  return real_sem_destroy(semaphore);
}

INTERLEAVE_BOUNDARY int sem_wait(sem_t* semaphore) {
  if (!Inside()) return real_sem_wait(semaphore);
  EngineScope scope;
  return Answer(semaphores.Acquire(semaphore, kNever, INTERLEAVE_PLACE));
}

INTERLEAVE_BOUNDARY int sem_trywait(sem_t* semaphore) noexcept {
  if (!Inside()) return real_sem_trywait(semaphore);
  EngineScope scope;
  return Answer(semaphores.TryAcquire(semaphore, INTERLEAVE_PLACE));
}

INTERLEAVE_BOUNDARY int sem_timedwait(sem_t* semaphore, const timespec* deadline) {
  if (!Inside()) return real_sem_timedwait(semaphore, deadline);
  EngineScope scope;
  return Answer(semaphores.Acquire(semaphore, ToTime(*deadline), INTERLEAVE_PLACE));
}

INTERLEAVE_BOUNDARY int sem_clockwait(sem_t* semaphore, clockid_t clock, const timespec* deadline) {
  if (!Inside()) return real_sem_clockwait(semaphore, clock, deadline);
  EngineScope scope;
  return Answer(semaphores.Acquire(semaphore, ToTime(*deadline), INTERLEAVE_PLACE));
}

INTERLEAVE_BOUNDARY int sem_post(sem_t* semaphore) noexcept {
  if (!Inside()) return real_sem_post(semaphore);
  EngineScope scope;
  return Answer(semaphores.Release(semaphore, INTERLEAVE_PLACE));
}

INTERLEAVE_BOUNDARY int sem_getvalue(sem_t* semaphore, int* value) noexcept {
  if (!Inside()) return real_sem_getvalue(semaphore, value);
  EngineScope scope;
  *value = static_cast<int>(semaphores.Value(semaphore, INTERLEAVE_PLACE));
  return 0;
}

INTERLEAVE_BOUNDARY int pthread_barrier_init(pthread_barrier_t* barrier,
                                             const pthread_barrierattr_t* attributes,
                                             unsigned count) noexcept {
  if (Inside()) {
    EngineScope scope;
    barriers.Renew(barrier);
  }
  return real_pthread_barrier_init(barrier, attributes, count);
}

INTERLEAVE_BOUNDARY int pthread_barrier_destroy(pthread_barrier_t* barrier) noexcept {
  if (!Inside()) return real_pthread_barrier_destroy(barrier);
  EngineScope scope;
  return barriers.Renew(barrier);
}

INTERLEAVE_BOUNDARY int pthread_barrier_wait(pthread_barrier_t* barrier) noexcept {
  if (!Inside()) return real_pthread_barrier_wait(barrier);
  EngineScope scope;
  return barriers.Wait(barrier, INTERLEAVE_PLACE);
}
