// runtime/lab/census.cc
#include "runtime/lab/census.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "runtime/lab/page.h"

namespace interleave::lab {
namespace {

// Whether those that were run stand for all the others.
bool OneOfEachClass(const ExploreReport& report) {
  return !report.phases.empty() && report.phases.back().name == "distinct";
}

// How many, of a census that is complete: the last phase alone ran all of them. Within a bound
// each phase ran those that the ones before did not.
std::string CountOf(const ExploreReport& report) {
  const bool last_alone = report.complete && !report.phases.empty();
  const std::int64_t runs = last_alone ? report.phases.back().runs : report.runs;
  return " (" + Grouped(runs) + ", all" +
         (report.cut_spins ? " but repeated looks of a waiting loop)" : ")");
}

std::string Plural(int number, const std::string& noun) { return noun + (number == 1 ? "" : "s"); }

// "schedules", and which, if they were not chosen to be all.
std::string Kind(const ExploreOptions& options) {
  const std::string seed = " (seed " + std::to_string(options.seed) + ")";
  const std::string bound = std::to_string(options.bound);
  switch (options.strategy) {
    case Strategy::kRandom:
      return "random schedules of %" + seed;
    case Strategy::kPct:
      return "schedules of % by random priorities" + seed;
    case Strategy::kPreemptions:
      return "schedules of % with at most " + bound + Plural(options.bound, " preemption");
    case Strategy::kDelays:
      return "schedules of % with at most " + bound + Plural(options.bound, " delay");
    default:
      return "schedules of %";
  }
}

// What was tried, where it was not one thing from beginning to end.
std::string Tried(const ExploreReport& report) {
  std::string text;
  for (const ExplorePhase& phase : report.phases) {
    if (phase.runs + phase.redundant == 0) continue;
    text += (text.empty() ? "" : ", ") + phase.name + " (" + Grouped(phase.runs) +
            (phase.ended ? ", all)" : ")");
  }
  return text;
}

bool RanAllWithinItsBound(const ExploreReport& report) {
  return !report.complete && report.stopped_by.starts_with("the bound");
}

std::string Under(const ExploreOptions& options) {
  if (options.memory == MemoryMode::kSc) return "";
  return " under --memory=" + MemoryModeName(options.memory);
}

std::string Limits(const ExploreReport& report, const ExploreOptions& options) {
  const std::string limits = MemoryLimits(options.memory, report.cut_stale);
  return limits.empty() ? "" : Wrap("  ", limits);
}

std::string Heading(const ExploreReport& report, const ExploreOptions& options,
                    const std::string& scenario) {
  const std::string of = scenario.empty() ? "it" : scenario;
  if (report.complete) {
    return (OneOfEachClass(report) ? "every distinct schedule of " : "every schedule of ") + of +
           Under(options) + CountOf(report);
  }
  std::string kind = Kind(options);
  kind.replace(kind.find('%'), 1, of);
  const std::string text = Grouped(report.runs) + " " + kind + Under(options);
  if (options.strategy == Strategy::kRandom || options.strategy == Strategy::kPct) return text;
  std::string why = report.interrupted ? "Ctrl-C" : report.stopped_by;
  if (why.empty()) why = "a limit";
  return text + (RanAllWithinItsBound(report) ? "" : ", not all of them: stopped by " + why);
}

struct TableRow {
  std::string outcome;
  std::int64_t runs;
  std::string schedule;  // as a flag; may be empty
};

std::string Table(const std::vector<TableRow>& rows) {
  std::int64_t total = 0;
  std::size_t outcome_width = 0, count_width = 0;
  for (const TableRow& row : rows) {
    total += row.runs;
    outcome_width = std::max(outcome_width, row.outcome.size());
    count_width = std::max(count_width, Grouped(row.runs).size());
  }
  outcome_width = std::min<std::size_t>(outcome_width, 48);
  std::string table;
  for (const TableRow& row : rows) {
    const double share =
        static_cast<double>(row.runs) / static_cast<double>(std::max<std::int64_t>(total, 1));
    std::string line = "  " + Pad(row.outcome, outcome_width) + "   " +
                       PadLeft(Grouped(row.runs), count_width) + "  " + Bar(share);
    if (!row.schedule.empty()) {
      const std::string padded = Pad(line, 2 + outcome_width + 3 + count_width + 2 + kBarWidth + 2);
      // A schedule stays in one piece, to be copied: where it does not fit it gets its own line.
      line = padded.size() + row.schedule.size() <= kPageWidth ? padded + row.schedule
                                                               : line + "\n      " + row.schedule;
    }
    table += line + "\n";
  }
  return table;
}

std::string ScheduleFlag(const CensusRow& row, std::size_t longest) {
  if (row.schedule.empty()) return "";
  if (row.schedule.size() > longest) return "a schedule of " + ChoicesOf(row.schedule);
  return "--schedule=" + row.schedule;
}

}  // namespace

std::string ChoicesOf(const std::string& schedule) {
  const std::string choices = schedule.substr(0, schedule.find('@'));
  return Grouped(std::count(choices.begin(), choices.end(), '.') + 1) + " choices";
}

std::string CensusText(const ExploreReport& report, const ExploreOptions& options,
                       const std::string& scenario) {
  if (report.complete && report.census.size() == 1) {
    return "  " + report.census.front().outcome +
           (OneOfEachClass(report) ? "   every distinct schedule" : "   every schedule") +
           (scenario.empty() ? "" : " of " + scenario) + Under(options) + CountOf(report) + "\n" +
           (report.phases.size() > 1 ? Wrap("  tried ", Tried(report)) : "") +
           Limits(report, options);
  }
  if (RanAllWithinItsBound(report) && report.census.size() == 1 && report.nondeterminism.empty()) {
    std::string all = Kind(options);
    all.replace(0, std::string("schedules of %").size(),
                "every schedule" + (scenario.empty() ? "" : " of " + scenario));
    return "  " + report.census.front().outcome + "   " + all + Under(options) + CountOf(report) +
           "\n" + Limits(report, options);
  }
  // In a lesson the outcomes are what is to be read; who explores wants to have the schedules.
  const std::size_t longest = scenario.empty() ? 2 * kPageWidth : kLongestWord;
  std::vector<TableRow> rows;
  for (const CensusRow& row : report.census) {
    rows.push_back({row.outcome, row.runs, ScheduleFlag(row, longest)});
  }
  std::string text = Bold(Heading(report, options, scenario)) + "\n" + Table(rows);
  if (report.phases.size() > 1) text += Wrap("  tried ", Tried(report));
  text += Limits(report, options);
  if (!report.nondeterminism.empty()) {
    text += Wrap("  ", "These counts are void: " + report.nondeterminism);
  }
  return text;
}

std::string CensusTitle(const ExploreReport& report, const ExploreOptions& options) {
  return Heading(report, options, "");
}

std::string TallyText(const std::map<std::string, std::int64_t>& outcomes) {
  std::vector<TableRow> rows;
  for (const auto& [outcome, runs] : outcomes) rows.push_back({outcome, runs, ""});
  std::stable_sort(rows.begin(), rows.end(),
                   [](const TableRow& a, const TableRow& b) { return a.runs > b.runs; });
  return Table(rows);
}

}  // namespace interleave::lab
