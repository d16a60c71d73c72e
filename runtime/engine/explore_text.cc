// A way to explore, as a person writes it: "all", "delay:2".
#include <charconv>
#include <stdexcept>

#include "runtime/engine/explore.h"

namespace interleave {
namespace {

template <typename Number>
Number ParseNumber(std::string_view text, Number least, const char* accepted) {
  Number number{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < least) {
    throw std::invalid_argument(accepted);
  }
  return number;
}

}  // namespace

void SetStrategy(std::string_view text, ExploreOptions& options) {
  const std::size_t colon = text.find(':');
  const std::string_view way = text.substr(0, colon);
  const std::string_view number = colon == text.npos ? "" : text.substr(colon + 1);
  const auto bounded = [&](Strategy strategy) {
    options.strategy = strategy;
    options.bound = ParseNumber<int>(number, 0, "behind the colon stands a bound from 0 on");
  };
  const auto sampled = [&](Strategy strategy) {
    options.strategy = strategy;
    options.max_runs = ParseNumber<std::int64_t>(
        number, 1, "behind the colon stands how many schedules to run, from 1 on");
  };
  if (text == "all") {
    options.strategy = Strategy::kAll;
  } else if (text == "distinct") {
    options.strategy = Strategy::kDistinct;
  } else if (way == "preempt") {
    bounded(Strategy::kPreemptions);
  } else if (way == "delay") {
    bounded(Strategy::kDelays);
  } else if (way == "random") {
    sampled(Strategy::kRandom);
  } else if (way == "pct") {
    sampled(Strategy::kPct);
  } else {
    throw std::invalid_argument(
        "accepted are all, distinct, preempt:N, delay:N, random:N and pct:N");
  }
}

}  // namespace interleave
