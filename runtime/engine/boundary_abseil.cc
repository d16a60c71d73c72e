// The boundary for Abseil's blocking types. An absl::Mutex is taken by an instruction within
// libabsl, which nobody sees, and only waiting comes to libc. So the functions of absl::Mutex and
// absl::CondVar are defined here, on the engine's own mutexes and conditions, and what Abseil
// builds of them (Notification, BlockingCounter, Barrier) is right by itself, but for the atomic
// that each of the first two has beside its mutex.
//
// A condition that Mutex::Await waits for is looked at again whenever somebody has unlocked.
//
// What readers share is refused: ReaderLock.
//
// These are the names of Debian 12's libabsl 20220623, a shared library; Abseil puts its version
// into its namespace. They stand with the hooks: a call of one may be a scheduling point. Debian
// 13's libabsl 20240722 has other functions within, and there each lock is refused.
#include <cerrno>
#include <cstdint>

#include "runtime/engine/atomics.h"
#include "runtime/engine/boundary.h"
#include "runtime/engine/hooks.h"
#include "runtime/engine/races.h"
#include "runtime/engine/scheduler.h"
#include "runtime/engine/sync.h"

// `symbol` is what the function is called in libabsl, without its parameters' types.
#define INTERLEAVE_ABSEIL(result, symbol, name, ...)                                   \
  extern "C" __attribute__((weak, visibility("default"), section("interleave_hooks"))) \
  result name(__VA_ARGS__) __asm__(symbol);                                            \
  namespace {                                                                          \
  constinit interleave::engine::Real<result(__VA_ARGS__)> real_##name{symbol};         \
  }                                                                                    \
  result name(__VA_ARGS__)

#define INTERLEAVE_MUTEX(result, symbol, name, ...) \
  INTERLEAVE_ABSEIL(result, "_ZN4absl7debian35Mutex" symbol, name, __VA_ARGS__)
#define INTERLEAVE_CONDITION(result, symbol, name, ...) \
  INTERLEAVE_ABSEIL(result, "_ZN4absl7debian37CondVar" symbol, name, __VA_ARGS__)

extern "C" __attribute__((weak)) bool abseil_eval(const void* condition) __asm__(
    "_ZNK4absl7debian39Condition4EvalEv");

namespace {

using namespace interleave::engine;
using interleave::Ending;
using interleave::StepKind;

// absl::Duration, and absl::Time since 1970: seconds and quarters of nanoseconds.
struct Span {
  std::int64_t seconds;
  std::uint32_t quarters;

  bool Infinite() const { return quarters == UINT32_MAX; }
  Time Nanoseconds() const {
    constexpr std::int64_t kMost = kNever / 1'000'000'000 - 1;
    if (Infinite() || seconds > kMost) return seconds > 0 ? kNever : 0;
    return seconds < 0 ? 0 : seconds * 1'000'000'000 + quarters / 4;
  }
};

Time After(Span span) {
  const Time wait = span.Nanoseconds(), now = scheduler.Clock().Now();
  return wait > kNever - now ? kNever : now + wait;
}

// What waits for a condition of the mutex waits on a condition variable, which has to have an
// address of its own.
pthread_cond_t* WaitersOf(void* mutex) {
  return reinterpret_cast<pthread_cond_t*>(static_cast<char*>(mutex) + 1);
}

void Lock(void* mutex, std::uintptr_t place) {
  EngineScope scope;
  locks.Lock(mutex, {}, kNever, place);
}

// True: the condition holds. The program's own function says so.
bool Await(void* mutex, const void* condition, Time deadline, std::uintptr_t place) {
  while (!abseil_eval(condition)) {
    int error;
    {
      EngineScope scope;
      error = locks.Wait(WaitersOf(mutex), mutex, {}, deadline, place);
    }
    if (error == ETIMEDOUT) return abseil_eval(condition);
  }
  return true;
}

bool IsHeld(const void* mutex) {
  const Mutex* known = locks.Mutexes().Find(mutex);
  return known != nullptr && known->owner == &scheduler.Current();
}

}  // namespace

