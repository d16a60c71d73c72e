// The memory hooks. A compiler with -fsanitize=thread puts a call before every access to memory and
// in place of every atomic operation; these are the functions that it calls. ThreadSanitizer's own
// library is not linked.
//
// A plain access is checked for races, and stops the thread first if its place is a scheduling
// point. An atomic operation is done here, because the compiler leaves it to the hook; all of them
// go through Atomic(), the one entry.
//
// What a program calls by name, memcpy and its like, is in memory_calls.cc.
#include "runtime/engine/hooks.h"

#include <cstddef>
#include <cstdint>

#include "runtime/engine/atomics.h"
#include "runtime/engine/freed_blocks.h"
#include "runtime/engine/inside.h"
#include "runtime/engine/memory_model.h"
#include "runtime/engine/places.h"
#include "runtime/engine/races.h"
#include "runtime/engine/scheduler.h"
#include "runtime/engine/step_trace.h"

namespace interleave::engine {
namespace {

// Of the accesses after which a thread gives way that makes no steps (Scheduler::kQuiet), an atomic
// one counts as many plain ones.
constexpr std::int64_t kAtomicCounts = 1000;

// What so many accesses cost of a run's budget of steps.
constexpr std::int64_t kQuietSteps = 1000;

void GiveWay(std::uintptr_t place) {
  EngineScope scope;
  scheduler.CountSteps(kQuietSteps);
  scheduler.GiveWay(place);
}

inline void StopAt(StepKind kind, const volatile void* address, std::size_t size,
                   std::uintptr_t place) {
  EngineScope scope;
  if (races.WantsCallers()) races.Comes(scheduler.Current(), place);
  const void* object = const_cast<const void*>(address);
  const auto bytes = static_cast<std::uint32_t>(size);
  if (kind == StepKind::kWrite || kind == StepKind::kAtomicWrite) {
    scheduler.Visible(kind, object, place, bytes);
  } else {
    scheduler.Look(kind, object, place, bytes);
  }
}

// What follows is inlined into each hook, where size and write are constants; what is rare is a
// call and the last thing that the hook does. So it needs no stack frame, and the way back from a
// switch of stacks to the program is short.

[[gnu::always_inline]] inline void CheckPlain(const void* address, std::size_t size, bool write,
                                              std::uintptr_t place) {
  if (!races.on) return;
  races.Check(scheduler.Current(), reinterpret_cast<std::uintptr_t>(address), size, write, false,
              place);
}

[[gnu::noinline, gnu::cold]] void WatchInModel(const void* address, std::size_t size, bool write,
                                               std::uintptr_t place) {
  {
    EngineScope scope;
    memory_model->Plain(scheduler.Current(), address, size, write);
  }
  CheckPlain(address, size, write, place);
}

[[gnu::always_inline]] inline void Watch(const void* address, std::size_t size, bool write,
                                         std::uintptr_t place) {
  if (memory_model != nullptr) [[unlikely]]
    return WatchInModel(address, size, write, place);
  CheckPlain(address, size, write, place);
}

[[gnu::noinline]] void PlainAtPoint(const void* address, std::size_t size, bool write,
                                    std::uintptr_t place) {
  // Each thread has its own there.
  if (scheduler.Layout().Contains(reinterpret_cast<std::uintptr_t>(address))) return;
  if (places.IsPoint(place)) {
    StopAt(write ? StepKind::kWrite : StepKind::kRead, address, size, place);
  }
  Watch(address, size, write, place);
}

// Alone nobody can be raced with, and nothing needs to be written down. But what the others gave
// back before they ended is gone for the last one, too.
inline bool IsAlone(const volatile void* address, std::size_t size, std::uintptr_t place) {
  if (!scheduler.Alone()) return false;
  const auto begin = reinterpret_cast<std::uintptr_t>(address);
  if (freed_blocks.MayHold(begin, size) && races.on) [[unlikely]]
    races.CheckFreed(begin, size, place);
  return true;
}

[[gnu::always_inline]] inline void PlainNow(const void* address, std::size_t size, bool write,
                                            std::uintptr_t place) {
  if (IsAlone(address, size, place)) return;
  if (places.MayBePoint(place)) [[unlikely]]
    return PlainAtPoint(address, size, write, place);
  Watch(address, size, write, place);
}

[[gnu::noinline, gnu::cold]] void PlainAfterMany(const void* address, std::size_t size, bool write,
                                                 std::uintptr_t place) {
  GiveWay(place);
  PlainNow(address, size, write, place);
}

[[gnu::always_inline]] inline void Plain(const void* address, std::size_t size, bool write,
                                         std::uintptr_t place) {
  if (!Inside()) return;
  if (scheduler.QuietForLong(1)) [[unlikely]]
    return PlainAfterMany(address, size, write, place);
  PlainNow(address, size, write, place);
}

}  // namespace

void StopBeforeAtomic(Thread& me, StepKind kind, const volatile void* address, std::size_t size,
                      std::uintptr_t place) {
  if (places.IsPoint(place)) {
    StopAt(kind, address, size, place);
    return;
  }
  if (step_trace.on) {
    step_trace.Touch(me, const_cast<const void*>(address), static_cast<std::uint32_t>(size), kind);
  }
  if (scheduler.QuietForLong(kAtomicCounts)) GiveWay(place);
}

namespace {

// An atomic operation whose value is the memory model's business. `operate` works on memory, so
// that has the value to be read for as long as it takes.
template <typename T, typename Operate>
[[gnu::noinline, gnu::cold]] auto InModel(Thread& me, StepKind kind, const volatile T* address,
                                          MemoryOrder order, std::uintptr_t place,
                                          Operate operate) {
  EngineScope scope;
  const AtomicUse use{const_cast<T*>(address), sizeof(T), place};
  if (kind == StepKind::kAtomicUpdate) {
    const AtomicValue before = memory_model->BeginUpdate(me, use, order);
    const AtomicValue newest = use.Memory();
    use.SetMemory(before);
    auto result = operate();
    const AtomicValue after = use.Memory();
    use.SetMemory(newest);
    if (after != before) scheduler.Changed();
    memory_model->EndUpdate(me, use, after, order);
    return result;
  }
  const AtomicValue newest = use.Memory();
  if (kind == StepKind::kAtomicRead) {
    const AtomicValue read = memory_model->Load(me, use, order);
    const AtomicValue now = use.Memory();
    use.SetMemory(read);
    auto result = operate();
    use.SetMemory(now);
    return result;
  }
  auto result = operate();
  const AtomicValue stored = use.Memory();
  use.SetMemory(newest);
  memory_model->Store(me, use, stored, order);
  return result;
}

// The one entry for atomic operations, and its part behind the stop. `operate` does it on memory,
// which holds the newest value; the rest says what it means for the clocks.
template <typename T, typename Operate>
[[gnu::always_inline]] inline auto StoppedAtomic(Thread& me, StepKind kind,
                                                 const volatile T* address, MemoryOrder order,
                                                 std::uintptr_t place, Operate operate) {
  bool write = kind != StepKind::kAtomicRead;
  if (races.on) {
    races.Check(me, reinterpret_cast<std::uintptr_t>(address), sizeof(T), write, true, place);
  }
  if (memory_model != nullptr) [[unlikely]]
    return InModel(me, kind, address, order, place, operate);
  const T before = *address;
  auto result = operate();
  if (*address != before) scheduler.Changed();
  const void* location = const_cast<const T*>(address);
  EngineScope scope;
  if (kind == StepKind::kAtomicRead) {
    atomics.Read(me, location, order);
  } else if (kind == StepKind::kAtomicWrite) {
    atomics.Write(me, location, order);
  } else {
    atomics.Update(me, location, order);
  }
  return result;
}

template <typename T, typename Operate>
inline auto Atomic(StepKind kind, const volatile T* address, MemoryOrder order,
                   std::uintptr_t place, Operate operate) {
  if (!Inside() || IsAlone(address, sizeof(T), place)) return operate();
  Thread& me = scheduler.Current();
  StopBeforeAtomic(me, kind, address, sizeof(T), place);
  return StoppedAtomic(me, kind, address, order, place, operate);
}

// A compare-exchange that fails is a load with its own order. Whether it will fail is known once it
// is its turn, so the clocks are left to the caller.
template <typename T>
[[gnu::noinline, gnu::cold]] bool CompareInModel(Thread& me, volatile T* address, T* expected,
                                                 MemoryModel::Comparison comparison,
                                                 std::uintptr_t place) {
  EngineScope scope;
  const AtomicUse use{const_cast<T*>(address), sizeof(T), place};
  const bool equal = memory_model->CompareExchange(me, use, comparison);
  if (!equal) *expected = static_cast<T>(comparison.expected);
  return equal;
}

template <typename T>
bool CompareExchange(volatile T* address, T* expected, T desired, bool weak, MemoryOrder success,
                     MemoryOrder failure, std::uintptr_t place) {
  if (!Inside() || IsAlone(address, sizeof(T), place)) {
    return __atomic_compare_exchange_n(address, expected, desired, false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_SEQ_CST);
  }
  Thread& me = scheduler.Current();
  StopBeforeAtomic(me, StepKind::kAtomicUpdate, address, sizeof(T), place);
  bool equal = __atomic_load_n(address, __ATOMIC_SEQ_CST) == *expected;
  if (races.on) {
    // It may write, whether it does this time or not: that makes the place a point.
    races.Check(me, reinterpret_cast<std::uintptr_t>(address), sizeof(T), true, true, place);
  }
  if (memory_model != nullptr) [[unlikely]]
    return CompareInModel(me, address, expected, {*expected, desired, weak, success, failure},
                          place);
  const void* location = const_cast<const T*>(address);
  EngineScope scope;
  if (equal) {
    scheduler.Changed();
    __atomic_store_n(address, desired, __ATOMIC_SEQ_CST);
    atomics.Update(me, location, success);
  } else {
    *expected = __atomic_load_n(address, __ATOMIC_SEQ_CST);
    atomics.Read(me, location, failure);
  }
  return equal;
}

}  // namespace

std::uint32_t StoppedExchange(std::uint32_t* word, std::uint32_t value, MemoryOrder order,
                              std::uintptr_t place) {
  return StoppedAtomic(scheduler.Current(), StepKind::kAtomicUpdate, word, order, place,
                       [&] { return __atomic_exchange_n(word, value, __ATOMIC_SEQ_CST); });
}

void WatchRead(const void* address, std::size_t size, std::uintptr_t place) {
  if (size > 0) Plain(address, size, false, place);
}

void WatchWrite(const void* address, std::size_t size, std::uintptr_t place) {
  if (size > 0) Plain(address, size, true, place);
}

void StopBeforeFree(const void* block, std::size_t size, std::uintptr_t place) {
  if (!scheduler.Alone() && places.IsPoint(place)) StopAt(StepKind::kWrite, block, size, place);
}

void WatchFree(const void* block, std::size_t size, std::uintptr_t place) {
  // Where there has never been a second thread a use of it is the same in each run.
  if (!races.on || scheduler.ThreadCount() == 1) return;
  races.GiveBack(scheduler.Current(), reinterpret_cast<std::uintptr_t>(block), size, place);
}

}  // namespace interleave::engine

