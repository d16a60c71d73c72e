#include "runtime/engine/minimise.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "runtime/engine/scheduler.h"

namespace interleave::engine {

bool Guided::Begin() {
  at_ = first_ = current_ = 0;
  chosen_ = 0;
  steps_.clear();
  made_ = {};
  return true;
}

// Writes down who has made steps since the last time: first the one that was chosen, in the end
// `running`. In between nobody had a choice.
void Guided::Note(std::uint32_t running) {
  steps_.resize(scheduler.ThreadCount(), 0);
  const auto note = [&](std::uint32_t thread) {
    const std::uint64_t steps = scheduler.At(thread).steps;
    if (steps == std::exchange(steps_[thread], steps)) return;
    if (!made_.segments.empty() && made_.segments.back().thread == thread) {
      made_.segments.back().until = steps;
      made_.segments.back().preempted = false;
    } else {
      made_.segments.push_back({thread, steps});
    }
  };
  if (chosen_ < steps_.size()) note(chosen_);
  for (std::uint32_t t = 0; t < steps_.size(); ++t) {
    if (t != running) note(t);
  }
  note(running);
}

std::uint32_t Guided::Choose(const Choice& choice) {
  Note(choice.running);
  if (choice.threads == nullptr) return ChooseData(choice);
  return chosen_ = ChooseThread(choice);
}

std::uint32_t Guided::ChooseData(const Choice& choice) {
  const std::uint64_t step = scheduler.At(choice.running).steps;
  std::uint32_t answer = 0;
  if (path_ != nullptr) {
    answer = at_ < path_->size() ? (*path_)[at_++] : 0;
  } else {
    // A step may ask more than once.
    auto asked = std::count_if(made_.answers.begin(), made_.answers.end(), [&](const auto& one) {
      return one.thread == choice.running && one.step == step;
    });
    for (const Plan::Answer& one : plan_->answers) {
      if (one.thread == choice.running && one.step == step && asked-- == 0) answer = one.answer;
    }
  }
  if (answer >= choice.options) answer = 0;
  made_.answers.push_back({choice.running, step, answer});
  return answer;
}

bool Guided::IsDone(const Plan::Segment& segment) const {
  return segment.thread < scheduler.ThreadCount() &&
         scheduler.At(segment.thread).steps >= segment.until;
}

std::uint32_t Guided::ChooseThread(const Choice& choice) {
  const bool could_go_on = choice.threads->Contains(choice.running);
  std::uint32_t next = could_go_on ? choice.running : choice.Answer(0);
  if (path_ != nullptr) {
    if (at_ < path_->size() && choice.threads->Contains((*path_)[at_])) next = (*path_)[at_];
    ++at_;
  } else {
    const std::vector<Plan::Segment>& segments = plan_->segments;
    const auto fits = [&](const Plan::Segment& segment) {
      return choice.threads->Contains(segment.thread) && !IsDone(segment);
    };
    if (current_ >= segments.size() || !fits(segments[current_])) {
      while (first_ < segments.size() && IsDone(segments[first_])) ++first_;
      current_ = first_;
      while (current_ < segments.size() && !fits(segments[current_])) ++current_;
    }
    if (current_ < segments.size()) next = segments[current_].thread;
  }
  if (could_go_on && next != choice.running && !made_.segments.empty() &&
      scheduler.At(choice.running).next.kind != StepKind::kYield) {
    made_.segments.back().preempted = true;
  }
  return next;
}

Plan Guided::TakeMade() {
  if (scheduler.ThreadCount() > 0) Note(scheduler.Current().number);
  return std::move(made_);
}

namespace {

constexpr std::uint64_t kToItsEnd = UINT64_MAX;

class Minimiser {
 public:
  Minimiser(Attempt& best, const RunOnce& run, std::int64_t most_runs, std::int64_t most_steps)
      : best_(best), run_(run), runs_left_(most_runs), steps_left_(most_steps) {}

  void Go() {
    if (!Learn()) return;
    while (SimplerSegment() || SimplerAnswer() || SimplerOrder()) {
    }
  }

 private:
  using Segments = std::vector<Plan::Segment>;

  // The plan of the path that is given.
  bool Learn() {
    Guided guided(best_.path);
    Attempt attempt = run_(guided);
    if (!IsSameOutcome(attempt) || attempt.path != best_.path) return false;
    best_ = std::move(attempt);
    return true;
  }

