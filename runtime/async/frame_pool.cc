// runtime/async/frame_pool.cc

#include "runtime/async/frame_pool.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <new>
#include <utility>

#include "runtime/async/flag_lock.h"

namespace interleave {

#if defined(__SANITIZE_ADDRESS__)

void* AllocateFrame(std::size_t size) { return ::operator new(size); }
void FreeFrame(void* block, std::size_t) noexcept { ::operator delete(block); }

#else

namespace {

constexpr std::size_t kUnit = 16;  // what `new` aligns to
constexpr std::size_t kSizes = 64;
// The first region is small, since most threads need little; each further one is twice as large.
constexpr std::size_t kFirstRegion = 4096;
constexpr std::size_t kLargestRegion = 1 << 20;

struct FreeBlock {
  FreeBlock* next;
};

// What a thread has. Free of constructors, so that reading it is one instruction.
struct Pool {
  std::array<FreeBlock*, kSizes> free = {};  // by size in units
  char* region = nullptr;                    // not yet cut
  char* region_end = nullptr;
  std::size_t next_region = kFirstRegion;
};
constinit thread_local Pool pool;

// What threads that have ended left behind.
struct Heritage {
  FlagLock mutex;
  std::array<FreeBlock*, kSizes> free = {};  // guarded by mutex
  bool any = false;                          // guarded by mutex
};
// Never destroyed: threads may end after the statics.
Heritage& TheHeritage() {
  static Heritage& heritage = *new Heritage;
  return heritage;
}

void Add(FreeBlock*& list, void* block) { list = new (block) FreeBlock{list}; }

// What is left of the region becomes one free block of each size that fits, the largest first.
void CutRest() {
  while (pool.region_end - pool.region >= static_cast<std::ptrdiff_t>(kUnit)) {
    const std::size_t units =
        std::min<std::size_t>((pool.region_end - pool.region) / kUnit, kSizes - 1);
    Add(pool.free[units], pool.region);
    pool.region += units * kUnit;
  }
}

struct LeavesPool {
  ~LeavesPool() {
    CutRest();
    Heritage& heritage = TheHeritage();
    std::lock_guard lock(heritage.mutex);
    for (std::size_t units = 0; units < kSizes; ++units) {
      FreeBlock* first = std::exchange(pool.free[units], nullptr);
      if (first == nullptr) continue;
      FreeBlock* last = first;
      while (last->next != nullptr) last = last->next;
      last->next = std::exchange(heritage.free[units], first);
      heritage.any = true;
    }
  }
};

// The list of that size is empty and so is the region.
void* AllocateSlowly(std::size_t units) {
  thread_local LeavesPool leaves;  // it is here that a thread begins to have something
  static_cast<void>(&leaves);
  Heritage& heritage = TheHeritage();
  {
    std::lock_guard lock(heritage.mutex);
    if (heritage.any) {
      heritage.any = false;
      for (std::size_t i = 0; i < kSizes; ++i) {
        if (pool.free[i] == nullptr) pool.free[i] = std::exchange(heritage.free[i], nullptr);
        heritage.any = heritage.any || heritage.free[i] != nullptr;
      }
    }
  }
  if (pool.free[units] == nullptr) {
    CutRest();
    pool.region = static_cast<char*>(::operator new(pool.next_region));
    pool.region_end = pool.region + pool.next_region;
    pool.next_region = std::min(2 * pool.next_region, kLargestRegion);
  }
  return AllocateFrame(units * kUnit);
}

}  // namespace

void* AllocateFrame(std::size_t size) {
  const std::size_t units = (size + kUnit - 1) / kUnit;
  if (units >= kSizes) return ::operator new(size);
  if (FreeBlock* block = pool.free[units]; block != nullptr) {
    pool.free[units] = block->next;
    return block;
  }
  if (pool.region_end - pool.region < static_cast<std::ptrdiff_t>(units * kUnit)) {
    return AllocateSlowly(units);
  }
  return std::exchange(pool.region, pool.region + units * kUnit);
}

void FreeFrame(void* block, std::size_t size) noexcept {
  const std::size_t units = (size + kUnit - 1) / kUnit;
  if (units >= kSizes) return ::operator delete(block);
  Add(pool.free[units], block);
}

#endif

}  // namespace interleave
