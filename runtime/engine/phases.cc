#include "runtime/engine/phases.h"

namespace interleave::engine {
namespace {

// Of Strategy::kAuto: small programs are done in this time, and their counts are those that a
// reader finds by hand.
constexpr auto kAllTakes = std::chrono::seconds(1);

constexpr int kMostDelays = 5;

std::string Named(const char* name, std::int64_t number) {
  return name + (":" + std::to_string(number));
}

}  // namespace

Phase Phases::Next() {
  using interleave::Strategy;
  const int n = phase_++;
  const std::int64_t runs = options_.max_runs;
  switch (options_.strategy) {
    case Strategy::kAuto:
      return NextOfAuto();
    case Strategy::kPreemptions:
      if (n > options_.bound) return {};
      return {Named("preempt", n), MakePreemptions(n)};
    case Strategy::kDelays:
      if (n > options_.bound) return {};
      return {Named("delay", n), MakeDelays(n)};
    default:
      break;
  }
  if (n > 0) return {};
  switch (options_.strategy) {
    case Strategy::kDistinct:
      return {"distinct", MakeDistinct()};
    case Strategy::kPct:
      return {Named("pct", runs), MakePct(options_.seed, options_.depth, runs)};
    case Strategy::kRandom:
      return {Named("random", runs), MakeRandom(options_.seed, runs)};
    case Strategy::kRoundRobin:
      return {"round robin", MakeRoundRobin()};
    default:
      return {"all", MakeAll()};
  }
}

// All schedules, if they are few. Otherwise one of each class, if that comes to an end in half of
// what there is. Otherwise few delays, for what is left must be made the most of, and chance for
// the rest.
Phase Phases::NextOfAuto() {
  const int n = phase_ - 1;
  if (n == 0) return {"all", MakeAll(), 0.2, kAllTakes, 0};
  if (n == 1) return {"distinct", MakeDistinct(), 0.5, std::chrono::nanoseconds::max(), 1};
  if (n - 2 <= kMostDelays) {
    return {Named("delay", n - 2), MakeDelays(n - 2), 0.75, std::chrono::nanoseconds::max(), 2};
  }
  if (n - 3 == kMostDelays) {
    return {"pct", MakePct(options_.seed, options_.depth, -1), 1, std::chrono::nanoseconds::max(),
            3};
  }
  return {};
}

}  // namespace interleave::engine
