// runtime/engine/shadow.h
//
// What is remembered of every piece of memory: who accessed it last, when, and from which place. A
// cell stands for 8 aligned bytes and each access in it has a mask of the bytes it touched, so an
// access to a part, a neighbour in the same word and an unaligned access are all told apart. The
// cells are a hash table whose entries belong to one run: forgetting all of them between two runs
// is one increment.
//
// An access to very much at once (the memset of a buffer) is kept as one, as long as nobody comes
// to a part of it: a cell that is used for the first time begins with what was done to all around
// it.
//
// Neighbours in memory are neighbours in the table: 512 bytes of the program are one page of cells.
// A small program then touches a handful of pages, and each page that a forked child touches is a
// fault.
#ifndef INTERLEAVE_RUNTIME_ENGINE_SHADOW_H_
#define INTERLEAVE_RUNTIME_ENGINE_SHADOW_H_

#include <cstdint>
#include <cstdlib>
#include <vector>

#include "runtime/engine/own_memory.h"

namespace interleave::engine {

// One access to memory. All but its place stands in one word, put together by shifts: two of them
// are compared as words, and a word that was stored as single bytes and is loaded as a whole makes
// the processor wait for the stores (a third of the time of every hook).
class Access {
 public:
  Access() = default;
  Access(std::uintptr_t place, std::uint32_t epoch, std::uint32_t thread, std::uint32_t bytes,
         bool write, bool atomic)
      : place(place),
        word_(std::uint64_t{epoch} << 32 | thread | (atomic ? kAtomic : 0) | (write ? kWrite : 0) |
              bytes << kBytesShift) {}

  std::uintptr_t place = 0;  // return address

  std::uint32_t Epoch() const { return static_cast<std::uint32_t>(word_ >> 32); }
  std::uint32_t Thread() const { return word_ & 0xffff; }
  std::uint32_t Bytes() const { return word_ >> kBytesShift & 0xff; }  // mask within the cell
  bool Write() const { return (word_ & kWrite) != 0; }
  bool Atomic() const { return (word_ & kAtomic) != 0; }
  bool Freed() const { return (word_ & kFreed) != 0; }  // a write that gave the memory back

  // The same, of these bytes.
  Access To(std::uint32_t bytes) const {
    Access access = *this;
    access.word_ = (word_ & ~kBytes) | std::uint64_t{bytes} << kBytesShift;
    return access;
  }

  Access AsFreed() const {
    Access freed = *this;
    freed.word_ |= kFreed;
    return freed;
  }

  // The same thread at the same time, as atomic, with all bytes of the other and as strong.
  bool Covers(const Access& other) const {
    std::uint64_t differ = word_ ^ other.word_;
    return (differ & ~(kBytes | kWrite)) == 0 && (other.word_ & differ) == 0;
  }

  // What comes later and does not know of the earlier access does not know of this one either, so
  // an access at least as strong takes the place of an earlier one that it knows of.
  bool Replaces(const Access& earlier) const {
    const std::uint64_t less = earlier.word_ & ~word_ & (kBytes | kWrite);
    return (less | (word_ & ~earlier.word_ & kAtomic)) == 0;
  }

 private:
  static constexpr int kBytesShift = 16;
  static constexpr std::uint64_t kBytes = 0xff << kBytesShift, kWrite = 1 << 24, kAtomic = 1 << 25,
                                 kFreed = 1 << 26;

  // Epoch, freed, atomic, write, bytes, thread: number and epoch stand as they do in a Thread,
  // where one load fetches both.
  std::uint64_t word_ = 0;
};

// The accesses that a later one may race with. Few: those that happen before all others are
// dropped.
class alignas(64) Cell {
 public:
  std::uint64_t key = 0;    // the run whose accesses these are, and the address / 8
  bool has_atomic = false;  // the atomics' table knows an address in here

  std::uint32_t Count() const { return count_; }

  Access& operator[](std::uint32_t i) { return i < kInline ? inline_[i] : more_[i - kInline]; }

  // Whether the last access says all that this one would: the same thread at the same time, as
  // strong, and from the same place, or with nobody else's access here that a second place could
  // race with. Of two equal ones the later place stays: a thread that stops before that one shows
  // the earlier.
  bool IsRepeated(const Access& access) {
    if (count_ != 1) [[unlikely]]
      return count_ != 0 && IsLast(access);
    Access& only = inline_[0];
    if (!only.Covers(access)) return false;
    if (access.Covers(only)) only.place = access.place;
    return true;
  }

  // In place of all that are there.
  void SetOnly(const Access& access) {
    inline_[0] = access;
    count_ = 1;
  }

  void Add(const Access& access) {
    if (count_ >= kInline && count_ - kInline == more_capacity_) GrowMore();
    (*this)[count_++] = access;
  }

  // The first `count` stay.
  void Truncate(std::uint32_t count) { count_ = static_cast<std::uint16_t>(count); }

  void Empty() { count_ = 0; }
  void FreeMore() { FreeOwn(more_); }

 private:
  bool IsLast(const Access& access) {
    const Access& last = (*this)[count_ - 1];
    return last.Covers(access) && last.place == access.place;
  }

