// runtime/async/frame_pool.h
//
// Every call of a coroutine needs a frame, and every task a little state; both are small, live
// shortly and come in a handful of sizes. The pool keeps a list of free blocks per size, so that a
// block costs two moves of a pointer, and cuts new ones out of larger regions without a header.
// What that bought, measured against malloc with a million tasks that yield once: see
// docs/design.md, "The loop and coroutines".
//
// A region is never given back to the system; a program that had a million tasks keeps their memory
// for the next million. Under AddressSanitizer the pool is malloc, so that a use after the end is
// found.
//
// Threads: any. Each has lists of its own; a block may be freed on another thread than it came
// from. A thread that ends leaves its free blocks to the next one that needs some.

#ifndef INTERLEAVE_RUNTIME_ASYNC_FRAME_POOL_H_
#define INTERLEAVE_RUNTIME_ASYNC_FRAME_POOL_H_

#include <cstddef>

namespace interleave {

// Aligned as `new` aligns. Throws std::bad_alloc.
void* AllocateFrame(std::size_t size);

// REQUIRES: from AllocateFrame(size), and not freed.
void FreeFrame(void* block, std::size_t size) noexcept;

// For classes whose objects are to come from the pool.
struct FromFramePool {
  static void* operator new(std::size_t size) { return AllocateFrame(size); }
  static void operator delete(void* block, std::size_t size) noexcept { FreeFrame(block, size); }
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ASYNC_FRAME_POOL_H_
