#include "runtime/engine/cpp_memory.h"

#include <algorithm>

#include "runtime/engine/answer_words.h"
#include "runtime/engine/recorder.h"
#include "runtime/engine/scheduler.h"
#include "runtime/engine/step_trace.h"

namespace interleave::engine {
namespace {

// A longer history is looked through for what nobody can read any more.
constexpr std::uint32_t kLong = 64;

bool IsSeqCst(MemoryOrder order) { return order == MemoryOrder::kSeqCst; }

void NoteSeqCst(AtomicStore& store, std::uint32_t number) {
  store.first_seq_cst = std::min(store.first_seq_cst, number);
}

// Who wrote a store, and what, for a report.
Recorder::StoreName Named(const AtomicStore& store) {
  const bool at_start = store.thread == AtomicStore::kNobody;
  return {at_start ? -1 : static_cast<int>(store.thread), store.value};
}

// "1 that left stored". From the root stack, as ValueAt.
std::string InWords(const AtomicStore& store, std::uint32_t size) {
  return ValueAt(&store.value, size) +
         (store.thread == AtomicStore::kNobody
              ? " from the start"
              : " that " + scheduler.At(store.thread).Name() + " stored");
}

}  // namespace

void CppMemory::BeginRun() {
  locations_.Clear();
  seq_cst_order_.Clear();
  may_have_atomics_.fill(0);
}

// Memory may have been written past the model: by code that is not watched, or by an operation of
// another size. It begins anew then.
StoreHistory& CppMemory::Of(const AtomicUse& use) {
  StoreHistory& history = locations_.Of(use.address);
  const AtomicValue memory = use.Memory();
  if (history.Empty() || history.size != use.size || history.Newest().value != memory) {
    history.Reset();
    history.size = use.size;
    history.Insert(0).value = memory;
    NoteAtomics(reinterpret_cast<std::uintptr_t>(use.address) / 8);
  }
  if (history.Size() >= kLong && history.Size() % kLong == 0) DropUnreadable(history);
  return history;
}

// A thread that begins later knows at least what the one that creates it knows.
void CppMemory::DropUnreadable(StoreHistory& history) {
  std::uint32_t lowest = history.Size() - 1;
  for (std::size_t t = 0; t < scheduler.ThreadCount(); ++t) {
    const Thread& thread = scheduler.At(t);
    if (!thread.ended) lowest = std::min(lowest, history.Floor(thread, false, seq_cst_order_));
  }
  if (lowest > 0) history.Drop(lowest);
}

std::uint32_t CppMemory::Floor(StoreHistory& history, const Thread& thread, MemoryOrder order) {
  return history.Floor(thread, IsSeqCst(order), seq_cst_order_);
}

// One of candidates_, of which the first is the newest.
CppMemory::Candidate CppMemory::Choose(StoreHistory& history, const Thread& thread,
                                       const AtomicUse& use) {
  const std::uint32_t newest = candidates_.front().position;
  // Each update has a store of its own, so of those any old one counts as the same.
  const auto rereads = [&](const Candidate& candidate) -> int& {
    const std::uint32_t store =
        candidate.exchanges ? StoreHistory::kAnyStore : history.At(candidate.position).number;
    return history.RereadOf(thread.number, store, use.place).times;
  };
  if (candidates_.size() == 1) return candidates_.front();
  if (std::erase_if(candidates_, [&](const Candidate& candidate) {
        return candidate.position != newest && rereads(candidate) > kStaleRereads;
      }) > 0) {
    cut_stale = true;
  }
  if (answer_words.on) {
    std::vector<std::string> words;
    scheduler.OnRootStack([&] {
      for (const Candidate& candidate : candidates_) {
        words.push_back("the " + InWords(history.At(candidate.position), use.size) +
                        (candidate.spurious ? ", and fails" : ""));
      }
    });
    answer_words.Say(std::move(words));
  }
  const Candidate chosen =
      candidates_[scheduler.Choose(static_cast<std::uint32_t>(candidates_.size()))];
  if (chosen.position != newest) {
    ++rereads(chosen);
  } else if (chosen.exchanges) {
    rereads(chosen) = 0;
  }
  return chosen;
}

// What a load does, or the first half of an update.
AtomicValue CppMemory::Read(StoreHistory& history, Thread& thread, const AtomicUse& use,
                            std::uint32_t position, MemoryOrder order) {
  AtomicStore& store = history.At(position);
  StoreHistory::NoteRead(store, thread);
  thread.last_atomic_read = use.address;
  if (IsSeqCst(order)) NoteSeqCst(store, seq_cst_order_.Next());
  AcquireFrom(store.released, thread, order);
  if (IsSeqCst(order)) scheduler.Touches(&kSeqCstOrder);
  if (recorder.on) {
    const bool old = position + 1 < history.Size();
    recorder.ReadAtomic(thread, use, Named(store), old ? Named(history.Newest()) : Named(store),
                        old);
  }
  return store.value;
}

AtomicStore& CppMemory::Write(StoreHistory& history, Thread& thread, std::uint32_t position,
                              AtomicValue value, MemoryOrder order) {
  AtomicStore& store = history.Insert(position);
  store.value = value;
  store.thread = thread.number;
  store.epoch = thread.epoch;
  store.fences_asked = seq_cst_order_.FenceCount();
  if (IsSeqCst(order)) {
    NoteSeqCst(store, seq_cst_order_.Next());
    scheduler.Touches(&kSeqCstOrder);
  }
  ReleaseTo(store.released, thread, order);
  return store;
}

// The store at `position` is new: memory has the newest there is, and a report says where it went.
void CppMemory::ToMemory(StoreHistory& history, Thread& thread, const AtomicUse& use,
                         std::uint32_t position) {
  if (recorder.on) {
    const bool last = position + 1 == history.Size();
    recorder.WroteAtomic(thread, use, history.At(position).value,
                         last ? Recorder::StoreName{} : Named(history.At(position + 1)),
                         last ? Recorder::Placed::kLast : Recorder::Placed::kBefore);
  }
  use.SetMemory(history.Newest().value);
}

AtomicValue CppMemory::Load(Thread& thread, const AtomicUse& use, MemoryOrder order) {
  StoreHistory& history = Of(use);
  candidates_.clear();
  const std::uint32_t floor = Floor(history, thread, order);
  for (std::uint32_t above = history.Size(); above-- > floor;) candidates_.push_back({above});
  const std::uint32_t position = Choose(history, thread, use).position;
  return Read(history, thread, use, position, order);
}

void CppMemory::Store(Thread& thread, const AtomicUse& use, AtomicValue value, MemoryOrder order) {
  StoreHistory& history = Of(use);
  candidates_.clear();
  const std::uint32_t floor = Floor(history, thread, order);
  for (std::uint32_t below = history.Size(); below-- > floor;) {
    if (!history.IsBeforeUpdate(below)) candidates_.push_back({below});
  }
  if (answer_words.on) {
    std::vector<std::string> words;
    scheduler.OnRootStack([&] {
      for (const Candidate& candidate : candidates_) {
        words.push_back("right behind the " + InWords(history.At(candidate.position), use.size));
      }
    });
    answer_words.Say(std::move(words));
  }
  const Candidate chosen =
      candidates_[scheduler.Choose(static_cast<std::uint32_t>(candidates_.size()))];
  Write(history, thread, chosen.position + 1, value, order);
  if (use.Memory() != history.Newest().value) scheduler.Changed();
  ToMemory(history, thread, use, chosen.position + 1);
}

AtomicValue CppMemory::BeginUpdate(Thread& thread, const AtomicUse& use, MemoryOrder order) {
  StoreHistory& history = Of(use);
  candidates_.clear();
  const std::uint32_t floor = Floor(history, thread, order);
  for (std::uint32_t above = history.Size(); above-- > floor;) {
    if (!history.IsBeforeUpdate(above)) candidates_.push_back({above, true});
  }
  update_of_ = Choose(history, thread, use).position;
  return history.At(update_of_).value;
}

void CppMemory::EndUpdate(Thread& thread, const AtomicUse& use, AtomicValue value,
                          MemoryOrder order) {
  Update(*locations_.Find(use.address), thread, use, value, order);
}

void CppMemory::Update(StoreHistory& history, Thread& thread, const AtomicUse& use,
                       AtomicValue value, MemoryOrder order) {
  AtomicStore& from = history.At(update_of_);
  thread.last_atomic_read = use.address;
  AcquireFrom(from.released, thread, order);
  AtomicStore& store = Write(history, thread, update_of_ + 1, value, order);
  store.update = true;
  store.released.Join(from.released);
  ToMemory(history, thread, use, update_of_ + 1);
}

bool CppMemory::CompareExchange(Thread& thread, const AtomicUse& use, Comparison& comparison) {
  StoreHistory& history = Of(use);
  candidates_.clear();
  const std::uint32_t success_floor = Floor(history, thread, comparison.success);
  const std::uint32_t failure_floor = Floor(history, thread, comparison.failure);
  const auto matches = [&](std::uint32_t position) {
    return history.At(position).value == comparison.expected;
  };
  for (std::uint32_t above = history.Size(); above-- > 0;) {
    const bool exchanges = matches(above);
    if (above < (exchanges ? success_floor : failure_floor)) continue;
    if (!exchanges || !history.IsBeforeUpdate(above)) candidates_.push_back({above, exchanges});
  }
  for (std::uint32_t above = history.Size(); comparison.weak && above-- > failure_floor;) {
    if (!matches(above)) continue;
    const std::uint32_t store = history.At(above).number;
    if (!history.RereadOf(thread.number, store, use.place).failed_spuriously) {
      candidates_.push_back({above, false, true});
    }
  }
  const Candidate chosen = Choose(history, thread, use);
  if (chosen.exchanges) {
    scheduler.Changed();
    update_of_ = chosen.position;
    Update(history, thread, use, comparison.desired, comparison.success);
    return true;
  }
  if (chosen.spurious) {
    const std::uint32_t store = history.At(chosen.position).number;
    history.RereadOf(thread.number, store, use.place).failed_spuriously = true;
  }
  comparison.expected = Read(history, thread, use, chosen.position, comparison.failure);
  return false;
}

void CppMemory::Fence(Thread& thread, MemoryOrder order) {
  // PassFence, and its place in S between the two: what comes in is known there, and what goes out
  // knows of it.
  if (Acquires(order)) thread.known.Join(thread.pending_acquires);
  if (IsSeqCst(order)) seq_cst_order_.Fence(thread);
  if (Releases(order)) {
    thread.release_fence.Clear();
    ReleaseTo(thread.release_fence, thread);
  }
}

// [intro.races]/10: it happens before whatever may read it, or that is a race.
void CppMemory::Plain(Thread&, const void* address, std::size_t size, bool write) {
  if (!write) return;
  const auto begin = reinterpret_cast<std::uintptr_t>(address), end = begin + size;
  for (std::uintptr_t granule = begin / 8; granule <= (end - 1) / 8; ++granule) {
    if (!MayHaveAtomics(granule)) continue;
    for (std::uintptr_t at = granule * 8; at < std::min(end, granule * 8 + 8); ++at) {
      StoreHistory* history = locations_.Find(reinterpret_cast<const void*>(at));
      if (history != nullptr && at + history->size > begin) history->Reset();
    }
  }
}

void CppMemory::Forget(std::uintptr_t begin) {
  for (std::uintptr_t address = begin; address < begin + 8; ++address) {
    StoreHistory* history = locations_.Find(reinterpret_cast<const void*>(address));
    if (history != nullptr) history->Reset();
  }
}

void CppMemory::ForgetAll() {
  locations_.Clear();
  seq_cst_order_.ForgetFences();
}

void CppMemory::Published(Thread& thread, const void* address) {
  StoreHistory& history = locations_.Of(address);
  if (history.Empty()) {
    history.size = 1;
    history.Insert(0).value = 0;
    NoteAtomics(reinterpret_cast<std::uintptr_t>(address) / 8);
  }
  const AtomicUse use{const_cast<void*>(address), 1, 0};
  Write(history, thread, history.Size(), use.Memory(), MemoryOrder::kRelease);
}

void CppMemory::Learned(Thread& thread, const void* address) {
  StoreHistory* history = locations_.Find(address);
  if (history != nullptr && !history->Empty()) thread.known.Join(history->Newest().released);
}

}  // namespace interleave::engine
