// runtime/lab/scenario.cc
#include "runtime/lab/scenario.h"

#include <ctime>
#include <stdexcept>
#include <utility>

namespace interleave {
namespace {

// Seconds since 1970 of "HH:MM:SS" (on 1 January 2000) or "YYYY-MM-DD HH:MM:SS".
std::chrono::nanoseconds ParseStart(const std::string& text) {
  const std::string full = text.size() == 8 ? "2000-01-01 " + text : text;
  std::tm fields{};
  const char* end = strptime(full.c_str(), "%Y-%m-%d %H:%M:%S", &fields);
  if (end == nullptr || *end != '\0') {
    throw std::invalid_argument("'" + text + "' is no time; a time looks like 20:28:15");
  }
  return std::chrono::seconds(timegm(&fields));
}

}  // namespace

Scenario::Scenario(std::string name, Body body) {
  plan_.name = std::move(name);
  plan_.body = std::move(body);
  plan_.start = ParseStart("00:00:00");
}

Scenario& Scenario::Id(std::string id) {
  plan_.ids.push_back(std::move(id));
  return *this;
}

Scenario& Scenario::Says(std::string sentence) {
  plan_.says = std::move(sentence);
  return *this;
}

Scenario& Scenario::Outcome(std::string outcome, std::string sentence) {
  plan_.outcomes.push_back({std::move(outcome), std::move(sentence)});
  return *this;
}

Scenario& Scenario::Outcomes(const std::vector<std::string>& outcomes) {
  for (const std::string& outcome : outcomes) Outcome(outcome);
  return *this;
}

Scenario& Scenario::Schedule(std::string schedule) {
  plan_.schedule = std::move(schedule);
  return *this;
}

Scenario& Scenario::ShowsOutcome(std::string outcome) {
  plan_.shown_outcome = std::move(outcome);
  return *this;
}

Scenario& Scenario::StartsAt(const std::string& time) {
  plan_.start = ParseStart(time);
  return *this;
}

Scenario& Scenario::Takes(std::chrono::nanoseconds duration) {
  plan_.takes = duration;
  return *this;
}

Scenario& Scenario::Cores(int cores) {
  plan_.cores = cores;
  return *this;
}

Scenario& Scenario::ByPriority() {
  plan_.by_priority = true;
  return *this;
}

Scenario& Scenario::Memory(MemoryMode mode) {
  plan_.memory = mode;
  return *this;
}

Scenario& Scenario::StepBudget(std::int64_t steps) {
  plan_.step_budget = steps;
  return *this;
}

Scenario& Scenario::Watches(std::string variable) {
  plan_.watched = std::move(variable);
  return *this;
}

Scenario& Scenario::ShowsSteps() {
  plan_.shows_steps = true;
  return *this;
}

Scenario& Scenario::ShowsCensus(std::string strategy) {
  plan_.shows_census = true;
  plan_.census_strategy = std::move(strategy);
  return *this;
}

Scenario& Scenario::ShowsRaces() {
  plan_.shows_races = true;
  return *this;
}

Scenario& Scenario::LeavesThreadsRunning() {
  plan_.leaves_threads = true;
  return *this;
}

Scenario& Scenario::ShowsSequence() {
  plan_.shows_sequence = true;
  return *this;
}

Scenario& Scenario::Hides(std::string thread) {
  plan_.hidden_threads.push_back(std::move(thread));
  return *this;
}

Scenario& Scenario::ShowsTimeline() {
  plan_.shows_timeline = true;
  return *this;
}

Scenario& Scenario::PermutesTasks() {
  plan_.permutes_tasks = true;
  return *this;
}

Scenario& Scenario::OnRequest() {
  plan_.in_lesson = false;
  return *this;
}

Scenario& Scenario::OnlyByName() {
  plan_.in_lesson = false;
  plan_.in_all = false;
  return *this;
}

}  // namespace interleave
