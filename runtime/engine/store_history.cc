#include "runtime/engine/store_history.h"

#include <algorithm>

namespace interleave::engine {
namespace {

// What happened at a thread's epoch, happens before what `me` does now.
bool IsKnown(const Thread& me, std::uint32_t thread, std::uint32_t epoch) {
  return thread == AtomicStore::kNobody || thread == me.number || me.known.Of(thread) >= epoch;
}

// A fence that was asked before the store was read cannot know of that read, so each is asked once.
void FindFirstFence(AtomicStore& store, const SeqCstOrder& order) {
  if (store.first_fence != SeqCstOrder::kNone) return;
  for (; store.fences_asked < order.FenceCount(); ++store.fences_asked) {
    const std::size_t fence = store.fences_asked;
    const auto knows = [&](const AtomicStore::Read& read) {
      return order.Knows(fence, read.thread, read.epoch);
    };
    if (store.thread == AtomicStore::kNobody || order.Knows(fence, store.thread, store.epoch) ||
        std::any_of(store.first_reads.begin(), store.first_reads.end(), knows)) {
      store.first_fence = order.NumberOf(fence);
      return;
    }
  }
}

}  // namespace

bool StoreHistory::IsBelow(AtomicStore& store, const Thread& thread, bool seq_cst,
                           const SeqCstOrder& order) {
  if (IsKnown(thread, store.thread, store.epoch)) return true;
  for (const AtomicStore::Read& read : store.first_reads) {
    if (IsKnown(thread, read.thread, read.epoch)) return true;
  }
  const std::uint32_t fence = thread.known.SeqCstFence();
  if (store.first_seq_cst != SeqCstOrder::kNone && (seq_cst || store.first_seq_cst < fence)) {
    return true;
  }
  if (!seq_cst && fence == 0) return false;
  FindFirstFence(store, order);
  return store.first_fence != SeqCstOrder::kNone && (seq_cst || store.first_fence < fence);
}

std::uint32_t StoreHistory::Floor(const Thread& thread, bool seq_cst, const SeqCstOrder& order) {
  std::uint32_t position = Size() - 1;
  while (position > 0 && !IsBelow(*order_[position], thread, seq_cst, order)) --position;
  return position;
}

AtomicStore& StoreHistory::Insert(std::uint32_t position) {
  AtomicStore* store;
  if (!dropped_.empty()) {
    store = dropped_.back();
    dropped_.pop_back();
  } else {
    if (used_ == all_.size()) all_.push_back(std::make_unique<AtomicStore>());
    store = all_[used_++].get();
  }
  store->thread = AtomicStore::kNobody;
  store->update = false;
  store->first_seq_cst = store->first_fence = SeqCstOrder::kNone;
  store->fences_asked = 0;
  store->released.Clear();
  store->first_reads.clear();
  store->number = made_++;
  order_.insert(order_.begin() + position, store);
  return *store;
}

void StoreHistory::NoteRead(AtomicStore& store, const Thread& thread) {
  for (const AtomicStore::Read& read : store.first_reads) {
    if (read.thread == thread.number) return;
  }
  store.first_reads.push_back({thread.number, thread.epoch});
}

void StoreHistory::Drop(std::uint32_t below) {
  const auto end = order_.begin() + below;
  dropped_.insert(dropped_.end(), order_.begin(), end);
  order_.erase(order_.begin(), end);
  std::erase_if(rereads_, [&](const Reread& reread) {
    return reread.store != kAnyStore &&
           std::none_of(order_.begin(), order_.end(),
                        [&](const AtomicStore* store) { return store->number == reread.store; });
  });
}

StoreHistory::Reread& StoreHistory::RereadOf(std::uint32_t thread, std::uint32_t store,
                                             std::uintptr_t place) {
  for (Reread& reread : rereads_) {
    if (reread.thread == thread && reread.store == store && reread.place == place) return reread;
  }
  return rereads_.emplace_back(Reread{thread, store, place, 0, false});
}

}  // namespace interleave::engine
