#include "runtime/engine/store_buffers.h"

#include <algorithm>
#include <utility>

#include "runtime/engine/answer_words.h"
#include "runtime/engine/recorder.h"
#include "runtime/engine/scheduler.h"

namespace interleave::engine {
namespace {
constexpr std::uint32_t kNobody = UINT32_MAX;
}

void StoreBuffers::BeginRun() {
  ForgetAll();
  made_ = 0;
}

// They are empty, unless a run was given up.
void StoreBuffers::ForgetAll() {
  for (Buffer& buffer : buffers_) buffer.clear();
  waiting_ = 0;
  locations_.Clear();
}

StoreBuffers::Buffer& StoreBuffers::Of(const Thread& thread) {
  if (thread.number >= buffers_.size()) buffers_.resize(thread.number + 1);
  return buffers_[thread.number];
}

int& StoreBuffers::Location::RereadOf(std::uint32_t thread, std::uint64_t missed,
                                      std::uintptr_t place) {
  for (Reread& reread : rereads) {
    if (reread.thread == thread && reread.missed == missed && reread.place == place) {
      return reread.times;
    }
  }
  return rereads.emplace_back(Reread{thread, missed, place, 0}).times;
}

bool StoreBuffers::Overlaps(const Buffer& buffer, std::uintptr_t begin, std::uintptr_t end) const {
  return std::any_of(buffer.begin(), buffer.end(), [&](const Entry& entry) {
    const auto at = reinterpret_cast<std::uintptr_t>(entry.use.address);
    return at < end && begin < at + entry.use.size;
  });
}

const StoreBuffers::Entry* StoreBuffers::OldestIn(const void* address) const {
  const Entry* oldest = nullptr;
  for (const Buffer& buffer : buffers_) {
    for (const Entry& entry : buffer) {
      if (entry.use.address != address || (oldest != nullptr && oldest->made < entry.made))
        continue;
      oldest = &entry;
    }
  }
  return oldest;
}

const StoreBuffers::Entry* StoreBuffers::NewestIn(const Buffer& buffer, const AtomicUse& use) {
  for (auto entry = buffer.rbegin(); entry != buffer.rend(); ++entry) {
    if (entry->use.address == use.address && entry->use.size == use.size) return &*entry;
  }
  return nullptr;
}

bool StoreBuffers::OthersHave(const Thread& thread, const void* address) const {
  for (std::uint32_t t = 0; t < buffers_.size(); ++t) {
    if (t == thread.number) continue;
    for (const Entry& entry : buffers_[t]) {
      if (entry.use.address == address) return true;
    }
  }
  return false;
}

// The threads whose buffers have a store to `address`, with `thread`; and those that have a store
// to a location that one of the others has a store to, for which of the two is last counts.
void StoreBuffers::FindRelevant(const void* address, std::uint32_t thread) {
  relevant_.clear();
  const auto is_in = [&](std::uint32_t t) {
    return std::find(relevant_.begin(), relevant_.end(), t) != relevant_.end();
  };
  const auto has = [&](const Buffer& buffer, const void* location) {
    return std::any_of(buffer.begin(), buffer.end(),
                       [&](const Entry& entry) { return entry.use.address == location; });
  };
  for (std::uint32_t t = 0; t < buffers_.size(); ++t) {
    if (buffers_[t].empty()) continue;
    if (t == thread || (address != nullptr && has(buffers_[t], address))) relevant_.push_back(t);
  }
  for (std::size_t i = 0; i < relevant_.size(); ++i) {
    for (std::uint32_t t = 0; t < buffers_.size(); ++t) {
      if (is_in(t)) continue;
      const Buffer& known = buffers_[relevant_[i]];
      if (std::any_of(buffers_[t].begin(), buffers_[t].end(),
                      [&](const Entry& entry) { return has(known, entry.use.address); })) {
        relevant_.push_back(t);
      }
    }
  }
  std::sort(relevant_.begin(), relevant_.end(), [&](std::uint32_t a, std::uint32_t b) {
    return buffers_[a].front().made < buffers_[b].front().made;
  });
}

void StoreBuffers::Send(std::uint32_t thread) {
  Entry entry = std::move(buffers_[thread].front());
  buffers_[thread].pop_front();
  --waiting_;
  if (entry.use.Memory() != entry.value) scheduler.Changed();
  entry.use.SetMemory(entry.value);
  scheduler.Touches(entry.use.address);
  locations_.Of(entry.use.address).released.Assign(*entry.released);
  free_clocks_.push_back(std::move(entry.released));
}

void StoreBuffers::SayWhatComes(bool or_nothing, bool of_a_step) const {
  if (!answer_words.on) return;
  std::vector<std::string> words;
  scheduler.OnRootStack([&] {
    for (std::uint32_t t : relevant_) {
      const Entry& entry = buffers_[t].front();
      words.push_back("the " + ValueAt(&entry.value, entry.use.size) + " that " +
                      scheduler.At(t).Name() + " stored comes to memory");
    }
  });
  if (or_nothing) words.push_back("nothing comes to memory before");
  answer_words.Say(std::move(words), of_a_step);
}

// Before memory is looked at: stores to this location come there, and what goes before them. To
// send a store that nobody looks at can be done later as well, so it ends with one to this
// location.
const StoreBuffers::Entry* StoreBuffers::SendSome(const Thread& thread, const AtomicUse& use) {
  const Entry* oldest = waiting_ > 0 ? OldestIn(use.address) : nullptr;
  if (oldest == nullptr) return nullptr;
  const std::uint64_t missed = oldest->made;
  int& rereads = locations_.Of(use.address).RereadOf(thread.number, missed, use.place);
  bool may_stop = rereads <= kStaleRereads;
  if (!may_stop) cut_stale = true;
  while (oldest != nullptr) {
    FindRelevant(use.address, kNobody);
    const auto options = static_cast<std::uint32_t>(relevant_.size());
    SayWhatComes(may_stop, /*of_a_step=*/true);
    const std::uint32_t answer = scheduler.Choose(options + (may_stop ? 1 : 0));
    if (answer == options) break;
    const std::uint32_t sent = relevant_[answer];
    may_stop = buffers_[sent].front().use.address == use.address;
    Send(sent);
    oldest = OldestIn(use.address);
  }
  if (oldest != nullptr && oldest->made == missed) ++rereads;
  return oldest;
}

void StoreBuffers::Drain(Thread& thread) {
  if (waiting_ == 0) return;
  while (!Of(thread).empty()) {
    FindRelevant(nullptr, thread.number);
    SayWhatComes(false, /*of_a_step=*/false);
    Send(relevant_[scheduler.Choose(static_cast<std::uint32_t>(relevant_.size()))]);
  }
}

void StoreBuffers::Learn(Thread& thread, const void* address, MemoryOrder order) {
  thread.last_atomic_read = address;
  AcquireFrom(locations_.Of(address).released, thread, order);
}

AtomicValue StoreBuffers::Load(Thread& thread, const AtomicUse& use, MemoryOrder order) {
  Buffer& own = Of(thread);
  const auto begin = reinterpret_cast<std::uintptr_t>(use.address);
  if (NewestIn(own, use) == nullptr && Overlaps(own, begin, begin + use.size)) Drain(thread);
  // One's own store may have come to memory, and one of another thread after it.
  const Entry* missed = nullptr;
  if (NewestIn(own, use) == nullptr || OthersHave(thread, use.address)) {
    missed = SendSome(thread, use);
  }
  if (const Entry* mine = NewestIn(own, use)) {
    thread.last_atomic_read = use.address;
    if (recorder.on) recorder.ReadPastBuffer(thread, use, mine->value, {});
    return mine->value;
  }
  const AtomicValue value = use.Memory();
  Learn(thread, use.address, order);
  if (recorder.on) {
    Recorder::StoreName name;
    for (std::uint32_t t = 0; missed != nullptr && t < buffers_.size(); ++t) {
      if (std::any_of(buffers_[t].begin(), buffers_[t].end(),
                      [&](const Entry& entry) { return &entry == missed; })) {
        name = {static_cast<int>(t), missed->value};
      }
    }
    recorder.ReadPastBuffer(thread, use, value, name);
  }
  return value;
}

void StoreBuffers::Store(Thread& thread, const AtomicUse& use, AtomicValue value,
                         MemoryOrder order) {
  std::unique_ptr<VectorClock> released;
  if (free_clocks_.empty()) {
    released = std::make_unique<VectorClock>();
  } else {
    released = std::move(free_clocks_.back());
    free_clocks_.pop_back();
    released->Clear();
  }
  ReleaseTo(*released, thread, order);
  Of(thread).push_back({use, value, ++made_, std::move(released)});
  ++waiting_;
  scheduler.Changed();
  const bool waits = order != MemoryOrder::kSeqCst;
  if (recorder.on) {
    recorder.WroteAtomic(thread, use, value, {},
                         waits ? Recorder::Placed::kInBuffer : Recorder::Placed::kLast);
  }
  if (!waits) Drain(thread);
}

AtomicValue StoreBuffers::BeginUpdate(Thread& thread, const AtomicUse& use, MemoryOrder order) {
  Drain(thread);
  SendSome(thread, use);
  Learn(thread, use.address, order);
  return use.Memory();
}

void StoreBuffers::EndUpdate(Thread& thread, const AtomicUse& use, AtomicValue value,
                             MemoryOrder order) {
  use.SetMemory(value);
  ReleaseTo(locations_.Of(use.address).released, thread, order);
  if (recorder.on) recorder.WroteAtomic(thread, use, value, {}, Recorder::Placed::kLast);
}

bool StoreBuffers::CompareExchange(Thread& thread, const AtomicUse& use, Comparison& comparison) {
  Drain(thread);
  SendSome(thread, use);
  const AtomicValue before = use.Memory();
  const bool equal = before == comparison.expected;
  Learn(thread, use.address, equal ? comparison.success : comparison.failure);
  if (equal) {
    scheduler.Changed();
    EndUpdate(thread, use, comparison.desired, comparison.success);
  } else if (recorder.on) {
    recorder.ReadPastBuffer(thread, use, before, {});
  }
  comparison.expected = before;
  return equal;
}

void StoreBuffers::Fence(Thread& thread, MemoryOrder order) {
  if (order == MemoryOrder::kSeqCst) Drain(thread);
  PassFence(thread, order);
}

void StoreBuffers::Plain(Thread& thread, const void* address, std::size_t size, bool) {
  if (waiting_ == 0) return;
  const auto begin = reinterpret_cast<std::uintptr_t>(address);
  if (Overlaps(Of(thread), begin, begin + size)) Drain(thread);
}

void StoreBuffers::Forget(std::uintptr_t begin) {
  for (std::uintptr_t address = begin; address < begin + 8; ++address) {
    Location* location = locations_.Find(reinterpret_cast<const void*>(address));
    if (location != nullptr) location->Reset();
  }
  if (waiting_ == 0) return;
  for (Buffer& buffer : buffers_) {
    waiting_ -= std::erase_if(buffer, [&](const Entry& entry) {
      const auto at = reinterpret_cast<std::uintptr_t>(entry.use.address);
      return at >= begin && at < begin + 8;
    });
  }
}

void StoreBuffers::Published(Thread& thread, const void* address) {
  VectorClock& released = locations_.Of(address).released;
  released.Clear();
  ReleaseTo(released, thread);
}

void StoreBuffers::Learned(Thread& thread, const void* address) {
  Learn(thread, address, MemoryOrder::kAcquire);
}

}  // namespace interleave::engine
