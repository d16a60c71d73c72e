#include "tools/explorer/findings.h"

#include <algorithm>
#include <vector>

#include "runtime/lab/page.h"
#include "tools/explorer/whole_program.h"

namespace interleave::tool {
namespace {

using lab::Grouped;
using lab::Pad;
using lab::PadLeft;

constexpr std::size_t kMostRows = 20;
constexpr std::size_t kWidestOutcome = 64;

std::string Phases(const ExploreReport& report) {
  std::string text;
  for (const ExplorePhase& phase : report.phases) {
    text += (text.empty() ? "" : ", then ") + phase.name + " (" + Grouped(phase.runs) + ")";
  }
  return text;
}

// What was done, and whether it was everything.
std::string Heading(const Options& options, const ExploreReport& report) {
  const std::string of = " of " + options.name;
  const bool classes = !report.phases.empty() && report.phases.back().name == "distinct";
  std::string text;
  if (report.complete) {
    text = "every schedule" + of + " (" + Grouped(report.runs) + ", all";
    if (classes) text += " that differ in anything that matters";
    text += report.cut_spins ? " but repeated looks of a waiting loop)" : ")";
  } else {
    text = Grouped(report.runs) + " schedules" + of + ", not all of them: stopped by " +
           (report.interrupted ? "Ctrl-C" : report.stopped_by);
  }
  const Strategy strategy = options.explore.strategy;
  if (strategy == Strategy::kRandom || strategy == Strategy::kPct) {
    return Grouped(report.runs) +
           (strategy == Strategy::kPct ? " schedules" : " random schedules") + of +
           (strategy == Strategy::kPct ? " with random priorities" : "") + " (seed " +
           std::to_string(options.explore.seed) + ")" +
           (report.runs < options.explore.max_runs ? ", stopped by " + report.stopped_by : "");
  }
  if (report.phases.size() > 1) text += "\n  tried " + Phases(report);
  return text;
}

std::string Table(const ExploreReport& report) {
  std::int64_t total = 0, left_out_runs = 0;
  std::size_t outcome_width = 0, count_width = 0;
  for (const CensusRow& row : report.census) {
    total += row.runs;
    outcome_width = std::max(outcome_width, std::min(row.outcome.size(), kWidestOutcome));
    count_width = std::max(count_width, Grouped(row.runs).size());
  }
  std::string table;
  std::size_t rows = 0;
  for (const CensusRow& row : report.census) {
    if (++rows > kMostRows) {
      left_out_runs += row.runs;
      continue;
    }
    std::string line = std::string(IsFailure(row.ending, row.outcome) ? "! " : "  ") +
                       Pad(lab::OneLine(row.outcome), outcome_width) + "   " +
                       PadLeft(Grouped(row.runs), count_width) + "  " +
                       lab::Bar(static_cast<double>(row.runs) /
                                static_cast<double>(std::max<std::int64_t>(total, 1)));
    const std::string flag = row.schedule.empty() ? "" : "--schedule=" + row.schedule;
    const std::size_t bar_end = 2 + outcome_width + 3 + count_width + 2 + lab::kBarWidth + 2;
    if (!flag.empty() && flag.size() <= lab::kLongestWord) {
      const std::string padded = Pad(line, bar_end) + flag;
      line = padded.size() <= lab::kPageWidth ? padded : line + "\n      " + flag;
    }
    table += line + "\n";
  }
  if (left_out_runs > 0) {
    table += "  and " + Grouped(static_cast<std::int64_t>(report.census.size() - kMostRows)) +
             " more outcomes of " + Grouped(left_out_runs) + " schedules\n";
  }
  return table;
}

std::string Escaped(const std::string& text) {
  std::string escaped = "\"";
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      escaped += std::string("\\") + c;
    } else if (c == '\n') {
      escaped += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      constexpr const char* kDigits = "0123456789abcdef";
      escaped += std::string("\\u00") + kDigits[byte >> 4] + kDigits[byte & 15];
    } else {
      escaped += c;
    }
  }
  return escaped + "\"";
}

const char* NameOf(Ending ending) {
  switch (ending) {
    case Ending::kReturned:
      return "returned";
    case Ending::kDeadlock:
      return "deadlock";
    case Ending::kLivelock:
      return "livelock";
    case Ending::kException:
      return "exception";
    case Ending::kAbort:
      return "abort";
    case Ending::kExit:
      return "exit";
    case Ending::kCrash:
      return "crash";
    case Ending::kUnsupported:
      return "unsupported";
    case Ending::kBadSchedule:
      break;
  }
  return "bad schedule";
}

