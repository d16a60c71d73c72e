// runtime/engine/hooks.h
//
// What the memory hooks share: an access of the program's is checked for races, and stops the
// thread first if its place is a scheduling point.
#ifndef INTERLEAVE_RUNTIME_ENGINE_HOOKS_H_
#define INTERLEAVE_RUNTIME_ENGINE_HOOKS_H_

#include <cstddef>
#include <cstdint>

#include "runtime/engine/atomics.h"
#include "runtime/engine/thread.h"

// All hooks stand in one of two sections of the program, by which call_sites.cc knows a call of
// one. What is called in the second reads memory and then writes some: two accesses from one call,
// which need two places. The call's return address is that of the write, and the byte before it
// stands for the read.
#define INTERLEAVE_HOOK extern "C" __attribute__((section("interleave_hooks"), used))
#define INTERLEAVE_COPYING_HOOK extern "C" __attribute__((section("interleave_copies"), used))
#define INTERLEAVE_PLACE reinterpret_cast<std::uintptr_t>(__builtin_return_address(0))

namespace interleave::engine {

inline std::uintptr_t ReadOfCopy(std::uintptr_t place) { return place - 1; }

// The program is about to access [address, address + size), which the compiler has not said.
void WatchRead(const void* address, std::size_t size, std::uintptr_t place);
void WatchWrite(const void* address, std::size_t size, std::uintptr_t place);

// The thread is about to use an atomic variable.
void StopBeforeAtomic(Thread& me, StepKind kind, const volatile void* address, std::size_t size,
                      std::uintptr_t place);

// What is said of an atomic exchange that comes next. Returns the value before.
std::uint32_t StoppedExchange(std::uint32_t* word, std::uint32_t value, MemoryOrder order,
                              std::uintptr_t place);

// A block of the heap that the program gives back: before it and, when it may, then.
void StopBeforeFree(const void* block, std::size_t size, std::uintptr_t place);
void WatchFree(const void* block, std::size_t size, std::uintptr_t place);

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_HOOKS_H_
