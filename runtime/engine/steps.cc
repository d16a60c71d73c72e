#include "runtime/engine/steps.h"

#include <algorithm>
#include <map>
#include <utility>

#include "runtime/engine/columns.h"
#include "runtime/engine/phrase.h"
#include "runtime/engine/source_text.h"
#include "runtime/engine/step_remarks.h"

namespace interleave {
namespace {

constexpr std::size_t kNumberWidth = 6;     // of "   1  "
constexpr std::size_t kLongestPhrase = 48;  // what is printed may be long
constexpr std::size_t kLeastSource = 30;    // or a line of the program says nothing
constexpr std::size_t kLeastColumn = 9;
constexpr std::size_t kAiryColumn = 18;
constexpr std::size_t kNameWidth = 16;  // where the source needs room, too

bool IsOfOther(const Step& step) { return step.thread != 0; }

// Where there is nobody but the main thread, the beginning.
std::vector<Step>::const_iterator BeginOfOthers(const std::vector<Step>& trace) {
  const auto begin = std::find_if(trace.begin(), trace.end(), IsOfOther);
  return begin == trace.end() ? trace.begin() : begin;
}

// The moment before a wait is a step, and the wait is the next.
bool BeginsToWait(const Step& step, const Step& next) {
  return step.kind == StepKind::kWait && next.kind == StepKind::kWait && !step.blocked &&
         next.blocked && step.thread == next.thread;
}

// How a run begins and how it ends matters most.
std::size_t LeaveOutTheMiddle(std::vector<StepRow>& rows, std::size_t longest) {
  if (rows.size() <= longest) return 0;
  const std::size_t left_out = rows.size() - longest;
  const auto first = rows.begin() + static_cast<std::ptrdiff_t>(longest - longest / 3);
  rows.erase(first, first + static_cast<std::ptrdiff_t>(left_out));
  return left_out;
}

class Table {
 public:
  Table(const RunReport& report, const StepsOptions& options)
      : report_(report), options_(options), rows_(StepRows(report, options)) {
    left_out_ = LeaveOutTheMiddle(rows_, options.longest);
    if (!options.watched.empty()) {
      value_width_ = std::max<std::size_t>(options.watched.size(), 4) + 2;
    }
    FindFile();
    Arrange();
  }

  std::string Text() {
    std::string text = Head();
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (left_out_ > 0 && i > 0 && rows_[i].number != rows_[i - 1].number + 1) {
        text += "      ... " + Grouped(static_cast<std::int64_t>(left_out_)) + " more steps\n";
      }
      text += Line(rows_[i]);
    }
    return text;
  }

 private:
  // The file is named once if all steps are in one.
  void FindFile() {
    for (const StepRow& row : rows_) {
      if (row.step.place.line == 0) continue;
      if (file_.empty()) file_ = row.step.place.file;
      one_file_ = one_file_ && row.step.place.file == file_;
    }
  }

  std::string NameOf(int thread) const {
    return report_.threads.at(static_cast<std::size_t>(thread));
  }

  // The threads that have a row, in order of creation, and where each one's column begins.
  void Arrange() {
    std::map<int, std::size_t> widths;
    std::size_t widest_remark = 0;
    for (const StepRow& row : rows_) {
      std::size_t& width = widths[row.step.thread];
      const std::size_t name = NameOf(row.step.thread).size();
      width = std::max({width, row.phrase.size() + 2,
                        (options_.source ? std::min(name, kNameWidth) : name) + 2});
      widest_remark = std::max(widest_remark, row.remark.size());
      what_width_ = std::max(what_width_, width);
      who_width_ = std::max(who_width_, NameOf(row.step.thread).size() + 2);
    }
    std::size_t total = 0;
    for (const auto& [thread, width] : widths) total += width;
    const std::size_t beside =
        kNumberWidth + value_width_ + (options_.source ? kLeastSource : 1 + widest_remark);
    const std::size_t room = options_.width > beside ? options_.width - beside : 0;
    if (total > room) {
      Squeeze(widths, room);
      return;
    }
    for (auto& [thread, width] : widths) {
      if (!options_.source && widths.size() <= 3) width = std::max(width, kAiryColumn);
      starts_[thread] = {columns_width_, width};
      columns_width_ += width;
    }
  }

  // Each column but the last gets less than it needs: its rows run on to the right.
  void Squeeze(const std::map<int, std::size_t>& widths, std::size_t room) {
    const std::size_t last = std::min(widths.rbegin()->second, room / 2);
    const std::size_t each =
        widths.size() > 1 ? (room - last) / (widths.size() - 1) : std::size_t{0};
    one_column_ = !options_.source || (widths.size() > 1 && each < kLeastColumn);
    if (one_column_) {
      if (options_.source) who_width_ = std::min(who_width_, kNameWidth);
      columns_width_ = who_width_ + what_width_;
      if (options_.source)
        columns_width_ = std::min(columns_width_, std::max(room, who_width_ + 8));
      return;
    }
    for (const auto& [thread, width] : widths) {
      const bool is_last = thread == widths.rbegin()->first;
      starts_[thread] = {columns_width_, is_last ? room - columns_width_ : each};
      columns_width_ += is_last ? room - columns_width_ : each;
    }
  }

