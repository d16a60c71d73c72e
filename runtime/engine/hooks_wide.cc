// Atomic operations on objects that no register holds: 16 bytes, which g++ turns into
// __tsan_atomic128_load and its like, and any other size, for which every compiler calls
// libatomic's
// __atomic_load(size, ...). These are points and have their clocks like all others; the variable's
// address stands for all of it.
//
// libatomic's own functions are replaced for the whole program, so all of it agrees on the locks
// behind them.
#include <sched.h>

#include <atomic>
#include <cstring>

#include "runtime/engine/atomics.h"
#include "runtime/engine/hooks.h"
#include "runtime/engine/inside.h"
#include "runtime/engine/memory_model.h"
#include "runtime/engine/races.h"
#include "runtime/engine/scheduler.h"

namespace interleave::engine {
namespace {

using Wide = unsigned __int128;

// Real threads outside of a simulation.
class [[nodiscard]] LockOf {
 public:
  explicit LockOf(const volatile void* object)
      : lock_(locks[reinterpret_cast<std::uintptr_t>(object) / 64 % kLocks]) {
    while (lock_.test_and_set(std::memory_order_acquire)) sched_yield();
  }
  ~LockOf() { lock_.clear(std::memory_order_release); }

 private:
  static constexpr std::size_t kLocks = 64;
  static inline std::atomic_flag locks[kLocks];
  std::atomic_flag& lock_;
};

// cmpxchg16b (-mcx16), which libatomic uses, too.
bool Swap(volatile Wide* object, Wide* expected, Wide desired) {
  const Wide before = __sync_val_compare_and_swap(object, *expected, desired);
  const bool equal = before == *expected;
  *expected = before;
  return equal;
}

// The whole of an operation: the step, the race, the clocks. `operate` does it and says whether it
// has written.
template <typename Operate>
void Atomically(StepKind kind, const volatile void* object, std::size_t size, MemoryOrder order,
                MemoryOrder failure, std::uintptr_t place, Operate operate) {
  if (!Inside() || scheduler.Alone()) {
    operate();
    return;
  }
  Thread& me = scheduler.Current();
  StopBeforeAtomic(me, kind, object, size, place);
  if (races.on) {
    races.Check(me, reinterpret_cast<std::uintptr_t>(object), size, kind != StepKind::kAtomicRead,
                true, place);
  }
  if (memory_model != nullptr) [[unlikely]] {
    EngineScope scope;
    memory_model->LeavesMemory(me);  // a locked instruction, or a lock
  }
  const bool wrote = operate();
  const void* location = const_cast<const void*>(object);
  EngineScope scope;
  if (wrote) scheduler.Changed();
  if (kind == StepKind::kAtomicRead) {
    atomics.Read(me, location, order);
  } else if (kind == StepKind::kAtomicWrite) {
    atomics.Write(me, location, order);
  } else if (wrote) {
    atomics.Update(me, location, order);
  } else {
    atomics.Read(me, location, failure);
  }
}

Wide Load(const volatile Wide* object) {
  Wide value = 0;
  Swap(const_cast<volatile Wide*>(object), &value, 0);
  return value;
}

template <typename Change>
Wide Exchange(volatile Wide* object, Change change) {
  Wide before = Load(object);
  while (!Swap(object, &before, change(before))) {
  }
  return before;
}

template <typename Change>
Wide Update(volatile Wide* object, int order, std::uintptr_t place, Change change) {
  Wide before = 0;
  Atomically(StepKind::kAtomicUpdate, object, sizeof(Wide), static_cast<MemoryOrder>(order),
             MemoryOrder::kRelaxed, place, [&] {
               before = Exchange(object, change);
               return true;
             });
  return before;
}

bool CompareExchange(volatile Wide* object, Wide* expected, Wide desired, int success, int failure,
                     std::uintptr_t place) {
  bool equal = false;
  Atomically(StepKind::kAtomicUpdate, object, sizeof(Wide), static_cast<MemoryOrder>(success),
             static_cast<MemoryOrder>(failure), place,
             [&] { return equal = Swap(object, expected, desired); });
  return equal;
}

// One of libatomic's functions may be called for a size that inline code has instructions for.
bool IsNative(const volatile void* object, std::size_t size) {
  return (size == 1 || size == 2 || size == 4 || size == 8 || size == 16) &&
         reinterpret_cast<std::uintptr_t>(object) % size == 0;
}

template <typename T>
bool SwapNative(volatile T* object, T* expected, T desired) {
  if constexpr (sizeof(T) == sizeof(Wide)) {
    return Swap(object, expected, desired);
  } else {
    return __atomic_compare_exchange_n(object, expected, desired, false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_SEQ_CST);
  }
}

template <typename T>
T LoadNative(const volatile T* object) {
  if constexpr (sizeof(T) == sizeof(Wide)) {
    return Load(object);
  } else {
    return __atomic_load_n(object, __ATOMIC_SEQ_CST);
  }
}

template <typename T>
bool OperateNative(volatile void* object, const void* desired, void* before, const void* expected) {
  auto* address = static_cast<volatile T*>(object);
  T value = LoadNative(address);
  if (expected != nullptr) std::memcpy(&value, expected, sizeof value);
  bool done = true;
  if (desired != nullptr) {
    T wanted{};
    std::memcpy(&wanted, desired, sizeof wanted);
    do {
      done = SwapNative(address, &value, wanted);
    } while (!done && expected == nullptr);
  }
  if (before != nullptr) std::memcpy(before, &value, sizeof value);
  return done;
}

// The value before comes to `before` (none: nobody wants it); `desired` (none: it is only read)
// takes its place, if that was `expected` (none: whatever it was).
bool Operate(std::size_t size, volatile void* object, const void* desired, void* before,
             const void* expected) {
  if (IsNative(object, size)) {
    switch (size) {
      case 1:
        return OperateNative<std::uint8_t>(object, desired, before, expected);
      case 2:
        return OperateNative<std::uint16_t>(object, desired, before, expected);
      case 4:
        return OperateNative<std::uint32_t>(object, desired, before, expected);
      case 8:
        return OperateNative<std::uint64_t>(object, desired, before, expected);
      default:
        return OperateNative<Wide>(object, desired, before, expected);
    }
  }
  LockOf lock(object);
  void* memory = const_cast<void*>(object);
  if (before == nullptr) {
    std::memcpy(memory, desired, size);
    return true;
  }
  const bool done = expected == nullptr || std::memcmp(memory, expected, size) == 0;
  std::memmove(before, memory, size);
  if (done && desired != nullptr) std::memcpy(memory, desired, size);
  return done;
}

}  // namespace
}  // namespace interleave::engine

