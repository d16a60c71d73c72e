#include "runtime/engine/clock_blocks.h"

#include <algorithm>
#include <cstdlib>

namespace interleave::engine {

void ClockBlocks::GiveUp(Block* block) {
  if (block != nullptr && --block->owners == 0) FreeOwn(block);
}

void ClockBlocks::Release() {
  for (std::uint32_t b = 0; b < size_; ++b) GiveUp(blocks_[b]);
  size_ = 0;
}

void ClockBlocks::Grow(std::uint32_t size) {
  if (size > capacity_) {
    capacity_ = std::max(size, 2 * capacity_);
    blocks_ = static_cast<Block**>(ReallocOwn(blocks_, capacity_ * sizeof(Block*)));
  }
  while (size_ < size) blocks_[size_++] = nullptr;
}

// For writing: not shared with anybody.
ClockBlocks::Block& ClockBlocks::Own(Block*& block) {
  if (block != nullptr && block->owners == 1) return *block;
  auto* own = static_cast<Block*>(std::malloc(sizeof(Block)));
  *own = block != nullptr ? *block : Block{};
  own->owners = 1;
  GiveUp(block);
  block = own;
  return *own;
}

void ClockBlocks::Set(std::uint32_t entry, std::uint32_t time) {
  if (Of(entry) >= time) return;
  const std::uint32_t block = entry / kEntries;
  Grow(block + 1);
  Own(blocks_[block]).entries[entry % kEntries] = time;
}

// Where one of the two is nowhere behind the other it is the result, and is shared.
void ClockBlocks::JoinBlock(Block*& mine, Block* theirs) {
  if (theirs == nullptr || mine == theirs) return;
  bool behind = mine == nullptr, ahead = false;
  for (std::uint32_t i = 0; mine != nullptr && i < kEntries; ++i) {
    behind |= mine->entries[i] < theirs->entries[i];
    ahead |= mine->entries[i] > theirs->entries[i];
  }
  if (!behind) return;
  if (!ahead) {
    GiveUp(mine);
    mine = theirs;
    ++mine->owners;
    return;
  }
  Block& own = Own(mine);
  for (std::uint32_t i = 0; i < kEntries; ++i) {
    own.entries[i] = std::max(own.entries[i], theirs->entries[i]);
  }
}

void ClockBlocks::JoinBlocks(const ClockBlocks& other) {
  Grow(other.size_);
  for (std::uint32_t b = 0; b < other.size_; ++b) JoinBlock(blocks_[b], other.blocks_[b]);
}

}  // namespace interleave::engine
