// runtime/engine/strategy.h
//
// Who goes on? A strategy is one decision function, asked where more than one answer is possible.
#ifndef INTERLEAVE_RUNTIME_ENGINE_STRATEGY_H_
#define INTERLEAVE_RUNTIME_ENGINE_STRATEGY_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "runtime/engine/thread_set.h"

namespace interleave::engine {

// A question with `options` >= 2 answers. Of threads: which of `threads`, those that can go on,
// does so; `running` is who made the last step (it may be no longer among them). Otherwise, of
// data: which of several waiters a notify wakes, counted in the order in which they began to wait.
struct Choice {
  std::uint32_t options;
  const ThreadSet* threads;  // null for a choice of data
  std::uint32_t running;
  bool preempts;          // `running` could go on, and has not offered to give way
  bool gave_way = false;  // `running` waits in a loop, and was taken out for this once
  std::int64_t step = 0;  // how many steps were made, also those that nobody chose

  // The n-th answer, n < options, as a schedule has it: a thread's number, or n itself.
  std::uint32_t Answer(std::uint32_t n) const { return threads != nullptr ? threads->Nth(n) : n; }
};

class Strategy {
 public:
  virtual ~Strategy() = default;

  // Before each run. False: there is nothing left to run.
  virtual bool Begin() = 0;

  // One of the answers.
  virtual std::uint32_t Choose(const Choice& choice) = 0;

  // After each run. False: it was like an earlier one in all that matters, and is not counted.
  virtual bool End() { return true; }

  // Whether it reads step_trace.
  virtual bool WantsSteps() const { return false; }

  // When Begin has said that nothing is left: whether that was every schedule, or one of each class
  // of those that differ in nothing that matters.
  virtual bool RanAll() const { return false; }

  // After each run: why it is void (the program went another way than before, the schedule does not
  // fit), in one sentence; empty if it is not.
  const std::string& Complaint() const { return complaint_; }

 protected:
  void Complain(std::string sentence) {
    if (complaint_.empty()) complaint_ = std::move(sentence);
  }

 private:
  std::string complaint_;
};

// Each thread one step in turn.
std::unique_ptr<Strategy> MakeRoundRobin();

// Random choices. `runs` < 0: without end.
std::unique_ptr<Strategy> MakeRandom(std::uint64_t seed, std::int64_t runs);

// Threads with random priorities, that change at `depth` - 1 random moments (strategy_pct.cc).
std::unique_ptr<Strategy> MakePct(std::uint64_t seed, int depth, std::int64_t runs);

// The choices of a schedule's text; complains if they don't fit.
std::unique_ptr<Strategy> MakeReplay(std::vector<std::uint32_t> choices);

// The same, and `rest` decides what comes behind them.
std::unique_ptr<Strategy> MakeAfter(std::vector<std::uint32_t> choices,
                                    std::unique_ptr<Strategy> rest);

// Every schedule, depth first: the last choice that has another answer gets its next one.
std::unique_ptr<Strategy> MakeAll();

// One schedule of each class of those that differ in nothing that matters (strategy_distinct.cc).
std::unique_ptr<Strategy> MakeDistinct();

// Every schedule with exactly `bound` preemptions, or delays (strategy_bounded.cc).
std::unique_ptr<Strategy> MakePreemptions(int bound);
std::unique_ptr<Strategy> MakeDelays(int bound);

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_STRATEGY_H_
