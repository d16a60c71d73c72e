// The boundary for the heap: memory that is given back has no history any more. Without this the
// next owner of the same bytes would seem to race with the last one.
#include <malloc.h>

#include "runtime/engine/boundary.h"
#include "runtime/engine/sanitizer_fiber.h"
#include "runtime/engine/scheduler.h"
#include "runtime/engine/shadow.h"

// AddressSanitizer has a heap of its own, and no races are looked for beside it.
#ifndef INTERLEAVE_ASAN

extern "C" {
void __libc_free(void* block);
void* __libc_realloc(void* block, size_t size);
}

namespace {

void Forget(void* block) {
  using namespace interleave::engine;
  if (!Inside() || scheduler.Alone() || block == nullptr) return;
  shadow.Forget(reinterpret_cast<std::uintptr_t>(block), malloc_usable_size(block));
}

}  // namespace

INTERLEAVE_BOUNDARY void free(void* block) noexcept {
  Forget(block);
  __libc_free(block);
}

INTERLEAVE_BOUNDARY void* realloc(void* block, size_t size) noexcept {
  Forget(block);
  return __libc_realloc(block, size);
}

#else

// The leak checker does not know the stacks of simulated threads, so what only they point to would
// seem lost; and a run that was given up does lose it.
extern "C" __attribute__((weak, visibility("default"))) int __lsan_is_turned_off() { return 1; }

#endif  // INTERLEAVE_ASAN
