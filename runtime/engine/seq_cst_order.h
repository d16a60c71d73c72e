// runtime/engine/seq_cst_order.h
//
// The single total order S of all seq_cst operations, fences included ([atomics.order]/4, as P0668
// has it). In a run it is the order in which they are made. What it forbids is of one form: when
// operation B is made and would come before an older A in the coherence order of a location (B
// reads a store that A has overwritten, say), then
//
//   A and B seq_cst                                      B would be before A in S, and is not
//   B seq_cst, A happens before a seq_cst fence          B would be before that fence, and is not
//   a seq_cst fence happens before B, A seq_cst          the fence would be before A; forbidden if
//                                                        it is not
//   a seq_cst fence happens before B, A happens          likewise for the two fences
//   before a seq_cst fence
//
// So of A its number in S is kept, and the first fence that it happens before; of B the last fence
// that happens before it, which travels with the clocks (VectorClock::SeqCstFence).
#ifndef INTERLEAVE_RUNTIME_ENGINE_SEQ_CST_ORDER_H_
#define INTERLEAVE_RUNTIME_ENGINE_SEQ_CST_ORDER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/engine/thread.h"
#include "runtime/engine/vector_clock.h"

namespace interleave::engine {

class SeqCstOrder {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  void Clear() {
    numbers_ = 0;
    fences_ = 0;
  }

  // Nothing that was made before the next fence is to be looked up any more.
  void ForgetFences() { fences_ = 0; }

  // The number of the operation that is being made, from 1.
  std::uint32_t Next() { return ++numbers_; }

  // A seq_cst fence of the thread, whose clock has taken in what an acquire fence takes.
  void Fence(Thread& thread);

  // How many fences there are, and of each its number and whether what `thread` did at `epoch`
  // happens before it.
  std::size_t FenceCount() const { return fences_; }
  std::uint32_t NumberOf(std::size_t fence) const { return all_[fence]->number; }
  bool Knows(std::size_t fence, std::uint32_t thread, std::uint32_t epoch) const {
    return all_[fence]->known.Of(thread) >= epoch;
  }

 private:
  struct Made {
    std::uint32_t number;
    VectorClock known;
  };
  std::uint32_t numbers_ = 0;
  std::size_t fences_ = 0;  // of all_
  std::vector<std::unique_ptr<Made>> all_;
};

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_SEQ_CST_ORDER_H_