  // One try for each way to bring two segments of a thread together, or to leave one out.
  // Preemptions come first, for one less is worth any number of choices.
  bool SimplerSegment() {
    for (bool preempted : {true, false}) {
      const std::size_t size = best_.plan.segments.size();
      for (std::size_t i = 0; i + 1 < size; ++i) {
        if (best_.plan.segments[i].preempted != preempted) continue;
        if (GoesOn(i) || GoesOnToItsEnd(i) || WithoutIt(i) || WithoutIt(i + 1) || Earlier(i + 1) ||
            NothingAfter(i) || Swapped(i)) {
          return true;
        }
      }
    }
    return false;
  }

  // Instead of being preempted segment `i` goes on with what its thread does next.
  bool GoesOn(std::size_t i) {
    Plan plan = best_.plan;
    Segments& segments = plan.segments;
    const std::size_t next = NextOfSameThread(i);
    if (next == segments.size()) return false;
    segments[i].until = segments[next].until;
    segments.erase(segments.begin() + static_cast<std::ptrdiff_t>(next));
    return Try(plan);
  }

  bool GoesOnToItsEnd(std::size_t i) {
    Plan plan = best_.plan;
    plan.segments[i].until = kToItsEnd;
    return Try(plan);
  }

  // Its steps are made by the next segment of the same thread.
  bool WithoutIt(std::size_t i) {
    Plan plan = best_.plan;
    plan.segments.erase(plan.segments.begin() + static_cast<std::ptrdiff_t>(i));
    return Try(plan);
  }

  // Its steps are made by the segment before of the same thread.
  bool Earlier(std::size_t i) {
    for (std::size_t before = i; before-- > 0;) {
      if (best_.plan.segments[before].thread == best_.plan.segments[i].thread) {
        return GoesOn(before);
      }
    }
    return false;
  }

  // From there on nobody is preempted.
  bool NothingAfter(std::size_t i) {
    Plan plan = best_.plan;
    plan.segments.resize(i + 1);
    return Try(plan);
  }

  bool Swapped(std::size_t i) {
    Plan plan = best_.plan;
    std::swap(plan.segments[i], plan.segments[i + 1]);
    return Try(plan);
  }

  // One segment somewhere else. The most tries, so they come last.
  bool SimplerOrder() {
    const std::size_t size = best_.plan.segments.size();
    for (std::size_t from = 0; from < size; ++from) {
      for (std::size_t to = 0; to < size; ++to) {
        if (from != to && Moved(from, to)) return true;
      }
    }
    return false;
  }

  bool Moved(std::size_t from, std::size_t to) {
    Plan plan = best_.plan;
    const Plan::Segment segment = plan.segments[from];
    plan.segments.erase(plan.segments.begin() + static_cast<std::ptrdiff_t>(from));
    plan.segments.insert(plan.segments.begin() + static_cast<std::ptrdiff_t>(to), segment);
    return Try(plan);
  }

  bool SimplerAnswer() {
    for (std::size_t i = 0; i < best_.plan.answers.size(); ++i) {
      if (best_.plan.answers[i].answer == 0) continue;
      Plan plan = best_.plan;
      plan.answers[i].answer = 0;
      if (Try(plan)) return true;
    }
    return false;
  }

  std::size_t NextOfSameThread(std::size_t i) const {
    const Segments& segments = best_.plan.segments;
    std::size_t next = i + 1;
    while (next < segments.size() && segments[next].thread != segments[i].thread) ++next;
    return next;
  }

  // Keeps what it comes to if that is better.
  bool Try(const Plan& plan) {
    if (runs_left_ <= 0 || steps_left_ <= 0) return false;
    --runs_left_;
    Guided guided(plan);
    Attempt attempt = run_(guided);
    steps_left_ -= attempt.steps;
    if (!IsSameOutcome(attempt) || Cost(attempt) >= Cost(best_)) return false;
    best_ = std::move(attempt);
    return true;
  }

  bool IsSameOutcome(const Attempt& attempt) const {
    return attempt.ending == best_.ending && attempt.outcome == best_.outcome;
  }

  // Where all else is equal the threads go in order of their numbers.
  static std::tuple<int, std::size_t, std::size_t, std::vector<std::uint32_t>> Cost(
      const Attempt& attempt) {
    std::size_t unusual = 0;
    for (const Plan::Answer& one : attempt.plan.answers) unusual += one.answer;
    return {attempt.preemptions, attempt.path.size(), unusual, attempt.path};
  }

  Attempt& best_;
  const RunOnce& run_;
  std::int64_t runs_left_;
  std::int64_t steps_left_;
};

}  // namespace

void Minimise(Attempt& found, const RunOnce& run, std::int64_t most_runs, std::int64_t most_steps) {
  Minimiser(found, run, most_runs, most_steps).Go();
}

}  // namespace interleave::engine
