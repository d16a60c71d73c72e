// runtime/engine/freed_blocks.h
//
// The blocks of the heap that the program has given back in this run. libc gets them when the run
// is over: until then nobody else can be given the same memory, so an access to it is recognised
// for what it is, a second free is found before it spoils the heap that the engine uses as well,
// and no block has two histories.
//
// They are few and small: with more than kMostBlocks or kMostBytes all of them go to libc at once.
#ifndef INTERLEAVE_RUNTIME_ENGINE_FREED_BLOCKS_H_
#define INTERLEAVE_RUNTIME_ENGINE_FREED_BLOCKS_H_

#include <cstddef>
#include <cstdint>

#include "runtime/engine/explore.h"

namespace interleave::engine {

class FreedBlocks {
 public:
  struct Block {
    void* address = nullptr;
    std::size_t size = 0;
    std::uint32_t thread = 0;  // who gave it back
    std::uintptr_t place = 0;  // and where
  };

  // False: nothing of [address, address + size) has been given back. Blocks that were lie close
  // together, stacks and globals far away, so two comparisons answer for nearly every access.
  bool MayHold(std::uintptr_t address, std::size_t size) const {
    return address < end_ && address + size > begin_;
  }

  // Null: it is not here.
  const Block* Find(const void* address) const;

  // REQUIRES: it is not here, and has room for a pointer, which any block of the heap has.
  void Add(void* address, std::size_t size, std::uint32_t thread, std::uintptr_t place);

  // At the end of a run.
  void Release();

 private:
  static constexpr std::uint32_t kMostBlocks = 4096;
  static constexpr std::size_t kMostBytes = 256 << 10;

  // What a block that is here begins with: nearly every block that is looked for is not, and this
  // says so at once.
  static std::uintptr_t MarkOf(const void* address) {
    return reinterpret_cast<std::uintptr_t>(address) ^ 0x66726565'64206f6e;
  }

  Block blocks_[kMostBlocks];
  std::uint32_t count_ = 0;
  std::size_t bytes_ = 0;
  std::uintptr_t begin_ = UINTPTR_MAX, end_ = 0;  // all of them are in here
};

extern FreedBlocks freed_blocks;

// Ends the run: the current thread does at `place` what it must not do with memory that was given
// back. `what`: "use after free".
[[noreturn]] void MisusesFreedMemory(Ending ending, const char* what, std::uintptr_t place,
                                     std::uint32_t freed_by, std::uintptr_t freed_at);

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_FREED_BLOCKS_H_
