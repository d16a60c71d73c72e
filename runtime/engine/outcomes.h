// runtime/engine/outcomes.h
//
// What came out of a series of runs: each outcome once, how often it came, and the best schedule
// that leads there, which is the one with the fewest preemptions and of those the shortest.
#ifndef INTERLEAVE_RUNTIME_ENGINE_OUTCOMES_H_
#define INTERLEAVE_RUNTIME_ENGINE_OUTCOMES_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "runtime/engine/explore.h"

namespace interleave::engine {

using Path = std::vector<std::uint32_t>;

struct Outcome {
  std::string text;
  Ending ending = Ending::kReturned;
  std::int64_t runs = 0;
  Path path;
  int preemptions = 0;
};

class Outcomes {
 public:
  // One more run.
  void Count(Ending ending, const std::string& text, const Path& path, int preemptions);

  // A schedule that leads to one of them, not counted.
  void Improve(Ending ending, const std::string& text, const Path& path, int preemptions);

  // The runs of `other` as well.
  void Add(const Outcomes& other);

  // One that is not there yet.
  void Set(Outcome outcome) { all_.push_back(std::move(outcome)); }

  void Clear() { all_.clear(); }
  const std::vector<Outcome>& All() const { return all_; }  // in order of discovery

 private:
  Outcome& Of(Ending ending, const std::string& text);
  static void Improve(Outcome& outcome, const Path& path, int preemptions);

  std::vector<Outcome> all_;
};

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_OUTCOMES_H_
