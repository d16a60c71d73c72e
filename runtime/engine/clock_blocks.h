// runtime/engine/clock_blocks.h
//
// The entries of a vector clock for the many threads behind the first ones (vector_clock.h). Ten
// thousand threads that take one mutex in turn make ten thousand clocks of ten thousand entries,
// nearly all of them equal: as arrays they took 400 MB and most of the time. So the entries stand
// in blocks of 64, and who learns a clock shares its blocks until one of the two changes:
//
//     mutex's clock    [block a] [block b] [block c]
//     Thread-7 knows   [block a] [block b] [block c']     c with an entry of its own
//
// Blocks count their owners without atomic operations: a simulation is one thread of the system.
#ifndef INTERLEAVE_RUNTIME_ENGINE_CLOCK_BLOCKS_H_
#define INTERLEAVE_RUNTIME_ENGINE_CLOCK_BLOCKS_H_

#include <cstddef>
#include <cstdint>

#include "runtime/engine/own_memory.h"

namespace interleave::engine {

class ClockBlocks {
 public:
  ClockBlocks() = default;
  ~ClockBlocks() {
    Clear();
    FreeOwn(blocks_);
  }
  ClockBlocks(const ClockBlocks&) = delete;
  ClockBlocks& operator=(const ClockBlocks&) = delete;

  std::uint32_t Of(std::uint32_t entry) const {
    const std::uint32_t block = entry / kEntries;
    if (block >= size_ || blocks_[block] == nullptr) return 0;
    return blocks_[block]->entries[entry % kEntries];
  }

  void Clear() {
    if (size_ > 0) Release();
  }

  // Raises the entry to `time`.
  void Set(std::uint32_t entry, std::uint32_t time);

  // Raises each entry to that of `other`.
  void Join(const ClockBlocks& other) {
    if (other.size_ > 0) JoinBlocks(other);
  }

 private:
  static constexpr std::uint32_t kEntries = 64;
  struct Block {
    std::uint32_t owners;
    std::uint32_t entries[kEntries];
  };

  void Release();
  void JoinBlocks(const ClockBlocks& other);
  static void JoinBlock(Block*& mine, Block* theirs);
  static void GiveUp(Block* block);
  static Block& Own(Block*& block);
  void Grow(std::uint32_t size);

  Block** blocks_ = nullptr;  // of which a null has entries of 0
  std::uint32_t size_ = 0;
  std::uint32_t capacity_ = 0;
};

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_CLOCK_BLOCKS_H_
