// runtime/engine/phases.h
//
// An exploration is one phase or several, one after the other: the bounds 0, 1, 2 ... of a bounded
// strategy, or all that Strategy::kAuto tries.
#ifndef INTERLEAVE_RUNTIME_ENGINE_PHASES_H_
#define INTERLEAVE_RUNTIME_ENGINE_PHASES_H_

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "runtime/engine/explore.h"
#include "runtime/engine/strategy.h"

namespace interleave::engine {

struct Phase {
  std::string name;  // as --explore has it: "all", "delay:2"
  std::unique_ptr<Strategy> strategy;

  // Of the whole exploration's time and runs, what is used up when this phase is over at the
  // latest; and no more than `at_most`.
  double share = 1;
  std::chrono::nanoseconds at_most = std::chrono::nanoseconds::max();

  // The runs of neighbouring phases of one group are different ones and are counted together.
  int group = 0;
};

class Phases {
 public:
  explicit Phases(const ExploreOptions& options) : options_(options) {}

  // The next one; its strategy is null when there is none.
  Phase Next();

 private:
  Phase NextOfAuto();

  const ExploreOptions& options_;
  int phase_ = 0;
};

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_PHASES_H_
