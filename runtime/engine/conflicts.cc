#include "runtime/engine/conflicts.h"

#include <algorithm>
#include <utility>

namespace interleave::engine {
namespace {

// A use in pieces that do not cross a multiple of 8.
template <typename F>
void ForEachPart(const Use& use, F f) {
  std::uintptr_t at = use.object;
  const std::uintptr_t end = use.object + use.size;
  while (at < end) {
    const std::uintptr_t stop = std::min(end, (at / 8 + 1) * 8);
    f(at / 8, Use{at, static_cast<std::uint32_t>(stop - at), use.kind});
    at = stop;
  }
}

}  // namespace

Conflicts::Clock& Conflicts::Of(std::uint32_t thread) {
  if (thread >= clocks_.size()) {
    clocks_.resize(thread + 1);
    steps_of_.resize(thread + 1);
    stands_.resize(thread + 1);
  }
  return clocks_[thread];
}

void Conflicts::Join(Clock& clock, const Clock& other) {
  if (clock.size() < other.size()) clock.resize(other.size());
  for (std::size_t t = 0; t < other.size(); ++t) clock[t] = std::max(clock[t], other[t]);
}

void Conflicts::Find(const std::vector<TraceEvent>& events, std::size_t count,
                     const OnReversal& found) {
  found_ = &found;
  clocks_.clear();
  steps_.clear();
  steps_of_.clear();
  past_.clear();
  stands_.clear();
  Begin(0, TraceEvent::kForced);
  for (std::size_t i = 0; i < count; ++i) {
    const TraceEvent& event = events[i];
    Of(event.thread);
    switch (event.kind) {
      case TraceEvent::Kind::kStands:
        Stand(event.thread, UseOf(event));
        break;
      case TraceEvent::Kind::kStep: {
        // Once more: what was done since it stood there may lead to it by now, and then somebody
        // else has to go first to turn it round with what was before.
        const Use use = std::exchange(stands_[event.thread], {});
        if (use.object != 0) Compare(event.thread, use);
        Begin(event.thread, event.other);
        if (use.object != 0) Make(event.thread, use);
        break;
      }
      case TraceEvent::Kind::kTouch:
        Compare(steps_.back().thread, UseOf(event), true);
        Make(event.thread, UseOf(event));
        break;
      case TraceEvent::Kind::kWakes:
        Join(clocks_[event.thread], Of(steps_.back().thread));
        break;
      case TraceEvent::Kind::kKnows:
        Of(event.other);
        Join(clocks_[event.thread], clocks_[event.other]);
        break;
      case TraceEvent::Kind::kJump:
        Jump();
        break;
      case TraceEvent::Kind::kEnds:
        break;
    }
  }
}

void Conflicts::Begin(std::uint32_t thread, std::uint32_t choice) {
  Clock& clock = Of(thread);
  if (clock.size() <= thread) clock.resize(thread + 1);
  const std::uint32_t number = ++clock[thread];
  steps_of_[thread].push_back(steps_.size());
  steps_.push_back({thread, number, choice, clock});
}

// All that was comes before all that will be.
void Conflicts::Jump() {
  Clock all;
  for (const Clock& clock : clocks_) Join(all, clock);
  for (Clock& clock : clocks_) clock = all;
}

// `thread` is about to do this. What it conflicts with is found now, and as others make steps until
// it comes to its turn, if it ever does: a deadlock is two locks that are waited for.
void Conflicts::Stand(std::uint32_t thread, const Use& use) {
  stands_[thread] = use;
  if (use.object != 0) Compare(thread, use);
}

// With what has been. `in_step`: it is part of the step that is being made.
void Conflicts::Compare(std::uint32_t thread, const Use& use, bool in_step) {
  Clock known = Of(thread);
  ForEachPart(use, [&](std::uintptr_t granule, const Use& part) {
    const std::vector<Past>& past = past_[granule];
    // From the latest back: what a reported one knows needs no report.
    for (auto earlier = past.rbegin(); earlier != past.rend(); ++earlier) {
      const Step& step = steps_[earlier->step];
      if (step.thread == thread || !earlier->use.Overlaps(part)) continue;
      if (Commute(earlier->use.kind, part.kind) || Knows(known, step)) continue;
      Report(earlier->step, thread, known, in_step);
      Join(known, step.before);
    }
  });
}

// The step that is being made uses this. `thread` may be one that goes on by itself after it (it
// has just begun, or was woken): what it does belongs to the step, and to its own knowledge.
void Conflicts::Make(std::uint32_t thread, const Use& use) {
  const std::size_t index = steps_.size() - 1;
  Step& step = steps_[index];
  Clock& clock = clocks_[step.thread];
  ForEachPart(use, [&](std::uintptr_t granule, const Use& part) {
    std::vector<Past>& past = past_[granule];
    for (const Past& earlier : past) {
      if (!earlier.use.Overlaps(part)) continue;
      if (Independent(earlier.use.kind, part.kind)) continue;
      Join(clock, steps_[earlier.step].before);
    }
    // Whoever comes later and conflicts with what is covered now conflicts with this one first. But
    // a lock must see the lock behind an unlock, and behind an attempt: of those only the thread's
    // own earlier ones are covered.
    if (!OnlyReads(part.kind) && part.kind != StepKind::kUnlock) {
      const bool attempt = part.kind == StepKind::kTryLock;
      std::erase_if(past, [&](const Past& earlier) {
        return earlier.use.object >= part.object &&
               earlier.use.object + earlier.use.size <= part.object + part.size &&
               (!attempt || (earlier.use.kind == StepKind::kTryLock &&
                             steps_[earlier.step].thread == step.thread));
      });
    }
    past.push_back({index, part});
  });
  Join(step.before, clock);
  if (thread != step.thread) Join(clocks_[thread], clock);
  for (std::uint32_t t = 0; t < stands_.size(); ++t) {
    if (t == step.thread || stands_[t].object == 0 || !use.Overlaps(stands_[t])) continue;
    if (Commute(use.kind, stands_[t].kind) || Knows(clocks_[t], step)) continue;
    Report(index, t, clocks_[t]);
  }
}

// What has to come before the earlier step are the steps behind it that lead to what `thread` does
// now. One of them that waits for none of the others comes first (the initials of Abdulla et al.
// 2014). `thread` itself is often none of them: it may have to be told something before.
void Conflicts::Report(std::size_t earlier, std::uint32_t thread, const Clock& known,
                       bool in_step) {
  if (steps_[earlier].choice == TraceEvent::kForced) return;
  firsts_.clear();
  for (std::uint32_t t = 0; t < steps_of_.size(); ++t) {
    if (t == steps_[earlier].thread) continue;
    const std::vector<std::size_t>& of = steps_of_[t];
    auto after = std::upper_bound(of.begin(), of.end(), earlier);
    if (after == of.end() || !Knows(known, steps_[*after])) continue;
    if (in_step && *after + 1 == steps_.size()) continue;  // the later step itself
    firsts_.push_back(*after);
  }
  Reversal reversal{steps_[earlier].choice, {}};
  for (std::size_t first : firsts_) {
    const auto waits_for = [&](std::size_t other) {
      return other != first && Knows(steps_[first].before, steps_[other]);
    };
    if (std::none_of(firsts_.begin(), firsts_.end(), waits_for)) {
      reversal.threads.push_back(steps_[first].thread);
    }
  }
  if (firsts_.empty()) reversal.threads.push_back(thread);
  (*found_)(reversal);
}

}  // namespace interleave::engine
