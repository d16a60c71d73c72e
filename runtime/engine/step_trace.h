// runtime/engine/step_trace.h
//
// What the steps of a run had to do with each other, written down for a strategy that learns from
// it (strategy_distinct.cc): which objects each step depended on, and who made whom go on. Off for
// the others.
#ifndef INTERLEAVE_RUNTIME_ENGINE_STEP_TRACE_H_
#define INTERLEAVE_RUNTIME_ENGINE_STEP_TRACE_H_

#include <cstdint>
#include <vector>

#include "runtime/engine/thread.h"

namespace interleave::engine {

// Plain data, so that it can cross from one process to another.
struct TraceEvent {
  enum class Kind : std::uint8_t {
    kStands,  // `thread` stopped before an operation, or had to wait
    kStep,    // `thread` goes on with it
    kTouch,   // `thread` uses `object` in the step that is being made
    kWakes,   // the step that is being made lets `thread` go on
    kKnows,   // `thread` learns what `other` has done, which has ended
    kJump,    // nobody could go on, so the clock moved: after all that was, before all that comes
    kEnds,    // the run ends here, whatever other threads would still have done
  };
  Kind kind;
  StepKind operation = StepKind::kStart;  // kStands, kTouch
  std::uint32_t thread = 0;
  std::uint32_t other = 0;  // kKnows; kStep: which choice it was, counted from 0, or kForced
  std::uint32_t size = 0;   // bytes at `object`
  std::uintptr_t object = 0;

  static constexpr std::uint32_t kForced = UINT32_MAX;
};

class StepTrace {
 public:
  bool on = false;

  void Clear() { events_.clear(); }
  const std::vector<TraceEvent>& Events() const { return events_; }
  void Add(const TraceEvent& event) { events_.push_back(event); }

  void Stands(const Thread& thread);
  void Step(const Thread& thread, std::uint32_t choice);
  void Touch(const Thread& thread, const void* object, std::uint32_t size, StepKind kind);
  void Wakes(const Thread& thread);
  void Knows(const Thread& thread, const Thread& other);
  void Jump();
  void Ends(const Thread& thread);

 private:
  std::vector<TraceEvent> events_;
};

extern StepTrace step_trace;

// What is no object of the program's but steps depend on all the same.
inline constexpr char kThreadNumbers = 0;  // who creates a thread first has the lower number
inline constexpr char kOutputOrder = 0;
inline constexpr char kSeqCstOrder = 0;  // of atomic operations and fences (seq_cst_order.h)

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_STEP_TRACE_H_
