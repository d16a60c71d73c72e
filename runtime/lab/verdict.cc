// runtime/lab/verdict.cc
#include "runtime/lab/verdict.h"

#include <algorithm>
#include <chrono>

#include "runtime/lab/page.h"

namespace interleave::lab {
namespace {

constexpr std::chrono::seconds kNeedsNoDeclaration{1};

const ExpectedOutcome* Find(const ScenarioPlan& plan, const std::string& outcome) {
  for (const ExpectedOutcome& expected : plan.outcomes) {
    if (expected.outcome == outcome) return &expected;
  }
  return nullptr;
}

std::string ComplaintOfEnding(const ScenarioPlan& plan, Ending ending, const std::string& outcome) {
  if (!plan.outcomes.empty()) return ComplaintOfOutcome(plan, outcome);
  return ending == Ending::kReturned ? "" : "it ended in '" + outcome + "'";
}

std::string ComplaintOfRaces(const ScenarioPlan& plan, const std::vector<Race>& races) {
  if (plan.shows_races || races.empty()) return "";
  return races.front().Text() + ", and that is not the lesson";
}

bool IsReadAgainstWrite(const Race& race) { return race.first_writes != race.second_writes; }

}  // namespace

std::string ComplaintOfOutcome(const ScenarioPlan& plan, const std::string& outcome) {
  if (Find(plan, outcome) != nullptr) return "";
  if (plan.outcomes.empty()) {
    return outcome.starts_with("uncaught ") ? "it ended in '" + outcome + "'" : "";
  }
  std::string expected;
  for (const ExpectedOutcome& one : plan.outcomes) {
    expected += (expected.empty() ? "'" : "' or '") + one.outcome;
  }
  return "it ended in '" + outcome + "', the lesson expects " + expected + "'";
}

std::string Complaint(const ScenarioPlan& plan, const RunReport& report) {
  std::string complaint = ComplaintOfEnding(plan, report.ending, report.outcome);
  if (complaint.empty()) complaint = ComplaintOfRaces(plan, report.races);
  if (complaint.empty() && !plan.leaves_threads && !report.still_running.empty()) {
    complaint = report.still_running.front() + " was still running when it returned";
  }
  const auto duration = report.ended - report.began;
  if (complaint.empty() && report.ending != Ending::kLivelock &&
      duration > std::max<std::chrono::nanoseconds>(plan.takes, kNeedsNoDeclaration)) {
    complaint =
        "it took " + Seconds(duration) + ", the scenario says Takes(" + Seconds(plan.takes) + ")";
  }
  return complaint;
}

std::string Complaint(const ScenarioPlan& plan, const ExploreReport& report) {
  if (!report.nondeterminism.empty()) return report.nondeterminism;
  for (const CensusRow& row : report.census) {
    const std::string complaint = ComplaintOfEnding(plan, row.ending, row.outcome);
    if (!complaint.empty()) return complaint + " by --schedule=" + row.schedule;
  }
  return ComplaintOfRaces(plan, report.races);
}

std::string SentenceOf(const ScenarioPlan& plan, const std::string& outcome) {
  const ExpectedOutcome* expected = Find(plan, outcome);
  return expected == nullptr ? "" : expected->sentence;
}

bool EndsTheProcess(const ScenarioPlan& plan) {
  static constexpr const char* kEnds[] = {"deadlock", "livelock", "uncaught", "abort", "crash"};
  return std::any_of(plan.outcomes.begin(), plan.outcomes.end(), [](const ExpectedOutcome& one) {
    return std::any_of(std::begin(kEnds), std::end(kEnds),
                       [&](const char* end) { return one.outcome.starts_with(end); });
  });
}

std::vector<Race> OnePerObject(const std::vector<Race>& races) {
  std::vector<Race> chosen;
  for (const Race& race : races) {
    const auto same = std::find_if(chosen.begin(), chosen.end(),
                                   [&](const Race& one) { return one.object == race.object; });
    if (same == chosen.end()) {
      chosen.push_back(race);
    } else if (IsReadAgainstWrite(race) && !IsReadAgainstWrite(*same)) {
      *same = race;
    }
  }
  return chosen;
}

}  // namespace interleave::lab
