// The boundary for the threads of C11. glibc makes them of pthreads, with the same bytes in its
// types, but its functions call one another inside the library, where nobody sees it. So each has a
// counterpart here.
#include <pthread.h>
#include <threads.h>

#include <cerrno>
#include <cstdlib>

#include "runtime/engine/boundary.h"
#include "runtime/engine/scheduler.h"
#include "runtime/engine/sync.h"

namespace interleave::engine {
namespace {

INTERLEAVE_REAL(thrd_create);
INTERLEAVE_REAL(thrd_join);
INTERLEAVE_REAL(thrd_detach);
INTERLEAVE_REAL(thrd_exit);
INTERLEAVE_REAL(thrd_current);
INTERLEAVE_REAL(thrd_sleep);
INTERLEAVE_REAL(thrd_yield);
INTERLEAVE_REAL(mtx_init);
INTERLEAVE_REAL(mtx_destroy);
INTERLEAVE_REAL(mtx_lock);
INTERLEAVE_REAL(mtx_trylock);
INTERLEAVE_REAL(mtx_timedlock);
INTERLEAVE_REAL(mtx_unlock);
INTERLEAVE_REAL(cnd_init);
INTERLEAVE_REAL(cnd_destroy);
INTERLEAVE_REAL(cnd_wait);
INTERLEAVE_REAL(cnd_timedwait);
INTERLEAVE_REAL(cnd_signal);
INTERLEAVE_REAL(cnd_broadcast);
INTERLEAVE_REAL(call_once);

static_assert(sizeof(mtx_t) == sizeof(pthread_mutex_t) && sizeof(cnd_t) == sizeof(pthread_cond_t) &&
              sizeof(thrd_t) == sizeof(pthread_t) && sizeof(tss_t) == sizeof(pthread_key_t) &&
              sizeof(once_flag) == sizeof(pthread_once_t));

pthread_mutex_t* Of(mtx_t* mutex) { return reinterpret_cast<pthread_mutex_t*>(mutex); }
pthread_cond_t* Of(cnd_t* condition) { return reinterpret_cast<pthread_cond_t*>(condition); }

int Answer(int error) {
  switch (error) {
    case 0:
      return thrd_success;
    case EBUSY:
      return thrd_busy;
    case ETIMEDOUT:
      return thrd_timedout;
    case ENOMEM:
      return thrd_nomem;
    default:
      return thrd_error;
  }
}

// What a thread of C11 returns is an int.
struct Start {
  thrd_start_t function;
  void* argument;
};

void* Run(void* start) {
  Start copy = *static_cast<Start*>(start);
  {
    EngineScope scope;
    delete static_cast<Start*>(start);
  }
  return reinterpret_cast<void*>(static_cast<std::intptr_t>(copy.function(copy.argument)));
}

}  // namespace
}  // namespace interleave::engine

using namespace interleave;
using namespace interleave::engine;

INTERLEAVE_BOUNDARY int thrd_create(thrd_t* handle, thrd_start_t function, void* argument) {
  if (!Inside()) return real_thrd_create(handle, function, argument);
  Start* start;
  {
    EngineScope scope;
    start = new Start{function, argument};
  }
  return Answer(pthread_create(handle, nullptr, Run, start));
}

INTERLEAVE_BOUNDARY int thrd_join(thrd_t handle, int* result) {
  if (!Inside()) return real_thrd_join(handle, result);
  void* returned = nullptr;
  int error = pthread_join(handle, &returned);
  if (result != nullptr) *result = static_cast<int>(reinterpret_cast<std::intptr_t>(returned));
  return Answer(error);
}

INTERLEAVE_BOUNDARY int thrd_detach(thrd_t handle) {
  return Inside() ? Answer(pthread_detach(handle)) : real_thrd_detach(handle);
}

INTERLEAVE_BOUNDARY void thrd_exit(int result) {
  if (!Inside()) real_thrd_exit(result);
  pthread_exit(reinterpret_cast<void*>(static_cast<std::intptr_t>(result)));
}

INTERLEAVE_BOUNDARY thrd_t thrd_current() {
  return Inside() ? pthread_self() : real_thrd_current();
}

INTERLEAVE_BOUNDARY int thrd_sleep(const timespec* duration, timespec* remaining) {
  if (!Inside()) return real_thrd_sleep(duration, remaining);
  EngineScope scope;
  Time deadline = scheduler.Clock().Now() + ToTime(*duration);
  scheduler.Wait(StepKind::kSleep, nullptr, INTERLEAVE_PLACE, deadline, /*settles=*/true);
  return 0;
}

