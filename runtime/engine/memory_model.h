// runtime/engine/memory_model.h
//
// What an atomic load may return. Under sequential consistency that is the newest value, memory has
// it, and nobody asks here. The C++ standard allows more, and so do processors: with
//
//     thread 1: x.store(1, relaxed); a = y.load(relaxed);
//     thread 2: y.store(1, relaxed); b = x.load(relaxed);
//
// a and b may both be 0. A memory model answers each atomic operation of a run, and where it has
// more than one answer, that is a choice of the schedule like any other; the first is the ordinary
// one, of sequential consistency. There are two:
//
//   cpp  what C++20 allows: every location has its modification order, and a load may take any
//        store in it that coherence ([intro.races]/14 to 18) and the single order of seq_cst
//        operations ([atomics.order]/4) leave open (cpp_memory.h)
//   tso  what an x86 does: stores wait in a buffer (store_buffers.h)
//
// What both need is there without them: locks, creation and join pass on clocks (vector_clock.h).
// Plain memory is the same in every mode. A program without a data race cannot tell the difference,
// for what it reads happened before ([intro.races]/13), and one with a race has no meaning
// ([intro.races]/21).
//
// A run goes forwards: a load reads a store that has been made. So an outcome is missing that needs
// a load to read what a later step of the same thread leads to, directly or round through others
// (load buffering), or a single order of seq_cst operations against the order of the steps.
//
// Memory itself holds the last store of the modification order, or under tso the last that has left
// its buffer.
#ifndef INTERLEAVE_RUNTIME_ENGINE_MEMORY_MODEL_H_
#define INTERLEAVE_RUNTIME_ENGINE_MEMORY_MODEL_H_

#include <cstdint>
#include <cstring>

#include "runtime/engine/atomics.h"
#include "runtime/engine/explore.h"
#include "runtime/engine/thread.h"

namespace interleave::engine {

using AtomicValue = std::uint64_t;  // the first bytes count

// The variable that an operation uses, and where in the program that is.
struct AtomicUse {
  void* address;
  std::uint32_t size;
  std::uintptr_t place;

  AtomicValue Memory() const {
    AtomicValue value = 0;
    std::memcpy(&value, address, size);
    return value;
  }
  // Memory that has it is left alone: it may be read-only.
  void SetMemory(AtomicValue value) const {
    if (Memory() != value) std::memcpy(address, &value, size);
  }
};

// All of these are called in an EngineScope by the thread whose turn it is, which has stopped
// before its step.
class MemoryModel {
 public:
  virtual ~MemoryModel() = default;

  virtual void BeginRun() = 0;

  virtual AtomicValue Load(Thread& thread, const AtomicUse& use, MemoryOrder order) = 0;
  virtual void Store(Thread& thread, const AtomicUse& use, AtomicValue value,
                     MemoryOrder order) = 0;

  // An update in two parts: what it reads, and what it makes of that.
  virtual AtomicValue BeginUpdate(Thread& thread, const AtomicUse& use, MemoryOrder order) = 0;
  virtual void EndUpdate(Thread& thread, const AtomicUse& use, AtomicValue value,
                         MemoryOrder order) = 0;

  struct Comparison {
    AtomicValue expected, desired;
    bool weak;
    MemoryOrder success, failure;
  };
  // Whether it wrote; `expected` is what it read.
  virtual bool CompareExchange(Thread& thread, const AtomicUse& use, Comparison& comparison) = 0;

  virtual void Fence(Thread& thread, MemoryOrder order) = 0;

  // The thread is about to access this as plain memory.
  virtual void Plain(Thread& thread, const void* address, std::size_t size, bool write) = 0;

  // The 8 bytes from `begin` are no atomics any more.
  virtual void Forget(std::uintptr_t begin) = 0;

  // The thread is the only one. What it has done and what was done before by those that have ended
  // happens before all that is to come.
  virtual void ForgetAll() = 0;

  // The thread makes a step that is no access to memory, such as to lock.
  virtual void LeavesMemory(Thread& thread) = 0;

  // Whether its end is a step, since the others may come before it with what they read.
  virtual bool HoldsBack(const Thread& thread) const = 0;

  // Of one byte that was 0 and has been stored, or read, where no hook sees it.
  virtual void Published(Thread& thread, const void* address) = 0;
  virtual void Learned(Thread& thread, const void* address) = 0;

  // Whether in any run since it was made an old value could have been read once more.
  bool cut_stale = false;
};

// In a loop that waits an outdated value could be read for ever; the standard asks that it is not
// ([atomics.order]/11). So where a place has read one and comes to it again, it may read it so many
// times more, and then has to take a newer one. Bugs of a program that looks a few times and then
// does something else are hidden by that, so a report says when it has happened.
extern const int kStaleRereads;

// Null: sequential consistency.
extern MemoryModel* memory_model;

// Between runs.
void SetMemoryMode(MemoryMode mode);

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_MEMORY_MODEL_H_
