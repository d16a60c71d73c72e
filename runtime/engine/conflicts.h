// runtime/engine/conflicts.h
//
// Which steps of a run might as well have come the other way round, with another result? Two steps
// conflict if they use the same object and do not both only read it. Together with what each thread
// does in its own order, who wakes whom, and the jumps of the clock, the conflicts of a run make a
// partial order of its steps (Mazurkiewicz 1977). Runs with the same order have the same outcome.
// Another order comes about where two conflicting steps are not ordered by anything else: those
// are what to turn round.
//
//     thread 1   lock m   count = 1   unlock m
//     thread 2                                   lock m   count = 2   unlock m
//
// Here the two locks conflict. So do unlock and lock, but no schedule has this lock before that
// unlock, for the lock has to wait.
#ifndef INTERLEAVE_RUNTIME_ENGINE_CONFLICTS_H_
#define INTERLEAVE_RUNTIME_ENGINE_CONFLICTS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <unordered_map>
#include <vector>

#include "runtime/engine/step_trace.h"

namespace interleave::engine {

inline bool Waits(StepKind kind) { return kind == StepKind::kLock || kind == StepKind::kReadLock; }
inline bool Attempts(StepKind kind) {
  return kind == StepKind::kTryLock || kind == StepKind::kTryReadLock;
}

// Whether two uses of one object make no order between their steps. An attempt alone is a look; if
// it succeeds, that is told as a lock besides.
inline bool Independent(StepKind earlier, StepKind later) {
  return (OnlyReads(earlier) && OnlyReads(later)) ||
         (Attempts(earlier) && (Attempts(later) || Waits(later)));
}

// Whether they can't change places, or may without a difference. A lock has to wait for the unlock.
inline bool Commute(StepKind earlier, StepKind later) {
  const bool ends_it = earlier == StepKind::kUnlock || earlier == StepKind::kReadUnlock;
  return Independent(earlier, later) || (ends_it && Waits(later));
}

// A use of an object.
struct Use {
  std::uintptr_t object = 0;
  std::uint32_t size = 0;
  StepKind kind = StepKind::kYield;

  bool Overlaps(const Use& other) const {
    return object < other.object + other.size && other.object < object + size;
  }
};

inline Use UseOf(const TraceEvent& event) { return {event.object, event.size, event.operation}; }

class Conflicts {
 public:
  // What to turn round: at choice number `choice` any one of `threads` has to go on in place of the
  // one that did, so that a later step comes before the one that was made there. They may be unable
  // to go on there.
  struct Reversal {
    std::uint32_t choice;
    std::vector<std::uint32_t> threads;
  };
  using OnReversal = std::function<void(const Reversal&)>;

  // Looks at the first `count` events of a run.
  void Find(const std::vector<TraceEvent>& events, std::size_t count, const OnReversal& found);

 private:
  using Clock = std::vector<std::uint32_t>;  // how many of each thread's steps

  struct Step {
    std::uint32_t thread;
    std::uint32_t number;  // among those of its thread, from 1
    std::uint32_t choice;  // TraceEvent::kForced: there was none
    Clock before;          // what is ordered before it, itself included
  };
  struct Past {  // of 8 aligned bytes, or a part of them
    std::size_t step;
    Use use;
  };

  void Begin(std::uint32_t thread, std::uint32_t choice);
  void Stand(std::uint32_t thread, const Use& use);
  void Compare(std::uint32_t thread, const Use& use, bool in_step = false);
  void Make(std::uint32_t thread, const Use& use);
  void Report(std::size_t earlier, std::uint32_t thread, const Clock& known, bool in_step = false);
  void Jump();

  Clock& Of(std::uint32_t thread);
  static void Join(Clock& clock, const Clock& other);
  static bool Knows(const Clock& clock, const Step& step) {
    return step.thread < clock.size() && clock[step.thread] >= step.number;
  }

  const OnReversal* found_ = nullptr;
  std::vector<Clock> clocks_;  // of each thread
  std::vector<Step> steps_;
  std::vector<std::vector<std::size_t>> steps_of_;              // indices into steps_, by thread
  std::unordered_map<std::uintptr_t, std::vector<Past>> past_;  // by address / 8
  std::vector<Use> stands_;                                     // what each thread is about to do
  std::vector<std::size_t> firsts_;                             // Report's
};

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_CONFLICTS_H_
