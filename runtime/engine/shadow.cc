#include "runtime/engine/shadow.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <new>

#include "runtime/engine/atomics.h"
#include "runtime/engine/inside.h"

namespace interleave::engine {

Shadow shadow;

namespace {

constexpr std::size_t kFirstCells = 4096;

// From the system, which gives zeros, and whole pages: cells that lay across cache lines would cost
// two of them each.
Cell* MapCells(std::size_t cells) {
  void* mapped = mmap(nullptr, cells * sizeof(Cell), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  return static_cast<Cell*>(mapped);
}

}  // namespace

Shadow::Shadow() : mask_(kFirstCells - 1) {
  cells_ = MapCells(kFirstCells);
  taken_ = static_cast<std::uint32_t*>(std::malloc(kFirstCells * sizeof(std::uint32_t)));
}

void Shadow::AddAllAround(Cell& cell) {
  const std::uintptr_t granule = GranuleOf(cell);
  for (std::uint32_t i = 0; i < wide_count_; ++i) {
    const WideAccess& wide = wide_[i];
    if (granule >= wide.first && granule <= wide.last) cell.Add(wide.access);
  }
}

Cell* Shadow::Find(std::uintptr_t granule) {
  const std::uint64_t key = KeyOf(granule);
  for (std::size_t i = Home(granule);; i = Next(i)) {
    Cell& cell = cells_[i];
    if (cell.key == key) return &cell;
    if (IsFree(cell)) return nullptr;
  }
}

const Access* Shadow::FreedAt(std::uintptr_t granule) {
  Cell* cell = Find(granule);
  if (cell != nullptr && cell->Count() > 0) return (*cell)[0].Freed() ? &(*cell)[0] : nullptr;
  for (std::uint32_t i = 0; i < wide_count_; ++i) {
    const WideAccess& wide = wide_[i];
    if (wide.access.Freed() && granule >= wide.first && granule <= wide.last) return &wide.access;
  }
  return nullptr;
}

void Shadow::Grow() {
  std::size_t old_size = mask_ + 1;
  Cell* old = cells_;
  mask_ = 2 * old_size - 1;
  cells_ = MapCells(2 * old_size);
  FreeOwn(taken_);
  taken_ = static_cast<std::uint32_t*>(std::malloc(2 * old_size * sizeof(std::uint32_t)));
  used_ = 0;
  for (std::size_t c = 0; c < old_size; ++c) {
    if (IsFree(old[c])) {
      old[c].FreeMore();
      continue;
    }
    std::size_t i = Home(GranuleOf(old[c]));
    while (!IsFree(cells_[i])) i = Next(i);
    cells_[i] = old[c];
    taken_[used_++] = static_cast<std::uint32_t>(i);
  }
  syscall(SYS_munmap, old, old_size * sizeof(Cell));  // past the boundary
}

// The numbers of runs begin again, so no cell may look as if it were of one to come.
void Shadow::Wipe() {
  run_ = 1;
  for (std::size_t c = 0; c <= mask_; ++c) cells_[c].key = 0;
}

void Shadow::Drop(Cell& cell) {
  if (cell.has_atomic) atomics.Forget(GranuleOf(cell) * 8);
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
    const std::uintptr_t granule = GranuleOf(cell);
    if (granule >= first && granule <= last) Drop(cell);
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
    const std::uintptr_t granule = GranuleOf(cell);
    if (granule >= first && granule <= last) cells_between_.push_back(&cell);
  }
  std::sort(cells_between_.begin(), cells_between_.end(),
            [](const Cell* a, const Cell* b) { return GranuleOf(*a) < GranuleOf(*b); });
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
