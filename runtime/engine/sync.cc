#include "runtime/engine/sync.h"

#include <algorithm>
#include <cerrno>

#include "runtime/engine/recorder.h"
#include "runtime/engine/scheduler.h"

namespace interleave::engine {

Sync locks;

void Sync::Clear() {
  mutexes_.Clear();
  conditions_.Clear();
  futexes_.Clear();
}

Mutex& Sync::Of(pthread_mutex_t* mutex) {
  Mutex& known = mutexes_.Of(mutex);
  known.address = mutex;
  return known;
}

// The three things that change who may lock: taking, giving back, and coming to stand before it.

void Sync::Take(Mutex& mutex, Thread& thread) {
  mutex.owner = &thread;
  mutex.depth = 1;
  scheduler.Changed();
  std::erase(mutex.standing, &thread);
  for (Thread* other : mutex.standing) {
    scheduler.MakeWait(*other);
    if (recorder.on) recorder.Blocks(*other);
  }
  thread.known.Join(mutex.clock);
}

void Sync::Release(Mutex& mutex, Thread& thread) {
  mutex.owner = nullptr;
  mutex.depth = 0;
  ReleaseTo(mutex.clock, thread);
  for (Thread* other : mutex.standing) scheduler.MakeReady(*other);
}

int Sync::Lock(pthread_mutex_t* address, Time deadline, std::uintptr_t place) {
  Thread& me = scheduler.Current();
  Mutex& mutex = Of(address);
  if (mutex.owner == &me) {
    // Locking a normal mutex twice waits for oneself: it is left to end as the deadlock it is.
    int kind = address->__data.__kind & 3;
    if (kind == PTHREAD_MUTEX_ERRORCHECK) return EDEADLK;
    if (kind == PTHREAD_MUTEX_RECURSIVE) {
      ++mutex.depth;
      return 0;
    }
  }
  mutex.standing.push_back(&me);
  scheduler.StandBefore(StepKind::kLock, address, place, mutex.owner == nullptr, 0, deadline);
  if (mutex.owner != nullptr) {
    std::erase(mutex.standing, &me);
    return ETIMEDOUT;
  }
  Take(mutex, me);
  return 0;
}

int Sync::TryLock(pthread_mutex_t* address, std::uintptr_t place) {
  Thread& me = scheduler.Current();
  scheduler.Look(StepKind::kTryLock, address, place);
  Mutex& mutex = Of(address);
  if (mutex.owner == &me && (address->__data.__kind & 3) == PTHREAD_MUTEX_RECURSIVE) {
    ++mutex.depth;
    return 0;
  }
  if (mutex.owner != nullptr) return EBUSY;
  Take(mutex, me);
  return 0;
}

int Sync::Unlock(pthread_mutex_t* address, std::uintptr_t place) {
  Thread& me = scheduler.Current();
  scheduler.Visible(StepKind::kUnlock, address, place);
  Mutex& mutex = Of(address);
  if (mutex.owner != &me) {
    // A normal mutex does not say so on a real system; it is undefined behaviour all the same.
    scheduler.End(Ending::kAbort, "unlock of a mutex that the thread does not hold");
  }
  if (--mutex.depth == 0) Release(mutex, me);
  return 0;
}

int Sync::Wait(pthread_cond_t* address, pthread_mutex_t* mutex_address, Time deadline,
               std::uintptr_t place) {
  Thread& me = scheduler.Current();
  // The moment before the wait is a point: a notify that comes now is lost.
  scheduler.Visible(StepKind::kWait, address, place);
  Mutex& mutex = Of(mutex_address);
  if (mutex.owner != &me) {
    scheduler.End(Ending::kAbort, "wait on a condition variable without holding its mutex");
  }
  int depth = mutex.depth;
  Release(mutex, me);
  Condition& condition = conditions_.Of(address);
  condition.waiters.push_back({&me, &mutex});
  if (scheduler.Wait(StepKind::kWait, address, place, deadline)) {
    Take(mutex, me);  // Wake made this thread stand before the mutex, and now it was its turn
    mutex.depth = depth;
    return 0;
  }
  std::erase_if(condition.waiters, [&](const auto& waiter) { return waiter.thread == &me; });
  Lock(mutex_address, kNever, place);
  mutex.depth = depth;
  return ETIMEDOUT;
}

void Sync::Wake(const Condition::Waiter& waiter) {
  Thread& thread = *waiter.thread;
  thread.next.kind = StepKind::kLock;
  thread.next.object = waiter.mutex->address;
  waiter.mutex->standing.push_back(&thread);
  scheduler.WakeReady(thread);
  if (waiter.mutex->owner != nullptr) scheduler.MakeWait(thread);  // it has said that it waits
}

int Sync::Notify(pthread_cond_t* address, bool all, std::uintptr_t place) {
  scheduler.Visible(StepKind::kWake, address, place);
  std::vector<Condition::Waiter>& waiters = conditions_.Of(address).waiters;
  if (waiters.empty()) return 0;
  if (all) {
    for (const Condition::Waiter& waiter : waiters) Wake(waiter);
    waiters.clear();
  } else {
    // POSIX leaves open whom a signal wakes.
    std::uint32_t who = scheduler.Choose(static_cast<std::uint32_t>(waiters.size()));
    Condition::Waiter waiter = waiters[who];
    waiters.erase(waiters.begin() + who);
    Wake(waiter);
  }
  return 0;
}

long Sync::FutexWait(const std::uint32_t* word, std::uint32_t expected, Time deadline,
                     std::uintptr_t place) {
  Thread& me = scheduler.Current();
  scheduler.Visible(StepKind::kWait, word, place);
  if (__atomic_load_n(word, __ATOMIC_SEQ_CST) != expected) {
    errno = EAGAIN;
    return -1;
  }
  Futex& futex = futexes_.Of(word);
  futex.waiters.push_back(&me);
  if (scheduler.Wait(StepKind::kWait, word, place, deadline)) return 0;
  std::erase(futex.waiters, &me);
  errno = ETIMEDOUT;
  return -1;
}

long Sync::FutexWake(const std::uint32_t* word, int count, std::uintptr_t place) {
  scheduler.Visible(StepKind::kWake, word, place);
  std::vector<Thread*>& waiters = futexes_.Of(word).waiters;
  long woken = 0;
  while (!waiters.empty() && woken < count) {
    bool all = count >= static_cast<long>(waiters.size()) + woken;
    std::uint32_t who = all ? 0 : scheduler.Choose(static_cast<std::uint32_t>(waiters.size()));
    Thread* thread = waiters[who];
    waiters.erase(waiters.begin() + who);
    scheduler.WakeSettle(*thread);
    ++woken;
  }
  return woken;
}

}  // namespace interleave::engine
