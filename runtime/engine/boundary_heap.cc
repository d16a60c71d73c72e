// The boundary for giving memory back, which is a write to all of it: whoever comes later uses what
// is no more, and races with the free if nothing orders the two. The blocks are held until the end
// of the run (freed_blocks.h).
//
// With what was before it a free does not race. Behind it there may be an order that nobody here
// has seen: the reference count of an exception is libstdc++'s own.
#include <malloc.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <new>

#include "runtime/engine/boundary.h"
#include "runtime/engine/freed_blocks.h"
#include "runtime/engine/hooks.h"
#include "runtime/engine/own_memory.h"
#include "runtime/engine/scheduler.h"
#include "runtime/engine/shadow.h"

// AddressSanitizer has a heap of its own, and no races are looked for beside it.
#ifndef INTERLEAVE_ASAN

extern "C" {
void* __libc_malloc(size_t size);
extern const char __executable_start[], end[];
}

// They may be scheduling points, so a schedule must be able to name calls of them (call_sites.h).
#define INTERLEAVE_HEAP_BOUNDARY INTERLEAVE_BOUNDARY __attribute__((section("interleave_hooks")))

namespace interleave::engine {
namespace {

INTERLEAVE_REAL(munmap);

// libc ends the process when it sees a block that cannot be its own, if not worse happens.
bool IsOfTheHeap(void* block) {
  const auto address = reinterpret_cast<std::uintptr_t>(block);
  const auto begin = reinterpret_cast<std::uintptr_t>(__executable_start);
  const auto stack =
      reinterpret_cast<std::uintptr_t>(scheduler.Current().fiber.GetStack()->Bottom());
  return address % alignof(std::max_align_t) == 0 &&
         (address < begin || address >= reinterpret_cast<std::uintptr_t>(end)) &&
         (address < stack || address >= stack + kStackBytes);
}

// A copy of the block may be made before it is gone: `last_use`.
template <typename LastUse>
void GiveBack(void* block, std::uintptr_t place, LastUse last_use) {
  if (!IsOfTheHeap(block)) {
    MisusesFreedMemory(Ending::kAbort, "free of what is not of the heap", place, 0, 0);
  }
  const std::size_t size = malloc_usable_size(block);
  StopBeforeFree(block, size, place);
  last_use(size);
  WatchFree(block, size, place);
  if (const FreedBlocks::Block* before = freed_blocks.Find(block)) {
    MisusesFreedMemory(Ending::kAbort, "freed twice", place, before->thread, before->place);
  }
  EngineScope scope;
  freed_blocks.Add(block, size, scheduler.Current().number, place);
}

void Free(void* block, std::uintptr_t place) {
  if (!Inside() || block == nullptr) return FreeOwn(block);
  GiveBack(block, place, [](std::size_t) {});
}

}  // namespace
}  // namespace interleave::engine

using namespace interleave;
using namespace interleave::engine;

INTERLEAVE_HEAP_BOUNDARY void free(void* block) noexcept { Free(block, INTERLEAVE_PLACE); }

INTERLEAVE_HEAP_BOUNDARY void* realloc(void* block, size_t size) noexcept {
  if (!Inside() || block == nullptr) return ReallocOwn(block, size);
  void* moved = size == 0 ? nullptr : __libc_malloc(size);
  if (moved == nullptr && size != 0) return nullptr;
  GiveBack(block, INTERLEAVE_PLACE, [=](std::size_t old_size) {
    if (moved != nullptr) std::memcpy(moved, block, std::min(old_size, size));
  });
  return moved;
}

// What `delete` calls: libstdc++'s own would call free from within, from the same place every time.
// A program may have a function of its own for the first, which the others then have to call.
extern "C" __attribute__((weak, section("interleave_hooks"))) void __interleave_delete(
    void* block) noexcept {
  Free(block, INTERLEAVE_PLACE);
}

__attribute__((weak, alias("__interleave_delete"))) void operator delete(void* block) noexcept;

#define INTERLEAVE_DELETE(...)                                                            \
  __attribute__((weak, section("interleave_hooks"))) void operator __VA_ARGS__ noexcept { \
    const auto plain = static_cast<void (*)(void*) noexcept>(::operator delete);          \
    if (plain != __interleave_delete) return plain(block);                                \
    Free(block, INTERLEAVE_PLACE);                                                        \
  }
INTERLEAVE_DELETE(delete (void* block, std::size_t))
INTERLEAVE_DELETE(delete (void* block, const std::nothrow_t&))
INTERLEAVE_DELETE(delete[](void* block))
INTERLEAVE_DELETE(delete[](void* block, std::size_t))
INTERLEAVE_DELETE(delete[](void* block, const std::nothrow_t&))

// Unmapped memory is gone: an access is a fault. What is mapped there next has no history.
INTERLEAVE_HEAP_BOUNDARY int munmap(void* memory, size_t size) noexcept {
  if (!Inside() || scheduler.Alone()) return real_munmap(memory, size);
  WatchWrite(memory, size, INTERLEAVE_PLACE);
  int result = real_munmap(memory, size);
  if (result == 0) shadow.Forget(reinterpret_cast<std::uintptr_t>(memory), size);
  return result;
}

#else

// The leak checker does not know the stacks of simulated threads, so what only they point to would
// seem lost; and a run that was given up does lose it.
extern "C" __attribute__((weak, visibility("default"))) int __lsan_is_turned_off() { return 1; }

#endif  // INTERLEAVE_ASAN
