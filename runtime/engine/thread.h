// runtime/engine/thread.h
//
// A simulated thread: where it stands, what it knows of the others, and what pthreads keeps for it.
#ifndef INTERLEAVE_RUNTIME_ENGINE_THREAD_H_
#define INTERLEAVE_RUNTIME_ENGINE_THREAD_H_

#include <unwind.h>

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/engine/explore.h"
#include "runtime/engine/fiber.h"
#include "runtime/engine/vector_clock.h"

namespace interleave::engine {

// Nanoseconds since 1970, virtual.
using Time = std::int64_t;
inline constexpr Time kNever = INT64_MAX;

// The operation before which a thread stands. A thread stops before each visible operation, so the
// scheduler knows what every one of them is about to do.
struct Operation {
  StepKind kind = StepKind::kStart;
  const void* object = nullptr;  // the mutex, the variable ...
  std::uintptr_t place = 0;      // return address of the call
  std::uint32_t size = 0;        // of a memory access

  bool operator==(const Operation&) const = default;
};

// What a strategy may look at.
struct ThreadGlance {
  std::uint64_t steps = 0;
  bool ended = false;
  Operation next;

  bool operator==(const ThreadGlance&) const = default;
};

// Of two such steps on the same object either may come first, it makes no difference: readers of a
// reader-writer lock don't notice each other.
inline bool OnlyReads(StepKind kind) {
  switch (kind) {
    case StepKind::kRead:
    case StepKind::kAtomicRead:
    case StepKind::kReadLock:
    case StepKind::kTryReadLock:
    case StepKind::kReadUnlock:
    case StepKind::kPoll:
      return true;
    default:
      return false;
  }
}

inline bool AccessesMemory(StepKind kind) {
  return kind == StepKind::kRead || kind == StepKind::kWrite || kind == StepKind::kAtomicRead ||
         kind == StepKind::kAtomicWrite || kind == StepKind::kAtomicUpdate;
}

// What pthread_create was given.
struct StartRoutine {
  void* (*function)(void*) = nullptr;
  void* argument = nullptr;
};

struct ThreadExitFunction {  // destructor of a thread_local, from __cxa_thread_atexit
  void (*function)(void*) = nullptr;
  void* object = nullptr;
};

struct Thread;

// What every thread begins with, in parts: an assignment of one part is a few stores, of all in one
// piece it would be a string instruction, which takes longer to start than to store.

struct ThreadProgress {
  std::uint32_t number = 0;
  std::uint32_t epoch = 1;  // its own entry of the clocks below
  Operation next;
  std::uint64_t steps = 0;  // that it was chosen for, or had to make
  const void* last_atomic_read = nullptr;
};

// A thread whose wait is over knows whether it was woken or its time ran out.
struct ThreadWait {
  bool woken = false;
  bool expired = false;              // its deadline came while it stood before a lock
  bool settles_at_deadline = false;  // goes on then without being chosen (a sleep)
  bool shown_blocked = false;        // the trace says already that it waits
  bool signalled = false;            // there are signals that it may take now
  Time deadline = kNever;
  std::uint64_t timer = 0;        // the armed timer's number; 0: none
  std::int64_t released_by = -1;  // who last let it go on: a thread's number
  std::int64_t open_step = -1;    // a write in the trace whose value is not known yet
};

struct ThreadLife {
  StartRoutine start;
  void* result = nullptr;
  Thread* joiner = nullptr;
  bool started = false;
  bool ended = false;
  bool detached = false;
  bool joined = false;
  int policy = 0;  // pthread_setschedparam
  int priority = 0;
  int cancel_state = 0;  // pthread_setcancelstate
  int cancel_type = 0;
};

struct ThreadPatience {
  // Looks in vain (Scheduler::Repeats).
  std::uint64_t looks_turn = 0;
  int repeats = 0;

  // Steps since anybody else ran, and how many are too many (Scheduler::NotAloneForEver).
  int alone = 0;
  std::uint64_t alone_turn = 0;
  int patience = 0;

  int looks_at_clock = 0;  // since its last scheduling point
  Time pause = 0;          // how long its next GiveWay to nobody takes
  std::uint64_t pause_turn = 0;
};

struct Thread : ThreadProgress, ThreadWait, ThreadLife, ThreadPatience {
  Fiber fiber;
  Thread* settles_next = nullptr;  // who settles after it

  // What it knows of the others (vector_clock.h). The other two serve fences: what relaxed loads
  // have seen, for an acquire fence to come; what was known at the last release fence, for relaxed
  // stores to pass on.
  VectorClock known;
  VectorClock pending_acquires;
  VectorClock release_fence;

  std::string name;  // as given; empty: the default one
  std::vector<ThreadExitFunction> exit_functions;
  std::vector<const void*> held;         // locks, in the order in which it took them
  std::vector<const void*> key_values;   // pthread_setspecific, by key
  std::vector<void*> cleanup_functions;  // a C program's pthread_cleanup_push
  _Unwind_Exception leaving;             // what unwinds the stack at pthread_exit

  // What it has looked at since anybody else ran or it changed something itself
  // (Scheduler::Repeats).
  struct Look {
    std::uintptr_t place;
    const void* object;
    int times;
  };
  std::vector<Look> looks;

  std::string Name() const {
    if (!name.empty()) return name;
    return number == 0 ? "MainThread" : "Thread-" + std::to_string(number);
  }

  ThreadGlance Glance() const { return {steps, ended, next}; }

  void Reset(std::uint32_t new_number) {
    static_cast<ThreadProgress&>(*this) = {};
    static_cast<ThreadWait&>(*this) = {};
    static_cast<ThreadLife&>(*this) = {};
    static_cast<ThreadPatience&>(*this) = {};
    number = new_number;
    known.Clear();
    pending_acquires.Clear();
    release_fence.Clear();
    name.clear();
    exit_functions.clear();
    held.clear();
    key_values.clear();
    cleanup_functions.clear();
    looks.clear();
  }
};

// A release: what `thread` knows now, itself included, is in `clock` afterwards, and what it does
// from here on is not.
inline void ReleaseTo(VectorClock& clock, Thread& thread) {
  clock.Join(thread.known);
  clock.Set(thread.number, thread.epoch);
  ++thread.epoch;
}

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_THREAD_H_
