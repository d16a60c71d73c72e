// runtime/async/frame_pool.cc

#include "runtime/async/frame_pool.h"

#if !defined(__SANITIZE_ADDRESS__)

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <new>
#include <utility>

#include "runtime/async/flag_lock.h"

namespace interleave {
namespace {

using Block = FreeFrames::Block;
constexpr std::size_t kUnit = FreeFrames::kUnit;
constexpr std::size_t kSizes = FreeFrames::kSizes;

// The first region of a size has this many blocks, since most threads need few; each further one is
// twice as large.
constexpr std::size_t kFirstBlocks = 16;
constexpr std::size_t kHugePage = 2 << 20;
constexpr std::size_t kLargestRegion = 4 * kHugePage;

// Where new blocks of a size come from.
struct Region {
  char* begin = nullptr;  // of what is not yet cut
  char* end = nullptr;
  std::size_t size = 0;  // of all of it

  bool Has(std::size_t block_size) const {
    return static_cast<std::size_t>(end - begin) >= block_size;
  }
};
constinit thread_local std::array<Region, kSizes> regions = {};  // by size in units

// The rest of a region, written at its beginning when its thread ends.
struct Rest {
  Rest* next;
  char* end;
};

// What threads that have ended left behind, by size in units. A list of blocks is handed on as a
// whole, by its first.
struct Heritage {
  FlagLock mutex;
  // Guarded by mutex.
  std::array<Block*, kSizes> lists = {};
  std::array<Rest*, kSizes> rests = {};
};
// Never destroyed: threads may end after the statics.
Heritage& TheHeritage() {
  static Heritage& heritage = *new Heritage;
  return heritage;
}

struct LeavesAll {
  ~LeavesAll() {
    Heritage& heritage = TheHeritage();
    std::lock_guard lock(heritage.mutex);
    for (std::size_t units = 1; units < kSizes; ++units) {
      if (Block* list = std::exchange(free_frames.first[units], nullptr); list != nullptr) {
        list->next_list = std::exchange(heritage.lists[units], list);
      }
      const Region rest = std::exchange(regions[units], {});
      if (rest.Has(units * kUnit)) {
        heritage.rests[units] = new (rest.begin) Rest{heritage.rests[units], rest.end};
      }
    }
  }
};

// Takes a list or the rest of a region that somebody left.
void Inherit(std::size_t units) {
  Heritage& heritage = TheHeritage();
  std::lock_guard lock(heritage.mutex);
  if (Block* list = heritage.lists[units]; list != nullptr) {
    heritage.lists[units] = list->next_list;
    free_frames.first[units] = list;
  } else if (Rest* rest = heritage.rests[units]; rest != nullptr) {
    heritage.rests[units] = rest->next;
    regions[units].end = rest->end;
    regions[units].begin = reinterpret_cast<char*>(rest);
  }
}

void MakeRegion(std::size_t units) {
  Region& region = regions[units];
  region.size = std::clamp(2 * region.size, kFirstBlocks * units * kUnit, kLargestRegion);
  if (region.size < kHugePage) {
    region.begin = static_cast<char*>(::operator new(region.size));
  } else {
    region.size -= region.size % kHugePage;
    region.begin = static_cast<char*>(::operator new(region.size, std::align_val_t(kHugePage)));
    // Only a wish. Touching memory for the first time costs a million tasks as much as all the
    // rest; with large pages a third of that.
    madvise(region.begin, region.size, MADV_HUGEPAGE);
  }
  region.end = region.begin + region.size;
}

}  // namespace

void* AllocateNewFrame(std::size_t units) {
  thread_local LeavesAll leaves_all;  // it is here that a thread begins to have something
  static_cast<void>(&leaves_all);
  Region& region = regions[units];
  if (!region.Has(units * kUnit)) {
    Inherit(units);
    if (free_frames.first[units] != nullptr) return AllocateFrame(units * kUnit);
    if (!region.Has(units * kUnit)) MakeRegion(units);
  }
  return std::exchange(region.begin, region.begin + units * kUnit);
}

}  // namespace interleave

#endif
