// runtime/engine/own_memory.h
//
// Memory of the engine's own that is given back while the program is at work: by way of the
// boundary it would be taken for the program's.
#ifndef INTERLEAVE_RUNTIME_ENGINE_OWN_MEMORY_H_
#define INTERLEAVE_RUNTIME_ENGINE_OWN_MEMORY_H_

#include <cstddef>
#include <cstdlib>

#include "runtime/engine/sanitizer_fiber.h"

#ifndef INTERLEAVE_ASAN
extern "C" void __libc_free(void* block);
extern "C" void* __libc_realloc(void* block, std::size_t size);
#endif

namespace interleave::engine {

#ifndef INTERLEAVE_ASAN
inline void FreeOwn(void* block) { __libc_free(block); }
inline void* ReallocOwn(void* block, std::size_t size) { return __libc_realloc(block, size); }
#else
inline void FreeOwn(void* block) { std::free(block); }
inline void* ReallocOwn(void* block, std::size_t size) { return std::realloc(block, size); }
#endif

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_OWN_MEMORY_H_