// ---- The clock, which Abseil takes from the processor's counter ----

INTERLEAVE_ABSEIL(std::int64_t, "_ZN4absl7debian319GetCurrentTimeNanosEv", abseil_nanoseconds) {
  if (!Inside()) return real_abseil_nanoseconds();
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return ToTime(now);
}

INTERLEAVE_ABSEIL(Span, "_ZN4absl7debian33NowEv", abseil_now) {
  if (!Inside()) return real_abseil_now();
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return {now.tv_sec, static_cast<std::uint32_t>(now.tv_nsec * 4)};
}

// ---- absl::Mutex ----

INTERLEAVE_MUTEX(void, "4LockEv", abseil_lock, void* mutex) {
  if (!Inside()) return real_abseil_lock(mutex);
  Lock(mutex, INTERLEAVE_PLACE);
}

INTERLEAVE_MUTEX(void, "6UnlockEv", abseil_unlock, void* mutex) {
  if (!Inside()) return real_abseil_unlock(mutex);
  EngineScope scope;
  locks.Unlock(mutex, {}, INTERLEAVE_PLACE, WaitersOf(mutex));
}

INTERLEAVE_MUTEX(bool, "7TryLockEv", abseil_try_lock, void* mutex) {
  if (!Inside()) return real_abseil_try_lock(mutex);
  EngineScope scope;
  return locks.TryLock(mutex, {}, INTERLEAVE_PLACE) == 0;
}

INTERLEAVE_MUTEX(void, "D1Ev", abseil_destroy_mutex, void* mutex) {
  if (Inside()) {
    EngineScope scope;
    locks.RenewMutex(mutex);
  }
  real_abseil_destroy_mutex(mutex);
}

INTERLEAVE_MUTEX(void, "5AwaitERKNS0_9ConditionE", abseil_await, void* mutex,
                 const void* condition) {
  if (!Inside()) return real_abseil_await(mutex, condition);
  Await(mutex, condition, kNever, INTERLEAVE_PLACE);
}

INTERLEAVE_MUTEX(bool, "16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE", abseil_await_timeout,
                 void* mutex, const void* condition, Span span) {
  if (!Inside()) return real_abseil_await_timeout(mutex, condition, span);
  return Await(mutex, condition, After(span), INTERLEAVE_PLACE);
}

INTERLEAVE_MUTEX(bool, "17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE", abseil_await_deadline,
                 void* mutex, const void* condition, Span time) {
  if (!Inside()) return real_abseil_await_deadline(mutex, condition, time);
  return Await(mutex, condition, time.Nanoseconds(), INTERLEAVE_PLACE);
}

INTERLEAVE_MUTEX(void, "8LockWhenERKNS0_9ConditionE", abseil_lock_when, void* mutex,
                 const void* condition) {
  if (!Inside()) return real_abseil_lock_when(mutex, condition);
  Lock(mutex, INTERLEAVE_PLACE);
  Await(mutex, condition, kNever, INTERLEAVE_PLACE);
}

INTERLEAVE_MUTEX(bool, "19LockWhenWithTimeoutERKNS0_9ConditionENS0_8DurationE",
                 abseil_lock_when_timeout, void* mutex, const void* condition, Span span) {
  if (!Inside()) return real_abseil_lock_when_timeout(mutex, condition, span);
  const Time deadline = After(span);
  Lock(mutex, INTERLEAVE_PLACE);
  return Await(mutex, condition, deadline, INTERLEAVE_PLACE);
}

INTERLEAVE_MUTEX(bool, "20LockWhenWithDeadlineERKNS0_9ConditionENS0_4TimeE",
                 abseil_lock_when_deadline, void* mutex, const void* condition, Span time) {
  if (!Inside()) return real_abseil_lock_when_deadline(mutex, condition, time);
  Lock(mutex, INTERLEAVE_PLACE);
  return Await(mutex, condition, time.Nanoseconds(), INTERLEAVE_PLACE);
}