using namespace interleave;
using namespace interleave::engine;

INTERLEAVE_HOOK Wide __tsan_atomic128_load(const volatile Wide* object, int order) {
  Wide value = 0;
  Atomically(StepKind::kAtomicRead, object, sizeof value, static_cast<MemoryOrder>(order),
             MemoryOrder::kRelaxed, INTERLEAVE_PLACE, [&] {
               value = Load(object);
               return false;
             });
  return value;
}

INTERLEAVE_HOOK void __tsan_atomic128_store(volatile Wide* object, Wide value, int order) {
  Atomically(StepKind::kAtomicWrite, object, sizeof value, static_cast<MemoryOrder>(order),
             MemoryOrder::kRelaxed, INTERLEAVE_PLACE,
             [&] { return Exchange(object, [=](Wide) { return value; }) != value; });
}

#define INTERLEAVE_UPDATE128(name, expression)                                                 \
  INTERLEAVE_HOOK Wide __tsan_atomic128_##name(volatile Wide* object, Wide value, int order) { \
    return Update(object, order, INTERLEAVE_PLACE,                                             \
                  [=](Wide before) -> Wide { return expression; });                            \
  }
INTERLEAVE_UPDATE128(exchange, (static_cast<void>(before), value))
INTERLEAVE_UPDATE128(fetch_add, before + value)
INTERLEAVE_UPDATE128(fetch_sub, before - value)
INTERLEAVE_UPDATE128(fetch_and, before& value)
INTERLEAVE_UPDATE128(fetch_or, before | value)
INTERLEAVE_UPDATE128(fetch_xor, before ^ value)
INTERLEAVE_UPDATE128(fetch_nand, ~(before& value))

INTERLEAVE_HOOK int __tsan_atomic128_compare_exchange_strong(volatile Wide* object, Wide* expected,
                                                             Wide desired, int success,
                                                             int failure) {
  return CompareExchange(object, expected, desired, success, failure, INTERLEAVE_PLACE);
}

INTERLEAVE_HOOK int __tsan_atomic128_compare_exchange_weak(volatile Wide* object, Wide* expected,
                                                           Wide desired, int success, int failure) {
  return CompareExchange(object, expected, desired, success, failure, INTERLEAVE_PLACE);
}

INTERLEAVE_HOOK Wide __tsan_atomic128_compare_exchange_val(volatile Wide* object, Wide expected,
                                                           Wide desired, int success, int failure) {
  CompareExchange(object, &expected, desired, success, failure, INTERLEAVE_PLACE);
  return expected;
}

// ---- libatomic's, for any size ----

// Their names are the compiler's own, for builtins of other types.
#define INTERLEAVE_LIBATOMIC(type, name, ...)                                            \
  INTERLEAVE_HOOK type interleave_atomic_##name(__VA_ARGS__) __asm__("__atomic_" #name); \
  INTERLEAVE_HOOK type interleave_atomic_##name(__VA_ARGS__)

INTERLEAVE_LIBATOMIC(void, load, std::size_t size, const volatile void* object, void* value,
                     int order) {
  Atomically(StepKind::kAtomicRead, object, size, static_cast<MemoryOrder>(order),
             MemoryOrder::kRelaxed, INTERLEAVE_PLACE, [&] {
               Operate(size, const_cast<volatile void*>(object), nullptr, value, nullptr);
               return false;
             });
}

INTERLEAVE_LIBATOMIC(void, exchange, std::size_t size, volatile void* object, const void* desired,
                     void* before, int order) {
  Atomically(StepKind::kAtomicUpdate, object, size, static_cast<MemoryOrder>(order),
             MemoryOrder::kRelaxed, INTERLEAVE_PLACE,
             [&] { return Operate(size, object, desired, before, nullptr); });
}

INTERLEAVE_LIBATOMIC(bool, compare_exchange, std::size_t size, volatile void* object,
                     void* expected, const void* desired, int success, int failure) {
  bool equal = false;
  Atomically(StepKind::kAtomicUpdate, object, size, static_cast<MemoryOrder>(success),
             static_cast<MemoryOrder>(failure), INTERLEAVE_PLACE,
             [&] { return equal = Operate(size, object, desired, expected, expected); });
  return equal;
}

INTERLEAVE_LIBATOMIC(void, store, std::size_t size, volatile void* object, const void* value,
                     int order) {
  Atomically(StepKind::kAtomicWrite, object, size, static_cast<MemoryOrder>(order),
             MemoryOrder::kRelaxed, INTERLEAVE_PLACE,
             [&] { return Operate(size, object, value, nullptr, nullptr); });
}
