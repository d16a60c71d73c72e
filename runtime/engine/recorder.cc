#include "runtime/engine/recorder.h"

#include <cstring>
#include <utility>

#include "runtime/engine/names.h"
#include "runtime/engine/scheduler.h"
#include "runtime/engine/sync.h"

namespace interleave::engine {

Recorder recorder;

std::string ValueAt(const void* address, std::uint32_t size) {
  switch (size) {
    case 1: {
      std::int8_t value;
      std::memcpy(&value, address, 1);
      return std::to_string(value);
    }
    case 2: {
      std::int16_t value;
      std::memcpy(&value, address, 2);
      return std::to_string(value);
    }
    case 4: {
      std::int32_t value;
      std::memcpy(&value, address, 4);
      return std::to_string(value);
    }
    case 8: {
      std::int64_t value;
      std::memcpy(&value, address, 8);
      const std::string variable = names.OfPointer(static_cast<std::uintptr_t>(value));
      return variable.empty() ? std::to_string(value) : variable;
    }
    default:
      return "";
  }
}

namespace {

bool ChangesMemory(StepKind kind) {
  return kind == StepKind::kWrite || kind == StepKind::kAtomicWrite ||
         kind == StepKind::kAtomicUpdate;
}

// Who holds the lock that a thread stands before; -1 if it is no lock.
int HolderOf(const Operation& operation) {
  if (operation.kind != StepKind::kLock) return -1;
  const Mutex* mutex = locks.Mutexes().Find(operation.object);
  return mutex != nullptr && mutex->owner != nullptr ? static_cast<int>(mutex->owner->number) : -1;
}

}  // namespace

Recorder::Raw& Recorder::Add(Thread& thread, bool blocked) {
  Raw raw;
  raw.step.time = std::chrono::nanoseconds(scheduler.Clock().Now());
  raw.step.thread = static_cast<int>(thread.number);
  raw.step.kind = thread.next.kind;
  raw.step.blocked = blocked;
  const auto find_callers = [&] { raw.callers = FramesOfThisThread(thread.next.place); };
  if (&thread == &scheduler.Current()) {
    find_callers();
  } else {
    scheduler.OnRootStack([&] { scheduler.Ask(thread, find_callers); });
  }
  raw.address = thread.next.object;
  raw.size = thread.next.size;
  const Operation next = thread.next;
  if (next.object != nullptr && next.kind != StepKind::kFence) {
    scheduler.OnRootStack(
        [&] { raw.step.object = names.OfObject(next, raw.callers, thread.last_atomic_read); });
  }
  steps_.push_back(std::move(raw));
  return steps_.back();
}

void Recorder::Starts(Thread& thread) {
  thread.next = Operation();
  Add(thread, false);
}

void Recorder::Stops(Thread& thread) { CloseWrite(thread); }

void Recorder::Blocks(Thread& thread) {
  if (std::exchange(thread.shown_blocked, true)) return;
  thread.released_by = -1;
  Step& step = Add(thread, true).step;
  step.by = HolderOf(thread.next);
  if (thread.timer != 0) step.until = std::chrono::nanoseconds(thread.deadline);
}

void Recorder::Goes(Thread& thread) {
  const bool waited = std::exchange(thread.shown_blocked, false);
  Raw& raw = Add(thread, false);
  if (waited) {
    raw.step.timed_out = thread.expired;
    if (!thread.expired) raw.step.by = static_cast<int>(thread.released_by);
  }
  raw.step.preempts =
      scheduler.Preemptions() > std::exchange(preemptions_, scheduler.Preemptions());
  if (thread.next.size == 0) return;
  if (ChangesMemory(thread.next.kind)) {
    thread.open_step = static_cast<std::int64_t>(steps_.size()) - 1;
  } else {
    FindValue(raw);
  }
}

// What a write has written is known when its thread stops again; nobody else ran meanwhile.
void Recorder::CloseWrite(Thread& thread) {
  if (thread.open_step < 0) return;
  Raw& raw = steps_[static_cast<std::size_t>(thread.open_step)];
  thread.open_step = -1;
  FindValue(raw);
}

void Recorder::FindValue(Raw& raw) {
  scheduler.OnRootStack([&] { raw.step.value = ValueAt(raw.address, raw.size); });
}

void Recorder::SetValue(Raw& raw, std::uint64_t value) {
  scheduler.OnRootStack([&] { raw.step.value = ValueAt(&value, raw.size); });
}

// The step that is this access; null: its place is no step of its own.
Recorder::Raw* Recorder::OpenAccess(Thread& thread, const AtomicUse& use) {
  if (steps_.empty() || thread.next.place != use.place || thread.next.object != use.address) {
    return nullptr;
  }
  Raw& raw = steps_.back();
  const bool same = raw.step.thread == static_cast<int>(thread.number);
  if (!same || raw.address != use.address) return nullptr;
  thread.open_step = -1;
  return &raw;
}

void Recorder::ReadAtomic(Thread& thread, const AtomicUse& use, StoreName read, StoreName missed,
                          bool old) {
  Raw* raw = OpenAccess(thread, use);
  if (raw == nullptr) return;
  SetValue(*raw, read.value);
  if (!old) return;
  raw->note = Raw::Note::kOld;
  raw->read = read;
  raw->other = missed;
}

void Recorder::ReadPastBuffer(Thread& thread, const AtomicUse& use, std::uint64_t value,
                              StoreName missed) {
  Raw* raw = OpenAccess(thread, use);
  if (raw == nullptr) return;
  SetValue(*raw, value);
  if (missed.thread < 0) return;
  raw->note = Raw::Note::kPastBuffer;
  raw->other = missed;
}

void Recorder::WroteAtomic(Thread& thread, const AtomicUse& use, std::uint64_t value,
                           StoreName next, Placed placed) {
  Raw* raw = OpenAccess(thread, use);
  if (raw == nullptr) return;
  SetValue(*raw, value);
  if (placed == Placed::kLast) return;
  raw->note = placed == Placed::kBefore ? Raw::Note::kBefore : Raw::Note::kInBuffer;
  raw->other = next;
}

// "an old value, from the start: writer has stored 1"
std::string Recorder::NoteOf(const Raw& raw) {
  const auto name = [](int thread) {
    return scheduler.At(static_cast<std::size_t>(thread)).Name();
  };
  if (raw.note == Raw::Note::kNone) return "";
  if (raw.note == Raw::Note::kInBuffer) return "into its store buffer";
  const std::string other = raw.other.thread < 0 ? ""
                                                 : name(raw.other.thread) + " stored " +
                                                       ValueAt(&raw.other.value, raw.size);
  if (raw.note == Raw::Note::kPastBuffer) return "although " + other + ", still in a store buffer";
  if (raw.note == Raw::Note::kBefore) return "in the order of stores before what " + other;
  const std::string from = raw.read.thread < 0 ? "from the start" : "from " + name(raw.read.thread);
  return from + ", although " + other;
}

void Recorder::Ends(Thread& thread) {
  CloseWrite(thread);
  thread.next = {StepKind::kEnd, nullptr, 0, 0};
  Add(thread, false);
}

void Recorder::RunEnds(Thread& running) { CloseWrite(running); }

void Recorder::Woke(const Thread& waiter) {
  std::string& woken = steps_.back().step.value;
  woken += (woken.empty() ? "" : ", ") + waiter.Name();
}

void Recorder::Writes(const Thread& thread, std::string_view text) {
  if (will_write_.size() <= thread.number) will_write_.resize(thread.number + 1);
  will_write_[thread.number] = text;
}

void Recorder::Wrote(const Thread& thread) { steps_.back().step.object = WillWrite(thread); }

std::string Recorder::WillWrite(const Thread& thread) const {
  return thread.number < will_write_.size() ? will_write_[thread.number] : "";
}

std::vector<Step> Recorder::Take() {
  std::vector<Step> steps;
  for (Raw& raw : steps_) {
    raw.step.place = names.LineOf(raw.callers);
    raw.step.note = NoteOf(raw);
    steps.push_back(std::move(raw.step));
  }
  steps_.clear();
  return steps;
}

}  // namespace interleave::engine
