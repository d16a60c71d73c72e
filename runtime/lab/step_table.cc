// runtime/lab/step_table.cc
#include "runtime/lab/step_table.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <vector>

#include "runtime/lab/compute.h"
#include "runtime/lab/page.h"
#include "runtime/lab/phrase.h"

namespace interleave::lab {
namespace {

constexpr std::size_t kLongestTable = 60;  // rows; the rest is counted
constexpr std::size_t kLongestPhrase = 48;

struct Row {
  int thread;
  std::string phrase;
  std::string value;  // of the watched variable, after the step
  std::string remark;
};

bool BelongsInTable(const Step& step) {
  return step.kind != StepKind::kStart && step.kind != StepKind::kEnd &&
         step.kind != StepKind::kJoin && !IsInsideCompute(step);
}

// The part of the trace in which there is more than the main thread.
std::vector<Step> ConcurrentSteps(const RunReport& report) {
  const auto is_other = [](const Step& step) { return step.thread != 0; };
  const auto& trace = report.trace;
  const auto begin = std::find_if(trace.begin(), trace.end(), is_other);
  if (begin == trace.end()) return trace;
  const auto end = std::find_if(trace.rbegin(), trace.rend(), is_other).base();
  return {begin, end};
}

// Follows who wrote and who holds what, and finds the words that make a step remarkable.
class Commentator {
 public:
  explicit Commentator(const std::vector<std::string>& names) : names_(names) {}

  std::string Remark(const Step& step) {
    if (IsAccess(step.kind)) return RemarkOnAccess(step);
    if (step.kind == StepKind::kLock && step.blocked) {
      const auto holder = holder_.find(step.object);
      return holder == holder_.end() ? "" : "held by " + names_.at(holder->second);
    }
    if (step.kind == StepKind::kTryLock && holder_.contains(step.object)) {
      return "in vain: held by " + names_.at(holder_[step.object]);
    }
    if (step.kind == StepKind::kLock || step.kind == StepKind::kTryLock) {
      holder_[step.object] = step.thread;
    }
    if (step.kind == StepKind::kUnlock) holder_.erase(step.object);
    return "";
  }

 private:
  // What a thread knows of a variable: whether it has looked, and who wrote since.
  struct Knowledge {
    bool has_read = false;
    int overwritten_by = -1;
  };

  std::string RemarkOnAccess(const Step& step) {
    auto& known = knowledge_[step.object];
    Knowledge& own = known[step.thread];
    if (!IsWriting(step.kind)) {
      own = {.has_read = true};
      return "";
    }
    std::string remark;
    if (step.kind == StepKind::kWrite && own.has_read && own.overwritten_by >= 0) {
      remark = "overwrites what " + names_.at(own.overwritten_by) + " wrote";
    }
    own = {};
    for (auto& [thread, knowledge] : known) {
      if (thread != step.thread) knowledge.overwritten_by = step.thread;
    }
    return remark;
  }

  const std::vector<std::string>& names_;
  std::map<std::string, std::map<int, Knowledge>> knowledge_;  // by variable, then thread
  std::map<std::string, int> holder_;                          // by lock
};

std::vector<Row> Rows(const RunReport& report, std::string_view watched) {
  std::vector<Row> rows;
  Commentator commentator(report.threads);
  std::string value;
  for (const Step& step : ConcurrentSteps(report)) {
    const std::string remark = commentator.Remark(step);
    if (!BelongsInTable(step)) continue;
    if (step.object == watched && !step.value.empty()) value = step.value;
    std::string phrase = Phrase(step, watched);
    if (phrase.size() > kLongestPhrase) phrase = phrase.substr(0, kLongestPhrase - 3) + "...";
    rows.push_back({step.thread, phrase, value, remark});
  }
  return rows;
}

}  // namespace

std::string StepTable(const RunReport& report, std::string_view watched) {
  std::vector<Row> rows = Rows(report, watched);
  const std::size_t left_out = rows.size() > kLongestTable ? rows.size() - kLongestTable : 0;
  rows.resize(rows.size() - left_out);

  // The threads that have a row, in order of creation, and how wide each one's column is.
  std::map<int, std::size_t> widths;
  std::size_t widest_remark = 0;
  for (const Row& row : rows) {
    std::size_t& width = widths[row.thread];
    width = std::max({width, row.phrase.size() + 2, report.threads.at(row.thread).size() + 2});
    widest_remark = std::max(widest_remark, row.remark.size());
  }
  const std::size_t value_width =
      watched.empty() ? 0 : std::max<std::size_t>(watched.size(), 4) + 2;
  std::size_t total = 7 + value_width + widest_remark;
  for (const auto& [thread, width] : widths) total += width;
  const bool one_column = total > kPageWidth;
  if (!one_column && widths.size() <= 3) {  // airy, where there is room
    for (auto& [thread, width] : widths) width = std::max<std::size_t>(width, 18);
  }

  std::size_t who_width = 0, what_width = 0;
  for (const auto& [thread, width] : widths) {
    who_width = std::max(who_width, report.threads.at(thread).size() + 2);
    what_width = std::max(what_width, width);
  }

  std::string head = PadLeft("#", 4) + "  ";
  if (one_column) {
    head += Pad("thread", who_width) + Pad("step", what_width);
  } else {
    for (const auto& [thread, width] : widths) head += Pad(report.threads.at(thread), width);
  }
  std::string table = WithoutTrailingSpaces(head + std::string(watched)) + "\n";

  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    std::string line = PadLeft(std::to_string(i + 1), 4) + "  ";
    if (one_column) {
      line += Pad(report.threads.at(row.thread), who_width) + Pad(row.phrase, what_width);
    } else {
      for (const auto& [thread, width] : widths) {
        line += Pad(thread == row.thread ? row.phrase : "", width);
      }
    }
    if (!watched.empty()) line += Pad(row.value, value_width);
    table += WithoutTrailingSpaces(line + Alarm(row.remark)) + "\n";
  }
  if (left_out > 0) table += "      ... and " + Grouped(left_out) + " more steps\n";
  return table;
}

std::string FirstPlace(const RunReport& report, std::string_view watched) {
  const std::vector<Step> steps = ConcurrentSteps(report);
  const auto found = std::find_if(steps.begin(), steps.end(), [&](const Step& step) {
    return watched.empty() ? BelongsInTable(step) : step.object == watched;
  });
  return found == steps.end() || found->place.line == 0 ? "" : found->place.Text();
}

}  // namespace interleave::lab
