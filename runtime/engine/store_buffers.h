// runtime/engine/store_buffers.h
//
// Atomic operations as an x86 has them: x86-TSO (Sewell, Sarkar, Owens, Zappa Nardelli, Myreen
// 2010). Each thread has a buffer of stores that have not come to memory yet.
//
//     thread 1  x.store(1)  ->  [x = 1]  ->
//                                              memory: x = 0, y = 0
//     thread 2  y.store(1)  ->  [y = 1]  ->
//
//   store           goes into the buffer of its thread, and from there to memory in their order
//   load            takes the newest store to its location in its own buffer, else memory's
//   seq_cst store   waits until the buffer of its thread is empty: the store is a MOV and an
//   MFENCE, seq_cst fence   or an XCHG, which comes to the same; the fence is an MFENCE update is
//   locked: the buffer is empty before, and it goes to memory at once; also a
//                   compare-exchange that fails. None fails spuriously.
//
// That is how compilers translate the standard's atomics for this processor, so acquire and release
// cost nothing and relaxed is no weaker. (A compiler may reorder relaxed ones besides; that is not
// modelled.) What is a race stays what the C++ orders say, and the clocks are theirs.
//
// When does a store leave its buffer? Only who looks at its location can tell, so that is decided
// when somebody does: a load, an update or another store's way to memory. Before it, other stores
// may be sent to memory one at a time, the oldest at the head of each buffer that matters; each is
// a choice. The first answer is always the store that was made first of all, so that the ordinary
// run is sequentially consistent. Buffers are as long as they need to be; a processor's have some
// dozens of places.
//
// Plain memory has no buffer. For what is ordered by a flag or a lock that makes no difference: the
// buffers are first in, first out, and whoever locks, unlocks, waits, prints, creates a thread or
// ends empties its own before (locks are locked instructions; for system calls it is an
// assumption).
#ifndef INTERLEAVE_RUNTIME_ENGINE_STORE_BUFFERS_H_
#define INTERLEAVE_RUNTIME_ENGINE_STORE_BUFFERS_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "runtime/engine/by_address.h"
#include "runtime/engine/memory_model.h"
#include "runtime/engine/vector_clock.h"

namespace interleave::engine {

class StoreBuffers : public MemoryModel {
 public:
  void BeginRun() override;
  AtomicValue Load(Thread& thread, const AtomicUse& use, MemoryOrder order) override;
  void Store(Thread& thread, const AtomicUse& use, AtomicValue value, MemoryOrder order) override;
  AtomicValue BeginUpdate(Thread& thread, const AtomicUse& use, MemoryOrder order) override;
  void EndUpdate(Thread& thread, const AtomicUse& use, AtomicValue value,
                 MemoryOrder order) override;
  bool CompareExchange(Thread& thread, const AtomicUse& use, Comparison& comparison) override;
  void Fence(Thread& thread, MemoryOrder order) override;
  void Plain(Thread& thread, const void* address, std::size_t size, bool write) override;
  void Forget(std::uintptr_t begin) override;
  void ForgetAll() override;
  void LeavesMemory(Thread& thread) override { Drain(thread); }
  bool HoldsBack(const Thread& thread) const override {
    return thread.number < buffers_.size() && !buffers_[thread.number].empty();
  }
  void Published(Thread& thread, const void* address) override;
  void Learned(Thread& thread, const void* address) override;

 private:
  struct Entry {
    AtomicUse use;
    AtomicValue value;
    std::uint64_t made;  // counts the stores of the run
    std::unique_ptr<VectorClock> released;
  };
  using Buffer = std::deque<Entry>;

  struct Location {
    VectorClock released;

    // How often a thread has read past the same store, at the same place.
    struct Reread {
      std::uint32_t thread;
      std::uint64_t missed;
      std::uintptr_t place;
      int times;
    };
    std::vector<Reread> rereads;

    void Reset() {
      released.Clear();
      rereads.clear();
    }
    int& RereadOf(std::uint32_t thread, std::uint64_t missed, std::uintptr_t place);
  };

  Buffer& Of(const Thread& thread);
  bool Overlaps(const Buffer& buffer, std::uintptr_t begin, std::uintptr_t end) const;
  const Entry* OldestIn(const void* address) const;  // of all buffers
  static const Entry* NewestIn(const Buffer& buffer, const AtomicUse& use);
  bool OthersHave(const Thread& thread, const void* address) const;
  void FindRelevant(const void* address, std::uint32_t thread);
  const Entry* SendSome(const Thread& thread, const AtomicUse& use);  // what stays, if anything
  void Send(std::uint32_t thread);
  void SayWhatComes(bool or_nothing, bool of_a_step) const;  // of relevant_, where somebody plays
  void Drain(Thread& thread);
  void Learn(Thread& thread, const void* address, MemoryOrder order);

  std::vector<Buffer> buffers_;  // by thread
  std::size_t waiting_ = 0;      // stores in all of them
  std::uint64_t made_ = 0;
  ByAddress<Location> locations_;
  std::vector<std::unique_ptr<VectorClock>> free_clocks_;
  std::vector<std::uint32_t> relevant_;  // threads
};

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_STORE_BUFFERS_H_
