#include "runtime/engine/sync_semaphore.h"

#include <limits.h>

#include <cerrno>

#include "runtime/engine/boundary.h"
#include "runtime/engine/recorder.h"
#include "runtime/engine/scheduler.h"

namespace interleave::engine {

Semaphores semaphores;

namespace {
INTERLEAVE_REAL(sem_getvalue);
}

Semaphore& Semaphores::Of(sem_t* address) {
  Semaphore& semaphore = semaphores_.Of(address);
  if (!semaphore.used) {
    int value = 0;
    real_sem_getvalue(address, &value);
    semaphore.value = static_cast<unsigned>(value);
    semaphore.used = true;
  }
  return semaphore;
}

void Semaphores::Take(Semaphore& semaphore, Thread& thread) {
  scheduler.Changed();
  thread.known.Join(semaphore.clock);
  if (--semaphore.value == 0) semaphore.standing.MakeWait();
}

int Semaphores::Acquire(sem_t* address, Time deadline, std::uintptr_t place) {
  Thread& me = scheduler.Current();
  Semaphore& semaphore = Of(address);
  semaphore.standing.Add(me, deadline != kNever);
  scheduler.StandBefore(StepKind::kAcquire, address, place, semaphore.value > 0, 0, deadline);
  semaphore.standing.Remove(me);
  if (semaphore.value == 0) return ETIMEDOUT;
  Take(semaphore, me);
  return 0;
}

int Semaphores::TryAcquire(sem_t* address, std::uintptr_t place) {
  scheduler.Look(StepKind::kTryAcquire, address, place);
  Semaphore& semaphore = Of(address);
  if (semaphore.value == 0) return EAGAIN;
  Take(semaphore, scheduler.Current());
  return 0;
}

int Semaphores::Release(sem_t* address, std::uintptr_t place) {
  scheduler.Visible(StepKind::kRelease, address, place);
  Semaphore& semaphore = Of(address);
  if (semaphore.value == SEM_VALUE_MAX) return EOVERFLOW;
  ReleaseTo(semaphore.clock, scheduler.Current());
  if (++semaphore.value == 1) semaphore.standing.MakeReady();
  return 0;
}

unsigned Semaphores::Value(sem_t* address, std::uintptr_t place) {
  scheduler.Look(StepKind::kAtomicRead, address, place);
  return Of(address).value;
}

void Semaphores::Renew(sem_t* address) {
  if (Semaphore* semaphore = semaphores_.Find(address)) semaphore->Reset();
}

}  // namespace interleave::engine
