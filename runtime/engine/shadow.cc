#include "runtime/engine/shadow.h"

#include <algorithm>

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
  if (wide_count_ > 0) [[unlikely]]
    AddAllAround(cell);
  return cell;
}

void Shadow::AddAllAround(Cell& cell) {
  for (std::uint32_t i = 0; i < wide_count_; ++i) {
    const WideAccess& wide = wide_[i];
    if (cell.granule >= wide.first && cell.granule <= wide.last) cell.Add(wide.access);
  }
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
  FreeOwn(taken_);
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
  FreeOwn(old);
}

void Shadow::Drop(Cell& cell) {
  if (cell.has_atomic) atomics.Forget(cell.granule * 8);
  cell.Empty();
}

// A big range is cheaper to find by looking at every cell in use.
void Shadow::Forget(std::uintptr_t begin, std::size_t size) {
  if (size == 0) return;
  std::uintptr_t first = begin / 8, last = (begin + size - 1) / 8;
  for (std::uint32_t i = wide_count_; i-- > 0;) {
    WideAccess wide = wide_[i];
    if (wide.last < first || wide.first > last) continue;
    RemoveWide(i);
    if (wide.first < first) AddWide({wide.first, first - 1, wide.access});
    if (wide.last > last) AddWide({last + 1, wide.last, wide.access});
  }
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

const std::vector<Cell*>& Shadow::CellsBetween(std::uintptr_t first, std::uintptr_t last) {
  EngineScope scope;
  cells_between_.clear();
  if (last - first < used_) {
    for (std::uintptr_t granule = first; granule <= last; ++granule) {
      if (Cell* cell = Find(granule)) cells_between_.push_back(cell);
    }
    return cells_between_;
  }
  for (std::uint32_t c = 0; c < used_; ++c) {
    Cell& cell = cells_[taken_[c]];
    if (cell.granule >= first && cell.granule <= last) cells_between_.push_back(&cell);
  }
  std::sort(cells_between_.begin(), cells_between_.end(),
            [](const Cell* a, const Cell* b) { return a->granule < b->granule; });
  return cells_between_;
}

// Where there is no room for one more, the oldest becomes cells.
void Shadow::AddWide(const WideAccess& wide) {
  if (wide_count_ == kMostWide) {
    const WideAccess oldest = wide_[0];
    for (std::uintptr_t granule = oldest.first; granule <= oldest.last; ++granule) Of(granule);
    RemoveWide(0);
  }
  wide_[wide_count_++] = wide;
}

void Shadow::RemoveWide(std::uint32_t i) {
  for (--wide_count_; i < wide_count_; ++i) wide_[i] = wide_[i + 1];
}

}  // namespace interleave::engine