using namespace interleave;
using namespace interleave::engine;

#define INTERLEAVE_PLAIN(size)                                       \
  INTERLEAVE_HOOK void __tsan_read##size(void* address) {            \
    Plain(address, size, false, INTERLEAVE_PLACE);                   \
  }                                                                  \
  INTERLEAVE_HOOK void __tsan_write##size(void* address) {           \
    Plain(address, size, true, INTERLEAVE_PLACE);                    \
  }                                                                  \
  INTERLEAVE_HOOK void __tsan_unaligned_read##size(void* address) {  \
    Plain(address, size, false, INTERLEAVE_PLACE);                   \
  }                                                                  \
  INTERLEAVE_HOOK void __tsan_unaligned_write##size(void* address) { \
    Plain(address, size, true, INTERLEAVE_PLACE);                    \
  }                                                                  \
  INTERLEAVE_HOOK void __tsan_volatile_read##size(void* address) {   \
    Plain(address, size, false, INTERLEAVE_PLACE);                   \
  }                                                                  \
  INTERLEAVE_HOOK void __tsan_volatile_write##size(void* address) {  \
    Plain(address, size, true, INTERLEAVE_PLACE);                    \
  }
INTERLEAVE_PLAIN(1)
INTERLEAVE_PLAIN(2)
INTERLEAVE_PLAIN(4)
INTERLEAVE_PLAIN(8)
INTERLEAVE_PLAIN(16)