INTERLEAVE_BOUNDARY void thrd_yield() {
  if (!Inside()) return real_thrd_yield();
  EngineScope scope;
  scheduler.Look(StepKind::kYield, nullptr, INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int mtx_init(mtx_t* mutex, int type) {
  if (Inside()) {
    EngineScope scope;
    locks.RenewMutex(mutex);
  }
  return real_mtx_init(mutex, type);
}

INTERLEAVE_BOUNDARY void mtx_destroy(mtx_t* mutex) {
  if (!Inside()) return real_mtx_destroy(mutex);
  EngineScope scope;
  locks.RenewMutex(mutex);
}

INTERLEAVE_BOUNDARY int mtx_lock(mtx_t* mutex) {
  if (!Inside()) return real_mtx_lock(mutex);
  EngineScope scope;
  return Answer(locks.Lock(mutex, MutexType::Of(Of(mutex)), kNever, INTERLEAVE_PLACE));
}

INTERLEAVE_BOUNDARY int mtx_trylock(mtx_t* mutex) {
  if (!Inside()) return real_mtx_trylock(mutex);
  EngineScope scope;
  return Answer(locks.TryLock(mutex, MutexType::Of(Of(mutex)), INTERLEAVE_PLACE));
}

INTERLEAVE_BOUNDARY int mtx_timedlock(mtx_t* mutex, const timespec* deadline) {
  if (!Inside()) return real_mtx_timedlock(mutex, deadline);
  EngineScope scope;
  return Answer(locks.Lock(mutex, MutexType::Of(Of(mutex)), ToTime(*deadline), INTERLEAVE_PLACE));
}

INTERLEAVE_BOUNDARY int mtx_unlock(mtx_t* mutex) {
  if (!Inside()) return real_mtx_unlock(mutex);
  EngineScope scope;
  return Answer(locks.Unlock(mutex, MutexType::Of(Of(mutex)), INTERLEAVE_PLACE));
}

INTERLEAVE_BOUNDARY int cnd_init(cnd_t* condition) {
  if (Inside()) {
    EngineScope scope;
    locks.RenewCondition(Of(condition));
  }
  return real_cnd_init(condition);
}

INTERLEAVE_BOUNDARY void cnd_destroy(cnd_t* condition) {
  if (!Inside()) return real_cnd_destroy(condition);
  EngineScope scope;
  locks.RenewCondition(Of(condition));
}

INTERLEAVE_BOUNDARY int cnd_wait(cnd_t* condition, mtx_t* mutex) {
  if (!Inside()) return real_cnd_wait(condition, mutex);
  EngineScope scope;
  return Answer(
      locks.Wait(Of(condition), Of(mutex), MutexType::Of(Of(mutex)), kNever, INTERLEAVE_PLACE));
}

INTERLEAVE_BOUNDARY int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec* deadline) {
  if (!Inside()) return real_cnd_timedwait(condition, mutex, deadline);
  EngineScope scope;
  return Answer(locks.Wait(Of(condition), Of(mutex), MutexType::Of(Of(mutex)), ToTime(*deadline),
                           INTERLEAVE_PLACE));
}

INTERLEAVE_BOUNDARY int cnd_signal(cnd_t* condition) {
  if (!Inside()) return real_cnd_signal(condition);
  EngineScope scope;
  return Answer(locks.Notify(Of(condition), false, INTERLEAVE_PLACE));
}

INTERLEAVE_BOUNDARY int cnd_broadcast(cnd_t* condition) {
  if (!Inside()) return real_cnd_broadcast(condition);
  EngineScope scope;
  return Answer(locks.Notify(Of(condition), true, INTERLEAVE_PLACE));
}

// The destructors are to be known here, also of a key that is made before the simulation.
INTERLEAVE_BOUNDARY int tss_create(tss_t* key, tss_dtor_t destructor) {
  return Answer(pthread_key_create(key, destructor));
}

INTERLEAVE_BOUNDARY void tss_delete(tss_t key) { pthread_key_delete(key); }

INTERLEAVE_BOUNDARY void* tss_get(tss_t key) { return pthread_getspecific(key); }

INTERLEAVE_BOUNDARY int tss_set(tss_t key, void* value) {
  return Answer(pthread_setspecific(key, value));
}

INTERLEAVE_BOUNDARY void call_once(once_flag* flag, void (*function)(void)) {
  if (!Inside()) return real_call_once(flag, function);
  pthread_once(reinterpret_cast<pthread_once_t*>(flag), function);
}
