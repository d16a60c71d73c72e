#include "runtime/engine/shadow.h"

#include "runtime/engine/atomics.h"
#include "runtime/engine/inside.h"

namespace interleave::engine {

Shadow shadow;

namespace {
constexpr std::size_t kFirstCells = 4096;
}

Shadow::Shadow() : mask_(kFirstCells - 1) {
  cells_ = static_cast<Cell*>(std::calloc(kFirstCells, sizeof(Cell)));
  taken_ = static_cast<std::uint32_t*>(std::malloc(kFirstCells * sizeof(std::uint32_t)));
}

Cell& Shadow::Take(Cell& cell, std::uintptr_t granule) {
  if (2 * (used_ + 1) > mask_) {
    Grow();
    return Of(granule);
  }
  cell.granule = granule;
  cell.run = run_;
  cell.has_atomic = false;
  cell.Empty();
  taken_[used_++] = static_cast<std::uint32_t>(&cell - cells_);
  return cell;
}

Cell* Shadow::Find(std::uintptr_t granule) {
  for (std::size_t i = Hash(granule);; ++i) {
    Cell& cell = cells_[i & mask_];
    if (cell.run != run_) return nullptr;
    if (cell.granule == granule) return &cell;
  }
}

void Shadow::Grow() {
  std::size_t old_size = mask_ + 1;
  Cell* old = cells_;
  mask_ = 2 * old_size - 1;
  cells_ = static_cast<Cell*>(std::calloc(2 * old_size, sizeof(Cell)));
  std::free(taken_);
  taken_ = static_cast<std::uint32_t*>(std::malloc(2 * old_size * sizeof(std::uint32_t)));
  used_ = 0;
  for (std::size_t c = 0; c < old_size; ++c) {
    if (old[c].run != run_) {
      old[c].~Cell();
      continue;
    }
    std::size_t i = Hash(old[c].granule) & mask_;
    while (cells_[i].run == run_) i = (i + 1) & mask_;
    cells_[i] = old[c];
    taken_[used_++] = static_cast<std::uint32_t>(i);
  }
  std::free(old);
}

void Shadow::Drop(Cell& cell) {
  if (cell.has_atomic) atomics.Forget(cell.granule * 8);
  cell.Empty();
}

// A big range is cheaper to find by looking at every cell in use.
void Shadow::Forget(std::uintptr_t begin, std::size_t size) {
  if (size == 0) return;
  std::uintptr_t first = begin / 8, last = (begin + size - 1) / 8;
  if (last - first < used_) {
    for (std::uintptr_t granule = first; granule <= last; ++granule) {
      if (Cell* cell = Find(granule)) Drop(*cell);
    }
    return;
  }
  for (std::uint32_t c = 0; c < used_; ++c) {
    Cell& cell = cells_[taken_[c]];
    if (cell.granule >= first && cell.granule <= last) Drop(cell);
  }
}

}  // namespace interleave::engine