INTERLEAVE_HOOK void __tsan_read_range(void* address, std::size_t size) {
  Plain(address, size, false, INTERLEAVE_PLACE);
}
INTERLEAVE_HOOK void __tsan_write_range(void* address, std::size_t size) {
  Plain(address, size, true, INTERLEAVE_PLACE);
}

INTERLEAVE_HOOK void __tsan_vptr_read(void** address) {
  Plain(address, sizeof *address, false, INTERLEAVE_PLACE);
}
// Constructors and destructors set the same pointer again and again; that alone is no race.
INTERLEAVE_HOOK void __tsan_vptr_update(void** address, void* value) {
  if (*address != value) Plain(address, sizeof *address, true, INTERLEAVE_PLACE);
}

#define INTERLEAVE_UPDATE(bits, name, builtin)                                                  \
  INTERLEAVE_HOOK std::uint##bits##_t __tsan_atomic##bits##_##name(                             \
      volatile std::uint##bits##_t* address, std::uint##bits##_t value, int order) {            \
    return Atomic(StepKind::kAtomicUpdate, address, static_cast<MemoryOrder>(order),            \
                  INTERLEAVE_PLACE, [&] { return builtin(address, value, __ATOMIC_SEQ_CST); }); \
  }

#define INTERLEAVE_ATOMIC(bits)                                                                  \
  INTERLEAVE_HOOK std::uint##bits##_t __tsan_atomic##bits##_load(                                \
      const volatile std::uint##bits##_t* address, int order) {                                  \
    return Atomic(StepKind::kAtomicRead, address, static_cast<MemoryOrder>(order),               \
                  INTERLEAVE_PLACE, [&] { return __atomic_load_n(address, __ATOMIC_SEQ_CST); }); \
  }                                                                                              \
  INTERLEAVE_HOOK void __tsan_atomic##bits##_store(volatile std::uint##bits##_t* address,        \
                                                   std::uint##bits##_t value, int order) {       \
    Atomic(StepKind::kAtomicWrite, address, static_cast<MemoryOrder>(order), INTERLEAVE_PLACE,   \
           [&] {                                                                                 \
             __atomic_store_n(address, value, __ATOMIC_SEQ_CST);                                 \
             return 0;                                                                           \
           });                                                                                   \
  }                                                                                              \
  INTERLEAVE_UPDATE(bits, exchange, __atomic_exchange_n)                                         \
  INTERLEAVE_UPDATE(bits, fetch_add, __atomic_fetch_add)                                         \
  INTERLEAVE_UPDATE(bits, fetch_sub, __atomic_fetch_sub)                                         \
  INTERLEAVE_UPDATE(bits, fetch_and, __atomic_fetch_and)                                         \
  INTERLEAVE_UPDATE(bits, fetch_or, __atomic_fetch_or)                                           \
  INTERLEAVE_UPDATE(bits, fetch_xor, __atomic_fetch_xor)                                         \
  INTERLEAVE_UPDATE(bits, fetch_nand, __atomic_fetch_nand)                                       \
  INTERLEAVE_HOOK int __tsan_atomic##bits##_compare_exchange_strong(                             \
      volatile std::uint##bits##_t* address, std::uint##bits##_t* expected,                      \
      std::uint##bits##_t desired, int success, int failure) {                                   \
    return CompareExchange(address, expected, desired, false, static_cast<MemoryOrder>(success), \
                           static_cast<MemoryOrder>(failure), INTERLEAVE_PLACE);                 \
  }                                                                                              \
  INTERLEAVE_HOOK int __tsan_atomic##bits##_compare_exchange_weak(                               \
      volatile std::uint##bits##_t* address, std::uint##bits##_t* expected,                      \
      std::uint##bits##_t desired, int success, int failure) {                                   \
    return CompareExchange(address, expected, desired, true, static_cast<MemoryOrder>(success),  \
                           static_cast<MemoryOrder>(failure), INTERLEAVE_PLACE);                 \
  }                                                                                              \
  INTERLEAVE_HOOK std::uint##bits##_t __tsan_atomic##bits##_compare_exchange_val(                \
      volatile std::uint##bits##_t* address, std::uint##bits##_t expected,                       \
      std::uint##bits##_t desired, int success, int failure) {                                   \
    CompareExchange(address, &expected, desired, false, static_cast<MemoryOrder>(success),       \
                    static_cast<MemoryOrder>(failure), INTERLEAVE_PLACE);                        \
    return expected;                                                                             \
  }
INTERLEAVE_ATOMIC(8)
INTERLEAVE_ATOMIC(16)
INTERLEAVE_ATOMIC(32)
INTERLEAVE_ATOMIC(64)

INTERLEAVE_HOOK void __tsan_atomic_thread_fence(int order) {
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  if (!Inside() || scheduler.Alone()) return;
  EngineScope scope;
  if (memory_model != nullptr) {
    if (static_cast<MemoryOrder>(order) == MemoryOrder::kSeqCst) {
      scheduler.Look(StepKind::kFence, &kSeqCstOrder, INTERLEAVE_PLACE);
    }
    return memory_model->Fence(scheduler.Current(), static_cast<MemoryOrder>(order));
  }
  PassFence(scheduler.Current(), static_cast<MemoryOrder>(order));
}

INTERLEAVE_HOOK void __tsan_atomic_signal_fence(int) {}

// Of no use here: who called whom is read off the stack when somebody asks. gcc is told to leave
// them out (instrument.bzl); clang calls them.
extern "C" __attribute__((used)) void __tsan_func_entry(void*) {}
extern "C" __attribute__((used)) void __tsan_func_exit() {}
extern "C" __attribute__((used)) void __tsan_init() {}
