// runtime/engine/vector_clock.h
//
// What a thread knows of the others. Each thread counts its own releases (unlock, create, store
// release ...); entry t of a clock says up to which of them thread t has been heard of. An access
// that thread t made at its time e happens before everything a thread does whose clock has
// t >= e, and two accesses that neither orders are concurrent (Lamport 1978; Fidge, Mattern 1988).
//
// The first 64 entries are an array, because a look-up is then one index; it is as short as the
// highest thread heard of allows, and stands inline in small programs. Those of higher threads are
// blocks that clocks share (clock_blocks.h). The own entry of a thread lives in the thread
// (Thread::epoch), which keeps the clock of a fresh thread short even when ten thousand came before
// it.
#ifndef INTERLEAVE_RUNTIME_ENGINE_VECTOR_CLOCK_H_
#define INTERLEAVE_RUNTIME_ENGINE_VECTOR_CLOCK_H_

#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "runtime/engine/clock_blocks.h"
#include "runtime/engine/own_memory.h"

namespace interleave::engine {

class VectorClock {
 public:
  VectorClock() = default;
  ~VectorClock() {
    if (entries_ != inline_) FreeOwn(entries_);
  }
  VectorClock(const VectorClock&) = delete;
  VectorClock& operator=(const VectorClock&) = delete;

  std::uint32_t Of(std::uint32_t thread) const {
    if (thread < size_) return entries_[thread];
    return thread < kNear ? 0 : far_.Of(thread - kNear);
  }

  void Clear() {
    for (; size_ > 0; --size_) entries_[size_ - 1] = 0;
    seq_cst_ = 0;
    far_.Clear();
  }

  void Set(std::uint32_t thread, std::uint32_t time) {
    if (thread >= kNear) return far_.Set(thread - kNear, time);
    Grow(thread + 1);
    if (entries_[thread] < time) entries_[thread] = time;
  }

  // Afterwards this clock knows what `other` knows, too.
  void Join(const VectorClock& other) {
    Grow(other.size_);
    for (std::uint32_t t = 0; t < other.size_; ++t) {
      if (entries_[t] < other.entries_[t]) entries_[t] = other.entries_[t];
    }
    if (seq_cst_ < other.seq_cst_) seq_cst_ = other.seq_cst_;
    far_.Join(other.far_);
  }

  // The last fence of the single order of seq_cst operations that is known, by its number in there;
  // 0: none (seq_cst_order.h).
  std::uint32_t SeqCstFence() const { return seq_cst_; }
  void SetSeqCstFence(std::uint32_t number) { seq_cst_ = number; }

  void Assign(const VectorClock& other) {
    Clear();
    Join(other);
  }

 private:
  void Grow(std::uint32_t size) {
    if (size <= size_) return;
    if (size > capacity_) Reallocate(size);
    size_ = size;
  }

  void Reallocate(std::uint32_t size) {
    std::uint32_t capacity = capacity_;
    while (capacity < size) capacity *= 2;
    auto* entries = static_cast<std::uint32_t*>(std::calloc(capacity, sizeof(std::uint32_t)));
    std::memcpy(entries, entries_, size_ * sizeof(std::uint32_t));
    if (entries_ != inline_) FreeOwn(entries_);
    entries_ = entries;
    capacity_ = capacity;
  }

  static constexpr std::uint32_t kNear = 64;
  static constexpr std::uint32_t kInline = 6;
  std::uint32_t size_ = 0;
  std::uint32_t capacity_ = kInline;
  std::uint32_t seq_cst_ = 0;
  std::uint32_t inline_[kInline] = {};  // 0 from size_ on, as in entries_
  std::uint32_t* entries_ = inline_;
  ClockBlocks far_;
};

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_VECTOR_CLOCK_H_