INTERLEAVE_ABSEIL(void, "_ZNK4absl7debian35Mutex10AssertHeldEv", abseil_assert_held,
                  const void* mutex) {
  if (!Inside()) return real_abseil_assert_held(mutex);
  if (IsHeld(mutex)) return;
  EngineScope scope;
  scheduler.End(Ending::kAbort, "absl::Mutex::AssertHeld in " + scheduler.Current().Name() +
                                    ", which does not hold it");
}

INTERLEAVE_MUTEX(void, "10ReaderLockEv", abseil_reader_lock, void* mutex) {
  if (!Inside()) return real_abseil_reader_lock(mutex);
  Unsupported("absl::Mutex::ReaderLock");
}

INTERLEAVE_MUTEX(bool, "13ReaderTryLockEv", abseil_reader_try_lock, void* mutex) {
  if (!Inside()) return real_abseil_reader_try_lock(mutex);
  Unsupported("absl::Mutex::ReaderTryLock");
}

INTERLEAVE_MUTEX(void, "14ReaderLockWhenERKNS0_9ConditionE", abseil_reader_lock_when, void* mutex,
                 const void* condition) {
  if (!Inside()) return real_abseil_reader_lock_when(mutex, condition);
  Unsupported("absl::Mutex::ReaderLockWhen");
}

INTERLEAVE_MUTEX(bool, "25ReaderLockWhenWithTimeoutERKNS0_9ConditionENS0_8DurationE",
                 abseil_reader_lock_when_timeout, void* mutex, const void* condition, Span span) {
  if (!Inside()) return real_abseil_reader_lock_when_timeout(mutex, condition, span);
  Unsupported("absl::Mutex::ReaderLockWhenWithTimeout");
}

INTERLEAVE_MUTEX(bool, "26ReaderLockWhenWithDeadlineERKNS0_9ConditionENS0_4TimeE",
                 abseil_reader_lock_when_deadline, void* mutex, const void* condition, Span time) {
  if (!Inside()) return real_abseil_reader_lock_when_deadline(mutex, condition, time);
  Unsupported("absl::Mutex::ReaderLockWhenWithDeadline");
}

// ---- absl::CondVar ----

INTERLEAVE_CONDITION(void, "4WaitEPNS0_5MutexE", abseil_wait, pthread_cond_t* condition,
                     void* mutex) {
  if (!Inside()) return real_abseil_wait(condition, mutex);
  EngineScope scope;
  locks.Wait(condition, mutex, {}, kNever, INTERLEAVE_PLACE);
}

// True: its time ran out.
INTERLEAVE_CONDITION(bool, "15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE", abseil_wait_timeout,
                     pthread_cond_t* condition, void* mutex, Span span) {
  if (!Inside()) return real_abseil_wait_timeout(condition, mutex, span);
  EngineScope scope;
  return locks.Wait(condition, mutex, {}, After(span), INTERLEAVE_PLACE) == ETIMEDOUT;
}

INTERLEAVE_CONDITION(bool, "16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE", abseil_wait_deadline,
                     pthread_cond_t* condition, void* mutex, Span time) {
  if (!Inside()) return real_abseil_wait_deadline(condition, mutex, time);
  EngineScope scope;
  return locks.Wait(condition, mutex, {}, time.Nanoseconds(), INTERLEAVE_PLACE) == ETIMEDOUT;
}

INTERLEAVE_CONDITION(void, "6SignalEv", abseil_signal, pthread_cond_t* condition) {
  if (!Inside()) return real_abseil_signal(condition);
  EngineScope scope;
  locks.Notify(condition, false, INTERLEAVE_PLACE);
}

INTERLEAVE_CONDITION(void, "9SignalAllEv", abseil_signal_all, pthread_cond_t* condition) {
  if (!Inside()) return real_abseil_signal_all(condition);
  EngineScope scope;
  locks.Notify(condition, true, INTERLEAVE_PLACE);
}