  void GrowMore() {
    more_capacity_ = more_capacity_ == 0 ? 8 : 2 * more_capacity_;
    more_ = static_cast<Access*>(ReallocOwn(more_, more_capacity_ * sizeof(Access)));
  }

  static constexpr std::uint32_t kInline = 2;
  std::uint16_t count_ = 0;
  std::uint32_t more_capacity_ = 0;
  Access inline_[kInline];
  Access* more_ = nullptr;
};

static_assert(sizeof(Cell) == 64, "a cell is one cache line");

// One access to all of the cells from `first` to `last`.
struct WideAccess {
  std::uintptr_t first = 0, last = 0;  // granules
  Access access;
};

class Shadow {
 public:
  // Forgets everything.
  void Clear() {
    used_ = 0;
    wide_count_ = 0;
    if (++run_ == kRuns) Wipe();
  }

  // Where the cell of 8 bytes nearly always is. If it is not there, and BeginAtHome does not make
  // it one, `Of` finds it.
  Cell& AtHome(std::uintptr_t granule) { return cells_[Home(granule)]; }
  bool IsOf(const Cell& cell, std::uintptr_t granule) const { return cell.key == KeyOf(granule); }

  Cell& Of(std::uintptr_t granule) {
    const std::uint64_t key = KeyOf(granule);
    for (std::size_t i = Home(granule);; i = Next(i)) {
      Cell& cell = cells_[i];
      if (cell.key == key) return cell;
      if (IsFree(cell)) return Take(cell, granule);
    }
  }

  // The first access to these 8 bytes in this run, if that can be seen at once: `home` is free, and
  // nothing was done to all around. False: nothing is done.
  bool BeginAtHome(Cell& home, std::uintptr_t granule, const Access& access) {
    if (!IsFree(home) || wide_count_ > 0 || used_ >= mask_ / 2) [[unlikely]]
      return false;
    home.key = KeyOf(granule);
    home.has_atomic = access.Atomic();
    home.SetOnly(access);
    taken_[used_++] = static_cast<std::uint32_t>(&home - cells_);
    return true;
  }

  // Forgets what happened to [begin, begin + size): the memory is given back, or new.
  void Forget(std::uintptr_t begin, std::size_t size);

  // What gave these 8 bytes back in this run; null: nothing did.
  const Access* FreedAt(std::uintptr_t granule);

  // The cells in use from `first` to `last`, in order.
  const std::vector<Cell*>& CellsBetween(std::uintptr_t first, std::uintptr_t last);

  // Accesses to more than so many cells are worth being kept as one.
  static constexpr std::size_t kWide = 128;
  std::uint32_t WideCount() const { return wide_count_; }
  WideAccess& Wide(std::uint32_t i) { return wide_[i]; }
  void AddWide(const WideAccess& wide);
  void RemoveWide(std::uint32_t i);

  // Of a cell in use.
  static std::uintptr_t GranuleOf(const Cell& cell) {
    return cell.key & ((std::uint64_t{1} << kGranuleBits) - 1);
  }
  std::uint64_t KeyOf(std::uintptr_t granule) const { return run_ << kGranuleBits | granule; }

  Shadow();

 private:
  // User addresses have 47 bits, so 20 are left for the run.
  static constexpr int kGranuleBits = 44;
  static constexpr std::uint64_t kRuns = std::uint64_t{1} << (64 - kGranuleBits);
  static constexpr int kPageBits = 6;  // cells in a page

  bool IsFree(const Cell& cell) const { return cell.key >> kGranuleBits != run_; }

  std::size_t Home(std::uintptr_t granule) const {
    const std::uint64_t page = (granule >> kPageBits) * 0x9e3779b97f4a7c15 >> 40;
    return (page << kPageBits | (granule & ((1 << kPageBits) - 1))) & mask_;
  }

  // The next page, for a whole page may be taken; and the next cell in it, so that all are tried.
  std::size_t Next(std::size_t i) const { return (i + (1 << kPageBits) + 1) & mask_; }

  Cell& Take(Cell& cell, std::uintptr_t granule) {
    if (used_ >= mask_ / 2) [[unlikely]] {
      Grow();
      return Of(granule);
    }
    cell.key = KeyOf(granule);
    cell.has_atomic = false;
    cell.Empty();
    taken_[used_++] = static_cast<std::uint32_t>(&cell - cells_);
    if (wide_count_ > 0) [[unlikely]]
      AddAllAround(cell);
    return cell;
  }

  [[gnu::noinline]] void AddAllAround(Cell& cell);

  Cell* Find(std::uintptr_t granule);
  static void Drop(Cell& cell);
  void Grow();
  void Wipe();

  static constexpr std::uint32_t kMostWide = 64;

  Cell* cells_;
  std::size_t mask_;
  std::uint64_t run_ = 1;
  std::uint32_t used_ = 0;
  std::uint32_t* taken_;  // where the cells of this run are
  std::uint32_t wide_count_ = 0;
  WideAccess wide_[kMostWide];  // no vector: hooks ask, and what they call may be instrumented
  std::vector<Cell*> cells_between_;
};

extern Shadow shadow;

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_SHADOW_H_