const char* Bool(bool value) { return value ? "true" : "false"; }

}  // namespace

const CensusRow* FirstFailure(const ExploreReport& report) {
  const CensusRow* first = nullptr;
  for (const CensusRow& row : report.census) {
    if (!IsFailure(row.ending, row.outcome)) continue;
    if (first == nullptr || row.preemptions < first->preemptions ||
        (row.preemptions == first->preemptions && row.length < first->length)) {
      first = &row;
    }
  }
  return first;
}

std::string ReplayCommand(const Options& options, const std::string& schedule) {
  const MemoryMode memory = options.explore.memory;
  const std::string mode = memory == MemoryMode::kSc ? "" : " --memory=" + MemoryModeName(memory);
  return options.again + mode + " --schedule=" + schedule + options.again_end;
}

std::string PageText(const Options& options, const Findings& findings) {
  const ExploreReport& report = findings.report;
  std::string text = Heading(options, report) + "\n" + Table(report);
  if (!report.nondeterminism.empty()) {
    text += lab::Wrap("  ", "These counts are void: " + report.nondeterminism);
  }
  if (findings.failure != nullptr) {
    text += "\nfailure: " + (findings.explanation.empty() ? findings.failure->outcome + "\n"
                                                          : findings.explanation);
    text += "  again:  " + ReplayCommand(options, findings.failure->schedule) + "\n";
  }
  if (!report.races.empty()) text += "\n";
  for (const Race& race : report.races) text += lab::Wrap("", race.Text());
  const std::string limits = MemoryLimits(options.explore.memory, report.cut_stale);
  if (!limits.empty()) text += "\n" + lab::Wrap("", limits);
  if (findings.failure == nullptr && report.nondeterminism.empty()) {
    text +=
        report.complete ? "\nno failure in any schedule\n" : "\nno failure in these schedules\n";
    if (!report.races.empty() && !options.races_fail) {
      text += "but a data race is undefined behaviour; --races counts it as a failure\n";
    }
  }
  return text;
}

std::string JsonText(const Options& options, const Findings& findings) {
  const ExploreReport& report = findings.report;
  std::string text =
      "{\n  \"program\": " + Escaped(options.name) +
      ",\n  \"schedules\": " + std::to_string(report.runs) +
      ",\n  \"memory\": " + Escaped(MemoryModeName(options.explore.memory)) +
      ",\n  \"complete\": " + Bool(report.complete) +
      ",\n  \"stopped_by\": " + Escaped(report.stopped_by) +
      ",\n  \"nondeterminism\": " + Escaped(report.nondeterminism) +
      ",\n  \"seconds\": " + std::to_string(std::chrono::duration<double>(report.elapsed).count()) +
      ",\n  \"phases\": [";
  const char* comma = "";
  for (const ExplorePhase& phase : report.phases) {
    text += std::string(comma) + "\n    {\"name\": " + Escaped(phase.name) +
            ", \"schedules\": " + std::to_string(phase.runs) + ", \"ended\": " + Bool(phase.ended) +
            "}";
    comma = ",";
  }
  text += "\n  ],\n  \"outcomes\": [";
  comma = "";
  for (const CensusRow& row : report.census) {
    text += std::string(comma) + "\n    {\"outcome\": " + Escaped(row.outcome) +
            ", \"ending\": " + Escaped(NameOf(row.ending)) +
            ", \"failure\": " + Bool(IsFailure(row.ending, row.outcome)) +
            ", \"schedules\": " + std::to_string(row.runs) +
            ", \"preemptions\": " + std::to_string(row.preemptions) +
            ", \"schedule\": " + Escaped(row.schedule) + "}";
    comma = ",";
  }
  text += "\n  ],\n  \"races\": [";
  comma = "";
  for (const Race& race : report.races) {
    text += std::string(comma) + "\n    " + Escaped(race.Text());
    comma = ",";
  }
  text += "\n  ]";
  if (findings.failure != nullptr) {
    text += ",\n  \"failure\": {\"outcome\": " + Escaped(findings.failure->outcome) +
            ", \"explanation\": " + Escaped(findings.explanation) +
            ", \"again\": " + Escaped(ReplayCommand(options, findings.failure->schedule)) + "}";
  }
  return text + "\n}\n";
}

}  // namespace interleave::tool
