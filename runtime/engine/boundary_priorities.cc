// The boundary for priorities. Every simulated thread may have what it asks for, as a process with
// the privilege to do so; what they mean for the schedule is in priorities.cc.
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include <cerrno>

#include "runtime/engine/boundary.h"
#include "runtime/engine/explore.h"
#include "runtime/engine/scheduler.h"

namespace interleave {
namespace {

void (*priority_listener)() = nullptr;

}  // namespace

void SetPriorityListener(void (*listener)()) { priority_listener = listener; }

namespace engine {
namespace {

INTERLEAVE_REAL(pthread_getschedparam);
INTERLEAVE_REAL(pthread_setschedparam);
INTERLEAVE_REAL(pthread_setschedprio);
INTERLEAVE_REAL(sched_setscheduler);
INTERLEAVE_REAL(sched_getscheduler);
INTERLEAVE_REAL(sched_setparam);
INTERLEAVE_REAL(sched_getparam);

bool IsPossible(int policy, int priority) {
  switch (policy) {
    case SCHED_FIFO:
    case SCHED_RR:
      return priority >= 1 && priority <= 99;
    case SCHED_OTHER:
    case SCHED_BATCH:
    case SCHED_IDLE:
      return priority == 0;
    default:
      return false;
  }
}

int Set(Thread* thread, int policy, int priority) {
  if (thread == nullptr || thread->ended) return ESRCH;
  policy &= ~SCHED_RESET_ON_FORK;
  if (!IsPossible(policy, priority)) return EINVAL;
  const bool changes = thread->priority != priority;
  thread->policy = policy;
  thread->priority = priority;
  if (changes && priority_listener != nullptr) priority_listener();
  return 0;
}

// The sched_ functions take a thread's number in the kernel, where all simulated ones are one.
bool IsCaller(pid_t number) { return Inside() && (number == 0 || number == gettid()); }

int MinusOne(int error) {
  if (error == 0) return 0;
  errno = error;
  return -1;
}

}  // namespace

void TakePriority(const pthread_attr_t& attributes, Thread& thread) {
  int inherits = PTHREAD_INHERIT_SCHED;
  pthread_attr_getinheritsched(&attributes, &inherits);
  if (inherits == PTHREAD_INHERIT_SCHED) return;
  sched_param parameters{};
  pthread_attr_getschedpolicy(&attributes, &thread.policy);
  pthread_attr_getschedparam(&attributes, &parameters);
  thread.priority = parameters.sched_priority;
}

}  // namespace engine
}  // namespace interleave

using namespace interleave;
using namespace interleave::engine;

INTERLEAVE_BOUNDARY int pthread_setschedparam(pthread_t handle, int policy,
                                              const sched_param* parameters) noexcept {
  if (!Inside()) return real_pthread_setschedparam(handle, policy, parameters);
  return Set(ThreadOf(handle), policy, parameters->sched_priority);
}

INTERLEAVE_BOUNDARY int pthread_getschedparam(pthread_t handle, int* policy,
                                              sched_param* parameters) noexcept {
  if (!Inside()) return real_pthread_getschedparam(handle, policy, parameters);
  const Thread* target = ThreadOf(handle);
  if (target == nullptr || target->ended) return ESRCH;
  *policy = target->policy;
  parameters->sched_priority = target->priority;
  return 0;
}

INTERLEAVE_BOUNDARY int pthread_setschedprio(pthread_t handle, int priority) noexcept {
  if (!Inside()) return real_pthread_setschedprio(handle, priority);
  Thread* target = ThreadOf(handle);
  return target == nullptr ? ESRCH : Set(target, target->policy, priority);
}

INTERLEAVE_BOUNDARY int sched_setscheduler(pid_t number, int policy,
                                           const sched_param* parameters) noexcept {
  if (!IsCaller(number)) return real_sched_setscheduler(number, policy, parameters);
  return MinusOne(Set(&scheduler.Current(), policy, parameters->sched_priority));
}

INTERLEAVE_BOUNDARY int sched_getscheduler(pid_t number) noexcept {
  if (!IsCaller(number)) return real_sched_getscheduler(number);
  return scheduler.Current().policy;
}

INTERLEAVE_BOUNDARY int sched_setparam(pid_t number, const sched_param* parameters) noexcept {
  if (!IsCaller(number)) return real_sched_setparam(number, parameters);
  Thread& me = scheduler.Current();
  return MinusOne(Set(&me, me.policy, parameters->sched_priority));
}

INTERLEAVE_BOUNDARY int sched_getparam(pid_t number, sched_param* parameters) noexcept {
  if (!IsCaller(number)) return real_sched_getparam(number, parameters);
  parameters->sched_priority = scheduler.Current().priority;
  return 0;
}
