#include "runtime/engine/sync.h"

#include <algorithm>
#include <cerrno>

#include "runtime/engine/answer_words.h"
#include "runtime/engine/lock_order.h"
#include "runtime/engine/recorder.h"
#include "runtime/engine/scheduler.h"

namespace interleave::engine {

Sync locks;

// As glibc keeps it: the kind in the low two bits, 3 being one that spins a little.
MutexType MutexType::Of(const pthread_mutex_t* mutex) {
  const int kind = mutex->__data.__kind;
  return {(kind & 3) == PTHREAD_MUTEX_RECURSIVE    ? kRecursive
          : (kind & 3) == PTHREAD_MUTEX_ERRORCHECK ? kErrorCheck
                                                   : kNormal,
          (kind & 16) != 0};
}

void Sync::Clear() {
  mutexes_.Clear();
  robust_.clear();
  conditions_.Clear();
  futexes_.Clear();
}

Mutex& Sync::Of(const void* mutex) {
  Mutex& known = mutexes_.Of(mutex);
  known.address = mutex;
  return known;
}

// The three things that change who may lock: taking, giving back, and coming to stand before it.

// 0, or what the new owner of a robust mutex must know.
int Sync::Take(Mutex& mutex, Thread& thread, MutexType type) {
  mutex.owner = &thread;
  mutex.depth = 1;
  scheduler.Touches(mutex.address, StepKind::kLock);  // for an attempt it may have been
  thread.held.push_back(mutex.address);
  scheduler.Changed();
  mutex.standing.Remove(thread);
  mutex.standing.MakeWait();
  thread.known.Join(mutex.clock);
  if (!type.robust) return 0;
  robust_.push_back(&mutex);
  return mutex.state == Mutex::State::kOwnerDied ? EOWNERDEAD : 0;
}

void Sync::Release(Mutex& mutex, Thread& thread) {
  mutex.owner = nullptr;
  mutex.depth = 0;
  std::erase(thread.held, mutex.address);
  ReleaseTo(mutex.clock, thread);
  mutex.standing.MakeReady();
}

int Sync::Lock(const void* address, MutexType type, Time deadline, std::uintptr_t place) {
  scheduler.NotAloneForEver(place);
  Thread& me = scheduler.Current();
  Mutex& mutex = Of(address);
  if (mutex.owner == &me) {
    // Locking a normal mutex twice waits for oneself: it is left to end as the deadlock it is.
    if (type.kind == MutexType::kErrorCheck) return EDEADLK;
    if (type.kind == MutexType::kRecursive) {
      ++mutex.depth;
      return 0;
    }
  }
  if (!me.held.empty() && deadline == kNever) lock_order.Wants(me, address, place);
  mutex.standing.Add(me, deadline != kNever);
  scheduler.StandBefore(StepKind::kLock, address, place, mutex.owner == nullptr, 0, deadline);
  bool lost = mutex.state == Mutex::State::kNotRecoverable;
  if (lost || mutex.owner != nullptr) {
    mutex.standing.Remove(me);
    return lost ? ENOTRECOVERABLE : ETIMEDOUT;
  }
  return Take(mutex, me, type);
}

int Sync::TryLock(const void* address, MutexType type, std::uintptr_t place) {
  Thread& me = scheduler.Current();
  scheduler.Look(StepKind::kTryLock, address, place);
  Mutex& mutex = Of(address);
  if (mutex.owner == &me && type.kind == MutexType::kRecursive) {
    ++mutex.depth;
    return 0;
  }
  if (mutex.state == Mutex::State::kNotRecoverable) return ENOTRECOVERABLE;
  if (mutex.owner != nullptr) return EBUSY;
  return Take(mutex, me, type);
}

int Sync::Unlock(const void* address, MutexType type, std::uintptr_t place, const void* waiters) {
  Thread& me = scheduler.Current();
  scheduler.Visible(StepKind::kUnlock, address, place);
  Mutex& mutex = Of(address);
  if (mutex.owner != &me) {
    if (type.NamesMisuse()) return EPERM;
    scheduler.End(Ending::kAbort, "unlock of a mutex that the thread does not hold");
  }
  if (--mutex.depth > 0) return 0;
  if (type.robust) {
    std::erase(robust_, &mutex);
    if (mutex.state == Mutex::State::kOwnerDied) mutex.state = Mutex::State::kNotRecoverable;
  }
  if (waiters != nullptr) {
    if (Condition* condition = conditions_.Find(waiters)) WakeAll(*condition);
  }
  Release(mutex, me);
  return 0;
}

int Sync::MakeConsistent(pthread_mutex_t* address) {
  Mutex& mutex = Of(address);
  if (mutex.state != Mutex::State::kOwnerDied) return EINVAL;
  mutex.state = Mutex::State::kConsistent;
  return 0;
}

int Sync::RenewMutex(const void* address) {
  Mutex* mutex = mutexes_.Find(address);
  if (mutex == nullptr) return 0;
  if (mutex->owner != nullptr) return EBUSY;
  mutex->Reset();
  return 0;
}

void Sync::OwnerEnds(Thread& thread) {
  std::erase_if(robust_, [&](Mutex* mutex) {
    if (mutex->owner != &thread) return false;
    scheduler.Touches(mutex->address);
    mutex->state = Mutex::State::kOwnerDied;
    Release(*mutex, thread);
    return true;
  });
}

int Sync::Wait(const void* address, const void* mutex_address, MutexType type, Time deadline,
               std::uintptr_t place) {
  Thread& me = scheduler.Current();
  // The moment before the wait is a point: a notify that comes now is lost.
  scheduler.Visible(StepKind::kWait, address, place);
  Mutex& mutex = Of(mutex_address);
  if (mutex.owner != &me) {
    if (type.NamesMisuse()) return EPERM;
    scheduler.End(Ending::kAbort, "wait on a condition variable without holding its mutex");
  }
  int depth = mutex.depth;
  std::erase(robust_, &mutex);
  scheduler.Touches(mutex_address, StepKind::kUnlock);
  Release(mutex, me);
  if (!me.held.empty()) lock_order.Wants(me, mutex_address, place);  // in the end
  Condition& condition = conditions_.Of(address);
  condition.waiters.push_back({&me, &mutex});
  int error = 0;
  if (scheduler.Wait(StepKind::kWait, address, place, deadline)) {
    // Wake made this thread stand before the mutex, and now it was its turn.
    error = Take(mutex, me, type);
  } else {
    std::erase_if(condition.waiters, [&](const auto& waiter) { return waiter.thread == &me; });
    error = Lock(mutex_address, type, kNever, place);
    if (error == 0) error = ETIMEDOUT;
  }
  mutex.depth = depth;
  return error;
}

void Sync::RenewCondition(const void* address) {
  Condition* condition = conditions_.Find(address);
  if (condition == nullptr) return;
  if (!condition->waiters.empty()) {
    scheduler.End(Ending::kAbort, "destruction of a condition variable that a thread waits on");
  }
  condition->Reset();
}

void Sync::Wake(const Condition::Waiter& waiter) {
  Thread& thread = *waiter.thread;
  if (recorder.on) recorder.Woke(thread);
  thread.next.kind = StepKind::kLock;
  thread.next.object = waiter.mutex->address;
  waiter.mutex->standing.Add(thread, false);
  scheduler.WakeReady(thread);
  if (waiter.mutex->owner != nullptr) scheduler.MakeWait(thread);  // it has said that it waits
}

namespace {

// POSIX leaves open whom a signal wakes.
template <typename Waiter, typename ThreadOf>
std::uint32_t ChooseWaiter(const std::vector<Waiter>& waiters, ThreadOf thread_of) {
  const auto count = static_cast<std::uint32_t>(waiters.size());
  if (answer_words.on) {
    std::vector<std::string> words;
    for (const Waiter& waiter : waiters) words.push_back("wakes " + thread_of(waiter)->Name());
    answer_words.Say(std::move(words));
  }
  if (!scheduler.by_priority) return scheduler.Choose(count);
  std::vector<int> priorities;
  for (const Waiter& waiter : waiters) priorities.push_back(thread_of(waiter)->priority);
  return scheduler.ChooseMostUrgent(priorities);
}

}  // namespace

void Sync::WakeAll(Condition& condition) {
  for (const Condition::Waiter& waiter : condition.waiters) Wake(waiter);
  condition.waiters.clear();
}

int Sync::Notify(const void* address, bool all, std::uintptr_t place) {
  scheduler.Visible(StepKind::kWake, address, place);
  Condition& condition = conditions_.Of(address);
  std::vector<Condition::Waiter>& waiters = condition.waiters;
  if (waiters.empty()) return 0;
  if (all) {
    WakeAll(condition);
  } else {
    std::uint32_t who = ChooseWaiter(waiters, [](const auto& waiter) { return waiter.thread; });
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
    std::uint32_t who = all ? 0 : ChooseWaiter(waiters, [](Thread* waiter) { return waiter; });
    Thread* thread = waiters[who];
    waiters.erase(waiters.begin() + who);
    if (recorder.on) recorder.Woke(*thread);
    scheduler.WakeSettle(*thread);
    ++woken;
  }
  return woken;
}

}  // namespace interleave::engine
