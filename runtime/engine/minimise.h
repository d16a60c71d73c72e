// runtime/engine/minimise.h
//
// A random schedule that loses an update switches threads twenty times, and eighteen of them have
// nothing to do with it. Minimising runs the program again with one switch less, keeps what still
// leads to the same outcome, and goes on until nothing can be left out:
//
//     1 2 1 1 2 1 2 2   ->   1 2 2 1 1 2 2   ->   1 2 2 2 1 1
//
// Fewest preemptions first (a switch away from a thread that could have gone on), then fewest
// choices. After Jalbert and Sen, "A trace simplification technique for effective debugging of
// concurrent programs" (2010): a schedule is a list of segments, each one thread that makes some
// steps in a row, and is made simpler by putting two segments of a thread together. It finds a
// schedule that no such step improves; that is nearly always the best, and never worse than the one
// it began with.
#ifndef INTERLEAVE_RUNTIME_ENGINE_MINIMISE_H_
#define INTERLEAVE_RUNTIME_ENGINE_MINIMISE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "runtime/engine/explore.h"
#include "runtime/engine/strategy.h"

namespace interleave::engine {

// A schedule as the minimiser has it. In contrast to a path it says what a thread does also where
// nobody had to choose, so that it still means something when another segment has been moved.
struct Plan {
  struct Segment {
    std::uint32_t thread;
    std::uint64_t until;     // goes on until it has made so many steps
    bool preempted = false;  // and could have gone on then
  };
  struct Answer {  // to a question of data
    std::uint32_t thread;
    std::uint64_t step;  // of that thread: how many it had made
    std::uint32_t answer;
  };
  std::vector<Segment> segments;
  std::vector<Answer> answers;
};

// Follows a plan as far as it fits: the first segment that is not done and whose thread can go on;
// where there is none, whoever runs goes on. Or follows a path, choice by choice. Writes down the
// plan of what it did.
class Guided : public Strategy {
 public:
  explicit Guided(const Plan& plan) : plan_(&plan) {}
  explicit Guided(const std::vector<std::uint32_t>& path) : path_(&path) {}

  bool Begin() override;
  std::uint32_t Choose(const Choice& choice) override;

  // After the run, where it was made.
  Plan TakeMade();

 private:
  std::uint32_t ChooseThread(const Choice& choice);
  std::uint32_t ChooseData(const Choice& choice);
  bool IsDone(const Plan::Segment& segment) const;
  void Note(std::uint32_t running);

  const Plan* plan_ = nullptr;
  const std::vector<std::uint32_t>* path_ = nullptr;
  std::size_t at_ = 0;                // in the path
  std::size_t first_ = 0;             // of the segments that are not done
  std::size_t current_ = 0;           // the segment being followed
  std::uint32_t chosen_ = 0;          // at the last choice of a thread
  std::vector<std::uint64_t> steps_;  // of each thread, as far as written down
  Plan made_;
};

// What a run came to.
struct Attempt {
  Ending ending = Ending::kReturned;
  std::string outcome;
  std::vector<std::uint32_t> path;
  int preemptions = 0;
  std::int64_t steps = 0;
  Plan plan;
};

// Makes one run with the given strategy, at the scheduling points that are known; no others may be
// added meanwhile, or the path would be of other choices.
using RunOnce = std::function<Attempt(Guided& guided)>;

// `found` has an outcome and the path that leads to it. Afterwards it has the best path found in at
// most so many runs, of so many steps altogether.
void Minimise(Attempt& found, const RunOnce& run, std::int64_t most_runs, std::int64_t most_steps);

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_MINIMISE_H_
