#include "runtime/engine/phases.h"

#include <stdexcept>

namespace interleave::engine {
namespace {

// Of Strategy::kAuto: small programs are done in this time, and their counts are those that a
// reader finds by hand.
constexpr auto kAllTakes = std::chrono::seconds(1);

constexpr int kMostDelays = 5;
constexpr auto kNoLimit = std::chrono::nanoseconds::max();

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
      if (options_.by_priority) {
        throw std::invalid_argument("distinct schedules cannot be told where priorities decide");
      }
      if (!options_.beginning.empty()) {
        throw std::invalid_argument("distinct schedules cannot be told behind a beginning");
      }
      if (options_.memory != MemoryMode::kSc) {
        throw std::invalid_argument("distinct schedules are those of sequential consistency");
      }
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
// the rest, in both its forms: where a bug wants one of a hundred threads to keep pace with others,
// even choices find it and priorities never do; where it wants one to stay behind, it is the other
// way round.
Phase Phases::NextOfAuto() {
  const int n = phase_ - 1;
  if (n == 0) return {"all", MakeAll(), 0.2, kAllTakes, 0};
  const bool distinct =
      !options_.by_priority && options_.beginning.empty() && options_.memory == MemoryMode::kSc;
  if (n == 1 && !distinct) return Next();
  if (n == 1) return {"distinct", MakeDistinct(), 0.5, kNoLimit, 1};
  const int delays = n - 2;
  if (delays <= kMostDelays) {
    return {Named("delay", delays), MakeDelays(delays), 0.7, kNoLimit, 2};
  }
  switch (delays - kMostDelays) {
    case 1:
      return {"random", MakeRandom(options_.seed, -1), 0.85, kNoLimit, 3};
    case 2:
      return {"pct", MakePct(options_.seed, options_.depth, -1), 1, kNoLimit, 4};
    default:
      return {};
  }
}

}  // namespace interleave::engine
