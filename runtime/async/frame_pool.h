// runtime/async/frame_pool.h
//
// Every call of a coroutine needs a frame, and every task a little state; both are small, live
// shortly and come in a handful of sizes. The pool keeps a list of free blocks per size, so that a
// block costs two moves of a pointer, and cuts new ones out of larger regions without a header.
//
// Each size has regions of its own. A million tasks don't fit into the cache, so what a step costs
// is how well the processor guesses what is needed next; and with the frames in one row and the
// tasks in another it guesses right. Large regions ask the system for large pages. What both bought
// is in docs/design.md, "The loop and coroutines".
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
#include <new>

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

// ---- How it works -----------------------------------------------------------
//
// The lists are here and not in frame_pool.cc, because where the compiler knows the size, as it
// does for frames, a block is then three instructions.

#if defined(__SANITIZE_ADDRESS__)

inline void* AllocateFrame(std::size_t size) { return ::operator new(size); }
inline void FreeFrame(void* block, std::size_t) noexcept { ::operator delete(block); }

#else

// What a thread has that is free, by size in units. It has no constructor, so that reading it is
// one instruction.
struct FreeFrames {
  static constexpr std::size_t kUnit = 16;   // what `new` aligns to
  static constexpr std::size_t kSizes = 64;  // larger ones come from `new`
  struct Block {
    Block* next;
    Block* next_list;  // see frame_pool.cc
  };
  Block* first[kSizes];
};
inline constinit thread_local FreeFrames free_frames = {};

// The list is empty.
void* AllocateNewFrame(std::size_t units);

inline void* AllocateFrame(std::size_t size) {
  const std::size_t units = (size + FreeFrames::kUnit - 1) / FreeFrames::kUnit;
  if (units >= FreeFrames::kSizes) return ::operator new(size);
  FreeFrames::Block* block = free_frames.first[units];
  if (block == nullptr) return AllocateNewFrame(units);
  free_frames.first[units] = block->next;
  return block;
}

inline void FreeFrame(void* freed, std::size_t size) noexcept {
  const std::size_t units = (size + FreeFrames::kUnit - 1) / FreeFrames::kUnit;
  if (units >= FreeFrames::kSizes) return ::operator delete(freed);
  auto* block = static_cast<FreeFrames::Block*>(freed);
  block->next = free_frames.first[units];
  free_frames.first[units] = block;
}

#endif

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ASYNC_FRAME_POOL_H_