INTERLEAVE_CONDITION(void, "D1Ev", abseil_destroy_condition, pthread_cond_t* condition) {
  if (Inside()) {
    EngineScope scope;
    locks.RenewCondition(condition);
  }
  real_abseil_destroy_condition(condition);
}

// ---- absl::Notification and absl::BlockingCounter: the atomics beside their mutexes ----

namespace {

// A Notification is a mutex and an atomic flag, which HasBeenNotified looks at.
constexpr std::size_t kFlag = 8;

void Notified(const void* notification) {
  EngineScope scope;
  atomics.Read(scheduler.Current(), static_cast<const char*>(notification) + kFlag,
               MemoryOrder::kAcquire);
}

}  // namespace

INTERLEAVE_ABSEIL(void, "_ZN4absl7debian312Notification6NotifyEv", abseil_notify,
                  void* notification) {
  if (!Inside()) return real_abseil_notify(notification);
  auto* flag = static_cast<char*>(notification) + kFlag;
  abseil_lock(notification);
  StopBeforeAtomic(scheduler.Current(), StepKind::kAtomicWrite, flag, 1, INTERLEAVE_PLACE);
  if (races.on) {
    races.Check(scheduler.Current(), reinterpret_cast<std::uintptr_t>(flag), 1, true, true,
                INTERLEAVE_PLACE);
  }
  {
    EngineScope scope;
    scheduler.Changed();
    *flag = 1;
    atomics.Publish(flag);
  }
  abseil_unlock(notification);
}

INTERLEAVE_ABSEIL(void, "_ZNK4absl7debian312Notification19WaitForNotificationEv",
                  abseil_wait_for_notification, const void* notification) {
  real_abseil_wait_for_notification(notification);
  if (Inside()) Notified(notification);
}

INTERLEAVE_ABSEIL(bool,
                  "_ZNK4absl7debian312Notification30WaitForNotificationWithTimeoutENS0_8DurationE",
                  abseil_wait_for_notification_timeout, const void* notification, Span span) {
  bool notified = real_abseil_wait_for_notification_timeout(notification, span);
  if (notified && Inside()) Notified(notification);
  return notified;
}

INTERLEAVE_ABSEIL(bool,
                  "_ZNK4absl7debian312Notification31WaitForNotificationWithDeadlineENS0_4TimeE",
                  abseil_wait_for_notification_deadline, const void* notification, Span time) {
  bool notified = real_abseil_wait_for_notification_deadline(notification, time);
  if (notified && Inside()) Notified(notification);
  return notified;
}

// Whoever is not the last only counts down; the last locks a mutex, and knows of all before it.
INTERLEAVE_ABSEIL(bool, "_ZN4absl7debian315BlockingCounter14DecrementCountEv",
                  abseil_decrement_count, void* counter) {
  if (Inside()) {
    EngineScope scope;
    scheduler.Visible(StepKind::kAtomicUpdate, counter, INTERLEAVE_PLACE, 4);
    atomics.Update(scheduler.Current(), counter, MemoryOrder::kAcqRel);
  }
  return real_abseil_decrement_count(counter);
}

// ---- Debian 13's, on which all of its blocking types stand ----

#define INTERLEAVE_REFUSED(result, symbol, name, shown)                            \
  INTERLEAVE_ABSEIL(result, "_ZN4absl7debian75Mutex" symbol, name, void* mutex) {  \
    if (Inside()) Unsupported("absl::Mutex::" shown " of this version of Abseil"); \
    return real_##name(mutex);                                                     \
  }

INTERLEAVE_REFUSED(void, "4LockEv", abseil7_lock, "Lock")
INTERLEAVE_REFUSED(bool, "7TryLockEv", abseil7_try_lock, "TryLock")
INTERLEAVE_REFUSED(void, "10ReaderLockEv", abseil7_reader_lock, "ReaderLock")
INTERLEAVE_REFUSED(bool, "13ReaderTryLockEv", abseil7_reader_try_lock, "ReaderTryLock")
