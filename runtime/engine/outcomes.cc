#include "runtime/engine/outcomes.h"

namespace interleave::engine {

Outcome& Outcomes::Of(Ending ending, const std::string& text) {
  for (Outcome& outcome : all_) {
    if (outcome.ending == ending && outcome.text == text) return outcome;
  }
  all_.push_back({text, ending, 0, {}, 0});
  return all_.back();
}

void Outcomes::Improve(Outcome& outcome, const Path& path, int preemptions) {
  bool better = outcome.runs == 0 || preemptions < outcome.preemptions ||
                (preemptions == outcome.preemptions && path.size() < outcome.path.size());
  if (!better) return;
  outcome.path = path;
  outcome.preemptions = preemptions;
}

[[gnu::flatten]] void Outcomes::Count(Ending ending, const std::string& text, const Path& path,
                                      int preemptions) {
  Outcome& outcome = Of(ending, text);
  Improve(outcome, path, preemptions);
  ++outcome.runs;
}

void Outcomes::Improve(Ending ending, const std::string& text, const Path& path, int preemptions) {
  for (Outcome& outcome : all_) {
    if (outcome.ending == ending && outcome.text == text) Improve(outcome, path, preemptions);
  }
}

void Outcomes::Add(const Outcomes& other) {
  for (const Outcome& theirs : other.all_) {
    Outcome& ours = Of(theirs.ending, theirs.text);
    Improve(ours, theirs.path, theirs.preemptions);
    ours.runs += theirs.runs;
  }
}

}  // namespace interleave::engine
