// runtime/engine/store_history.h
//
// The stores to one location, in its modification order ([intro.races]/4). With the stores stands
// what decides who may still read them:
//
//     x:   0 at the start  <  1 by writer  <  2 by writer
//                             ^ read by reader-1
//
// A thread may read a store, or come with a store of its own right behind it, unless that would go
// against coherence. Of the store that is newest in the order and already
//
//   happened before         (write-read, write-write coherence: [intro.races]/18, /15)
//   was read happens before (read-read, read-write coherence: [intro.races]/16, /17)
//   or is fixed by the single order of seq_cst operations (seq_cst_order.h)
//
// nothing older may be read, and nothing be put before it. That is the floor. From there on up a
// load may take any. A store may go anywhere above it, only never right before an update: an update
// reads the value right before its own ([atomics.order]/10).
#ifndef INTERLEAVE_RUNTIME_ENGINE_STORE_HISTORY_H_
#define INTERLEAVE_RUNTIME_ENGINE_STORE_HISTORY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/engine/memory_model.h"
#include "runtime/engine/seq_cst_order.h"
#include "runtime/engine/thread.h"
#include "runtime/engine/vector_clock.h"

namespace interleave::engine {

struct AtomicStore {
  static constexpr std::uint32_t kNobody = UINT32_MAX;  // it was there at the start

  AtomicValue value = 0;
  std::uint32_t thread = kNobody;
  std::uint32_t epoch = 0;
  std::uint32_t number = 0;  // in the order in which they were made
  bool update = false;       // of a read-modify-write operation

  // Lowest numbers in the order of seq_cst operations: of those that wrote or read it, and of the
  // fences that its write or a read of it happens before.
  std::uint32_t first_seq_cst = SeqCstOrder::kNone;
  std::uint32_t first_fence = SeqCstOrder::kNone;
  std::size_t fences_asked = 0;

  VectorClock released;  // what who acquires it learns

  struct Read {
    std::uint32_t thread, epoch;
  };
  std::vector<Read> first_reads;  // of each thread the first
};

class StoreHistory {
 public:
  void Reset() {
    size = 0;
    order_.clear();
    used_ = 0;
    dropped_.clear();
    made_ = 0;
    rereads_.clear();
  }

  bool Empty() const { return order_.empty(); }
  std::uint32_t Size() const { return static_cast<std::uint32_t>(order_.size()); }
  AtomicStore& At(std::uint32_t position) { return *order_[position]; }
  AtomicStore& Newest() { return *order_.back(); }
  bool IsBeforeUpdate(std::uint32_t position) const {
    return position + 1 < order_.size() && order_[position + 1]->update;
  }

  // The highest position of which the thread may not read or write anything older.
  std::uint32_t Floor(const Thread& thread, bool seq_cst, const SeqCstOrder& order);

  // A new store at this position, those from there on move up.
  AtomicStore& Insert(std::uint32_t position);

  // `store` is read by the thread.
  static void NoteRead(AtomicStore& store, const Thread& thread);

  // Stores below this position can be read by nobody any more.
  void Drop(std::uint32_t below);

  // How often the thread has read this store at this place when another was newer.
  static constexpr std::uint32_t kAnyStore = UINT32_MAX;
  struct Reread {
    std::uint32_t thread;
    std::uint32_t store;  // its number, or kAnyStore
    std::uintptr_t place;
    int times;
    bool failed_spuriously;  // a weak compare-exchange that found what it expected
  };
  Reread& RereadOf(std::uint32_t thread, std::uint32_t store, std::uintptr_t place);

  std::uint32_t size = 0;  // bytes of an operation

 private:
  bool IsBelow(AtomicStore& store, const Thread& thread, bool seq_cst, const SeqCstOrder& order);

  std::vector<AtomicStore*> order_;
  std::vector<std::unique_ptr<AtomicStore>> all_;  // the first used_ are this run's
  std::size_t used_ = 0;
  std::vector<AtomicStore*> dropped_;  // of those, free again
  std::uint32_t made_ = 0;
  std::vector<Reread> rereads_;
};

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_STORE_HISTORY_H_
