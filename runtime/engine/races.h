// runtime/engine/races.h
//
// Happens-before race detection over plain and atomic memory (FastTrack's idea, Flanagan and Freund
// 2009: compare an access with the last ones only). Two accesses to the same byte race if one of
// them writes, not both are atomic, and neither's thread knew of the other (vector_clock.h).
//
// A race is found in whatever order its accesses happen to run, so one run per branch of the
// program is enough to find the places; then they become scheduling points, and their orders are
// explored.
#ifndef INTERLEAVE_RUNTIME_ENGINE_RACES_H_
#define INTERLEAVE_RUNTIME_ENGINE_RACES_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "runtime/engine/explore.h"
#include "runtime/engine/places.h"
#include "runtime/engine/shadow.h"
#include "runtime/engine/thread.h"

namespace interleave::engine {

class Races {
 public:
  bool on = true;

  // Between runs. The races stay.
  void BeginRun();

  // Between explorations.
  void Clear();

  // `thread` is about to access [address, address + size) from `place`, a return address. Inline,
  // as far as an access goes that says nothing new; the rest are calls at the end, for which a hook
  // needs no stack frame.
  [[gnu::always_inline]] void Check(Thread& thread, std::uintptr_t address, std::size_t size,
                                    bool write, bool atomic, std::uintptr_t place) {
    const std::size_t offset = address % 8;
    if (offset + size > 8) [[unlikely]]
      return CheckInParts(thread, address, size,
                          Access(place, thread.epoch, thread.number, 0, write, atomic));
    const Access access(place, thread.epoch, thread.number, ((1u << size) - 1) << offset, write,
                        atomic);
    CheckWithin(thread, address, access);
  }

  // `thread` gives [address, address + size) back, a block of the heap. Whoever accesses it from
  // now on ends the run, and races if nothing orders the two. What was before is no race: owners
  // are often counted by atomics in code that nobody sees.
  void GiveBack(Thread& thread, std::uintptr_t address, std::size_t size, std::uintptr_t place);

  // An access of a thread that is alone: ends the run if the memory was given back. Leaves no
  // trace.
  void CheckFreed(std::uintptr_t address, std::size_t size, std::uintptr_t place);

  // All that were found since Clear, each pair of source lines once.
  const std::vector<Race>& Found() const { return found_; }

  // The same, without those that came to say the same once both callers were known.
  std::vector<Race> Distinct() const;

  // A race within the standard library is of two lines of the program that called it. Of the access
  // that is being made the stack is there; of the earlier one only its place, so who called it is
  // looked up when its thread comes there again, in a later run.
  struct Caller {
    std::size_t race;  // index into Found()
    bool second;       // which of its two lines
    std::uint32_t thread;
    std::uintptr_t place;
  };
  struct Answer {
    std::size_t race;
    bool second;
    SourceLine line;
  };
  bool WantsCallers() const { return !wanted_.empty(); }
  void Comes(Thread& thread, std::uintptr_t place);  // to a scheduling point
  const std::vector<Caller>& Wanted() const { return wanted_; }
  const std::vector<Answer>& Answers() const { return answers_; }  // of this run
  void Want(const Caller& caller) { wanted_.push_back(caller); }
  void Take(const Answer& answer);

  // Pairs of places whose races are in Found already.
  struct Pair {
    std::uintptr_t first, second;
  };
  const std::vector<Pair>& Seen() const { return seen_; }

  // What another process has seen and found in a run of its own (forked_run.h).
  void Saw(const Pair& pair) { seen_.push_back(pair); }
  void Found(Race race) { found_.push_back(std::move(race)); }

 private:
  // Of bytes within one cell.
  [[gnu::always_inline]] void CheckWithin(Thread& thread, std::uintptr_t address, Access access) {
    Cell& cell = shadow.AtHome(address / 8);
    if (!shadow.IsOf(cell, address / 8)) return CheckElsewhere(cell, thread, address, access);
    if (!cell.IsRepeated(access)) CompareWith(cell, thread, access);
  }

  void CheckInParts(Thread& thread, std::uintptr_t address, std::size_t size, Access access);
  void CheckWide(Thread& thread, std::uintptr_t first, std::uintptr_t last, const Access& access);
  // By value: in registers. What is stored to the stack as two words and loaded as one object makes
  // the processor wait.
  void CheckElsewhere(Cell& home, Thread& thread, std::uintptr_t address, Access access);
  void CheckAnywhere(Thread& thread, std::uintptr_t address, Access access);
  void CompareWith(Cell& cell, Thread& thread, Access access);
  void CompareWithAll(Cell& cell, Thread& thread, Access access);
  void Report(const Cell& cell, const Access& earlier, const Access& access);

  std::vector<Pair> seen_;
  static constexpr std::size_t kLastPairs = 64;
  Pair last_pairs_[kLastPairs] = {};  // of seen_, by their hash
  std::vector<Race> found_;
  std::vector<Caller> wanted_;
  std::vector<Answer> answers_;
};

extern Races races;

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_RACES_H_
