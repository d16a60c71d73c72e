#include "runtime/engine/seq_cst_order.h"

namespace interleave::engine {

void SeqCstOrder::Fence(Thread& thread) {
  if (fences_ == all_.size()) all_.push_back(std::make_unique<Made>());
  Made& fence = *all_[fences_++];
  fence.number = Next();
  thread.known.SetSeqCstFence(fence.number);
  fence.known.Clear();
  ReleaseTo(fence.known, thread);
}

}  // namespace interleave::engine
