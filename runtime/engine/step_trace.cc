#include "runtime/engine/step_trace.h"

namespace interleave::engine {

StepTrace step_trace;

using Kind = TraceEvent::Kind;

namespace {

// A lock whose time has run out is tried once more, and fails if somebody has it.
StepKind WhatItDoes(const Thread& thread) {
  if (thread.expired && thread.next.kind == StepKind::kLock) return StepKind::kTryLock;
  if (thread.expired && thread.next.kind == StepKind::kReadLock) return StepKind::kTryReadLock;
  return thread.next.kind;
}

}  // namespace

void StepTrace::Stands(const Thread& thread) {
  TraceEvent event{Kind::kStands};
  event.operation = WhatItDoes(thread);
  event.thread = thread.number;
  const void* object = thread.next.object;
  if (thread.next.kind == StepKind::kOutput) object = &kOutputOrder;
  event.size = thread.next.size > 0 ? thread.next.size : 1;
  event.object = reinterpret_cast<std::uintptr_t>(object);
  Add(event);
}

void StepTrace::Step(const Thread& thread, std::uint32_t choice) {
  TraceEvent event{Kind::kStep};
  event.thread = thread.number;
  event.other = choice;
  Add(event);
}

void StepTrace::Touch(const Thread& thread, const void* object, std::uint32_t size, StepKind kind) {
  TraceEvent event{Kind::kTouch};
  event.operation = kind;
  event.thread = thread.number;
  event.size = size > 0 ? size : 1;
  event.object = reinterpret_cast<std::uintptr_t>(object);
  Add(event);
}

void StepTrace::Wakes(const Thread& thread) {
  TraceEvent event{Kind::kWakes};
  event.thread = thread.number;
  Add(event);
}

void StepTrace::Knows(const Thread& thread, const Thread& other) {
  TraceEvent event{Kind::kKnows};
  event.thread = thread.number;
  event.other = other.number;
  Add(event);
}

void StepTrace::Jump() { Add({Kind::kJump}); }

void StepTrace::Ends(const Thread& thread) {
  TraceEvent event{Kind::kEnds};
  event.thread = thread.number;
  Add(event);
}

}  // namespace interleave::engine
