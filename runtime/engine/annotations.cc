#include "runtime/engine/annotations.h"

#include "runtime/engine/inside.h"
#include "runtime/engine/scheduler.h"

namespace interleave::engine {

Annotations annotations;

void Annotations::Locked(const void* address, Thread& thread, bool to_read) {
  Lock& lock = locks_.Of(address);
  thread.known.Join(lock.written);
  if (!to_read) thread.known.Join(lock.read);
}

void Annotations::Unlocks(const void* address, Thread& thread, bool to_read) {
  Lock& lock = locks_.Of(address);
  ReleaseTo(to_read ? lock.read : lock.written, thread);
}

}  // namespace interleave::engine

using namespace interleave::engine;

namespace {

// The flags of tsan_interface.h that matter.
constexpr unsigned kReadLock = 1 << 3;
constexpr unsigned kTryLockFailed = 1 << 5;

}  // namespace

#define INTERLEAVE_ANNOTATION extern "C" __attribute__((used))

INTERLEAVE_ANNOTATION void __tsan_mutex_post_lock(void* lock, unsigned flags, int) {
  if (!Inside() || (flags & kTryLockFailed) != 0) return;
  EngineScope scope;
  annotations.Locked(lock, scheduler.Current(), (flags & kReadLock) != 0);
}

INTERLEAVE_ANNOTATION int __tsan_mutex_pre_unlock(void* lock, unsigned flags) {
  if (!Inside()) return 0;
  EngineScope scope;
  annotations.Unlocks(lock, scheduler.Current(), (flags & kReadLock) != 0);
  return 0;
}

INTERLEAVE_ANNOTATION void __tsan_acquire(void* address) {
  if (!Inside()) return;
  EngineScope scope;
  annotations.Locked(address, scheduler.Current(), false);
}

INTERLEAVE_ANNOTATION void __tsan_release(void* address) {
  if (!Inside()) return;
  EngineScope scope;
  annotations.Unlocks(address, scheduler.Current(), false);
}

INTERLEAVE_ANNOTATION void __tsan_mutex_create(void*, unsigned) {}
INTERLEAVE_ANNOTATION void __tsan_mutex_destroy(void*, unsigned) {}
INTERLEAVE_ANNOTATION void __tsan_mutex_pre_lock(void*, unsigned) {}
INTERLEAVE_ANNOTATION void __tsan_mutex_post_unlock(void*, unsigned) {}
INTERLEAVE_ANNOTATION void __tsan_mutex_pre_signal(void*, unsigned) {}
INTERLEAVE_ANNOTATION void __tsan_mutex_post_signal(void*, unsigned) {}
INTERLEAVE_ANNOTATION void __tsan_mutex_pre_divert(void*, unsigned) {}
INTERLEAVE_ANNOTATION void __tsan_mutex_post_divert(void*, unsigned) {}
