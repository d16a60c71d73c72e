// runtime/engine/cpp_memory.h
//
// Atomic operations as C++20 has them, values included. Each location has its stores in
// modification order (store_history.h); what an operation may read, or where its store may stand,
// is a choice:
//
//   load               any store from its floor up; first choice: the newest
//   store              anywhere above its floor, not right before an update; first choice: the end
//   update             reads as a load does, what no update reads already, and stands right behind
//                      it ([atomics.order]/10)
//   compare-exchange   an update of what it expects, or a load of anything else, with the order for
//                      failure; a weak one may also fail where it finds what it expects
//                      ([atomics.types.operations]/22), once for each store and place
//   fence              seq_cst: a step of the schedule, for its place in the order counts
//                      (seq_cst_order.h); acquire and release change what the thread knows alone
//                      ([atomics.fences])
//
// What synchronises is the store that was read: its clock is learned by whoever acquires it. An
// update passes on the clock of what it read, so that a release sequence goes on through updates,
// and through them only ([intro.races]/5, as P0982 has it).
//
// These rules are sound and complete for all executions that can be run forwards; the oracle in
// tests/engine/cpp_memory_test.cc enumerates the axioms themselves.
#ifndef INTERLEAVE_RUNTIME_ENGINE_CPP_MEMORY_H_
#define INTERLEAVE_RUNTIME_ENGINE_CPP_MEMORY_H_

#include <array>
#include <cstdint>
#include <vector>

#include "runtime/engine/by_address.h"
#include "runtime/engine/memory_model.h"
#include "runtime/engine/seq_cst_order.h"
#include "runtime/engine/store_history.h"

namespace interleave::engine {

class CppMemory : public MemoryModel {
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
  void LeavesMemory(Thread&) override {}
  bool HoldsBack(const Thread&) const override { return false; }
  void Published(Thread& thread, const void* address) override;
  void Learned(Thread& thread, const void* address) override;

 private:
  // A store that may be read, and whether a compare-exchange would succeed.
  struct Candidate {
    std::uint32_t position;
    bool exchanges = false;
    bool spurious = false;
  };

  StoreHistory& Of(const AtomicUse& use);
  std::uint32_t Floor(StoreHistory& history, const Thread& thread, MemoryOrder order);
  Candidate Choose(StoreHistory& history, const Thread& thread, const AtomicUse& use);
  AtomicValue Read(StoreHistory& history, Thread& thread, const AtomicUse& use,
                   std::uint32_t position, MemoryOrder order);
  AtomicStore& Write(StoreHistory& history, Thread& thread, std::uint32_t position,
                     AtomicValue value, MemoryOrder order);
  void ToMemory(StoreHistory& history, Thread& thread, const AtomicUse& use,
                std::uint32_t position);
  void Update(StoreHistory& history, Thread& thread, const AtomicUse& use, AtomicValue value,
              MemoryOrder order);
  void DropUnreadable(StoreHistory& history);

  // Every plain write asks, and nearly always the answer is no. Granules are of 8 bytes.
  bool MayHaveAtomics(std::uintptr_t granule) const {
    return (may_have_atomics_[granule / 64 % kWords] >> granule % 64 & 1) != 0;
  }
  void NoteAtomics(std::uintptr_t granule) {
    may_have_atomics_[granule / 64 % kWords] |= std::uint64_t{1} << granule % 64;
  }
  static constexpr std::size_t kWords = 16;
  std::array<std::uint64_t, kWords> may_have_atomics_{};

  ByAddress<StoreHistory> locations_;
  SeqCstOrder seq_cst_order_;
  std::vector<Candidate> candidates_;
  std::uint32_t update_of_ = 0;  // position of what the update that is being made has read
};

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_CPP_MEMORY_H_