  std::string Head() const {
    std::string head = PadLeft("#", 4) + "  ";
    if (one_column_) {
      head += Pad("thread", who_width_) + Pad("step", columns_width_ - who_width_);
    } else {
      for (const auto& [thread, column] : starts_) {
        head += Pad(CutName(NameOf(thread), column.width - 2), column.width);
      }
    }
    head += Pad(options_.watched, value_width_);
    if (options_.source && one_file_) head += file_;
    return WithoutTrailingSpaces(head) + "\n";
  }

  std::string Line(const StepRow& row) {
    std::string line = PadLeft(std::to_string(row.number), 4) + "  ";
    std::size_t begin = line.size();
    if (one_column_) {
      line += Pad(CutName(NameOf(row.step.thread), who_width_ - 2), who_width_);
      begin = line.size();
    } else {
      begin += starts_.at(row.step.thread).begin;
      line = Pad(line, begin);
    }
    const std::size_t end = kNumberWidth + columns_width_;
    line = Pad(line + Cut(row.phrase, std::max(end, begin + 2) - 2 - begin), end);
    line += Pad(row.value, value_width_);
    std::string below;
    if (options_.source) {
      line += Cut(Source(row.step.place),
                  options_.width > line.size() ? options_.width - line.size() : 0);
      if (row.explanation.empty()) below = Below(row.remark, begin);
    } else {
      line += Emphasised(row.remark);
    }
    return WithoutTrailingSpaces(line) + "\n" + below + Below(row.explanation, begin);
  }

  std::string Source(const SourceLine& place) {
    if (place.line == 0) return "";
    const std::string where = one_file_ ? PadLeft(std::to_string(place.line), 3) : place.Text();
    return where + "  " + sources_.Of(place);
  }

  // A line below the step, beginning in its column if there is room.
  std::string Below(const std::string& text, std::size_t begin) const {
    if (text.empty()) return "";
    const std::size_t longest = options_.width - kNumberWidth;
    if (text.size() <= longest) begin = std::min(begin, options_.width - text.size());
    if (text.size() > longest) begin = kNumberWidth;
    std::string lines = Wrap(std::string(begin, ' '), text, options_.width);
    lines.pop_back();
    return Emphasised(lines) + "\n";
  }

  std::string Emphasised(const std::string& text) const {
    return options_.emphasis ? options_.emphasis(text) : text;
  }

  struct Column {
    std::size_t begin, width;
  };

  const RunReport& report_;
  const StepsOptions& options_;
  std::vector<StepRow> rows_;
  std::size_t left_out_ = 0;
  bool one_file_ = true;
  std::string file_;
  bool one_column_ = false;
  std::map<int, Column> starts_;  // by thread
  std::size_t columns_width_ = 0;
  std::size_t who_width_ = 0, what_width_ = 0;  // where one column names the threads
  std::size_t value_width_ = 0;
  SourceText sources_;
};

}  // namespace

std::vector<Step> ConcurrentSteps(const RunReport& report) {
  const auto& trace = report.trace;
  const auto begin = BeginOfOthers(trace);
  const auto end = std::find_if(trace.rbegin(), trace.rend(), IsOfOther).base();
  return end <= begin ? trace : std::vector<Step>(begin, end);
}

bool BelongsInTable(const Step& step, const StepsOptions& options) {
  return step.kind != StepKind::kStart && step.kind != StepKind::kEnd &&
         step.kind != StepKind::kJoin && !(options.leaves_out && options.leaves_out(step));
}

std::vector<StepRow> StepRows(const RunReport& report, const StepsOptions& options) {
  std::vector<StepRow> rows;
  StepRemarks remarks(report);
  std::string value;
  std::vector<Step> steps = ConcurrentSteps(report);
  if (options.to_the_end) steps = {BeginOfOthers(report.trace), report.trace.end()};
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Step& step = steps[i];
    const bool belongs = BelongsInTable(step, options) &&
                         !(i + 1 < steps.size() && BeginsToWait(step, steps[i + 1]));
    remarks.Next(step, belongs ? rows.size() + 1 : 0);
    if (!belongs) continue;
    if (step.object == options.watched && !step.value.empty()) value = step.value;
    rows.push_back({rows.size() + 1, step, Cut(Phrase(step, options.watched), kLongestPhrase),
                    value, remarks.Remark(), options.explain ? remarks.Explanation() : ""});
  }
  return rows;
}

std::string StepsText(const RunReport& report, const StepsOptions& options) {
  return Table(report, options).Text();
}

}  // namespace interleave
