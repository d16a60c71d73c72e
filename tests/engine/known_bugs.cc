#include "tests/engine/known_bugs.h"

namespace interleave {
namespace {

constexpr char kWell[] = "exit status 0";

bool IsWell(Ending ending, const std::string& outcome) {
  return (ending == Ending::kReturned && outcome == kWell) ||
         (ending == Ending::kExit && outcome.starts_with(kWell));
}

std::string Failure(Ending ending) {
  switch (ending) {
    case Ending::kReturned:
    case Ending::kExit:
      return "status";
    case Ending::kDeadlock:
      return "deadlock";
    case Ending::kLivelock:
      return "livelock";
    case Ending::kException:
      return "exception";
    case Ending::kAbort:
      return "assertion";
    case Ending::kCrash:
      return "crash";
    default:
      return "refused";
  }
}

// That of a livelock has tens of thousands of choices.
std::string Short(const std::string& schedule) {
  constexpr std::size_t kLongest = 100;
  if (schedule.size() <= kLongest) return schedule + "; ";
  return schedule.substr(0, kLongest) + "...; ";
}

Hunt Measure(int (*main)(), const ExploreOptions& options, ExploreReport& report) {
  const Body body = [main] { return "exit status " + std::to_string(main()); };
  report = Explore(body, options);
  Hunt hunt;
  for (const ExplorePhase& phase : report.phases) {
    hunt.runs += phase.runs + phase.redundant;
    hunt.phase = phase.name;
  }
  hunt.complete = report.complete;
  hunt.millis = std::chrono::duration_cast<std::chrono::milliseconds>(report.elapsed).count();
  return hunt;
}

}  // namespace

Hunt HuntBug(const Program& program, ExploreOptions options) {
  options.fork_runs = program.globals;
  const auto is_bug = [&](Ending ending, const std::string& outcome) {
    return !IsWell(ending, outcome) && Failure(ending) == program.failure;
  };
  options.stop_when = is_bug;
  ExploreReport report;
  Hunt hunt = Measure(program.main, options, report);
  for (const CensusRow& row : report.census) {
    const bool bug = is_bug(row.ending, row.outcome);
    if (bug || (!hunt.found && !IsWell(row.ending, row.outcome))) hunt.what = row.outcome;
    hunt.found |= bug;
  }
  if (program.failure == "race" && !report.races.empty()) {
    hunt.found = true;
    hunt.what = report.races.front().Text();
  }
  return hunt;
}

Hunt HuntAlarm(const Program& program, ExploreOptions options) {
  options.fork_runs = program.globals;
  ExploreReport report;
  Hunt hunt = Measure(program.fixed_main, options, report);
  for (const CensusRow& row : report.census) {
    if (!IsWell(row.ending, row.outcome)) hunt.what += row.outcome + ", " + Short(row.schedule);
  }
  for (const Race& race : report.races) hunt.what += race.Text() + "; ";
  hunt.what += report.nondeterminism;
  hunt.found = !hunt.what.empty();
  return hunt;
}

}  // namespace interleave
