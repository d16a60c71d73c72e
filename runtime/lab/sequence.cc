// runtime/lab/sequence.cc
#include "runtime/lab/sequence.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <map>

#include "runtime/lab/page.h"
#include "runtime/lab/timeline.h"

namespace interleave::lab {
namespace {

constexpr std::size_t kTimeWidth = 11;   // "  1.000 s  "
constexpr std::size_t kLabelWidth = 24;  // beside the columns
constexpr std::size_t kLeastWidth = 5;   // of a column: room for an arrow

double TimeIn(const Lane& lane, Activity activity, double from, double to) {
  double time = 0;
  for (const Span& span : lane.spans) {
    if (span.activity != activity) continue;
    time += std::max(0.0, std::min(to, span.to) - std::max(from, span.from));
  }
  return time;
}

Activity MostOf(const Lane& lane, double from, double to) {
  Activity most = Activity::kWaits;
  for (const Activity activity : {Activity::kRuns, Activity::kReady}) {
    if (TimeIn(lane, activity, from, to) > TimeIn(lane, most, from, to)) most = activity;
  }
  return most;
}

// "MainThread 100 %", "each 100 %", "Thread-1 50 %, Thread-2 100 %"
std::string WaitsText(const Sequence& sequence) {
  std::string text;
  bool all_the_same = true;
  int threads = 0;
  for (const Sequence::Column& column : sequence.columns) {
    if (!column.is_thread) continue;
    const std::string percent = std::to_string(column.waits_percent) + " %";
    all_the_same = all_the_same && column.waits_percent == sequence.columns[0].waits_percent;
    text += (++threads == 1 ? "" : ", ") + column.name + " " + percent;
  }
  const bool each = all_the_same && threads > 1;
  return each ? "each " + std::to_string(sequence.columns[0].waits_percent) + " %" : text;
}

std::string Length(double nanoseconds) {
  return Seconds(std::chrono::nanoseconds(std::llround(nanoseconds)));
}

}  // namespace

std::string TimeText(double nanoseconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f s", nanoseconds / 1e9);
  return text;
}

bool Sequence::Lives(std::size_t column, const Row& row) const {
  return columns[column].began <= row.from && row.to <= columns[column].ended;
}

Sequence MakeSequence(const RunReport& report, const Lanes& lanes,
                      const std::vector<Message>& messages) {
  Sequence sequence;
  if (messages.empty()) return sequence;

  // Columns, and where to find them.
  std::map<std::size_t, std::size_t> of_thread;
  std::map<std::string, std::size_t> of_other;
  for (const Message& message : messages) of_thread[message.thread];
  std::vector<std::size_t> lane_of;  // by thread: tasks have lanes in between
  for (std::size_t i = 0; i < lanes.lanes.size(); ++i) {
    if (!lanes.lanes[i].is_task) lane_of.push_back(i);
  }
  for (auto& [thread, column] : of_thread) {
    const Lane& lane = lanes.lanes.at(lane_of.at(thread));
    column = sequence.columns.size();
    const double waits = TimeIn(lane, Activity::kWaits, lane.began, lane.ended);
    const double life = std::max(1.0, lane.ended - lane.began);
    Sequence::Column shown;
    shown.name = lane.name;
    shown.lane = lane_of[thread];
    shown.is_thread = true;
    shown.began = lanes.in_steps ? 0 : lane.began;
    shown.ended = lanes.in_steps ? lanes.length : lane.ended;
    shown.waits_percent = static_cast<int>(std::lround(100 * waits / life));
    sequence.columns.push_back(shown);
  }
  for (const Message& message : messages) {
    if (of_other.try_emplace(message.other, sequence.columns.size()).second) {
      Sequence::Column asked;
      asked.name = message.other;
      asked.ended = lanes.length;
      sequence.columns.push_back(asked);
    }
  }

  double reached = 0;
  const auto gap_until = [&](double until) {
    if (until <= reached) return;
    Sequence::Row gap;
    gap.from = reached;
    gap.to = until;
    gap.what = Length(until - reached) + " pass";
    for (const Sequence::Column& column : sequence.columns) {
      gap.activities.push_back(column.is_thread ? MostOf(lanes.lanes[column.lane], reached, until)
                                                : Activity::kReady);
    }
    sequence.rows.push_back(gap);
    reached = until;
  };
  for (const Message& message : messages) {
    const auto at = static_cast<double>((message.time - report.began).count());
    gap_until(at);
    Sequence::Row row;
    row.from = row.to = at;
    row.asker = of_thread[message.thread];
    row.other = of_other[message.other];
    row.is_message = true;
    row.is_answer = message.is_answer;
    row.what = message.what;
    sequence.rows.push_back(row);
  }
  if (!lanes.in_steps) gap_until(lanes.length);
  return sequence;
}

std::string SequenceText(const Sequence& sequence) {
  if (sequence.columns.empty()) return "  Nobody sends a message.\n";
  std::size_t width = kLeastWidth;
  for (const Sequence::Column& column : sequence.columns) {
    width = std::max(width, column.name.size() + 2);
  }
  // Names that are too long for the page give way to numbers.
  const std::size_t most = (kPageWidth - 2 - kTimeWidth - kLabelWidth) / sequence.columns.size();
  const bool numbered = width > most;
  if (numbered) width = std::max(kLeastWidth, most);
  const auto place = [&](std::size_t column) { return 2 + kTimeWidth + column * width; };

  std::string head, legend;
  for (std::size_t i = 0; i < sequence.columns.size(); ++i) {
    const Sequence::Column& column = sequence.columns[i];
    const std::string number = std::to_string(i + 1);
    const bool as_number = numbered && column.is_thread;
    head = Pad(head, place(i)) + (as_number ? number : column.name);
    if (as_number) legend += (legend.empty() ? "" : ", ") + number + "=" + column.name;
  }
  std::string page = head + "\n";
  for (const Sequence::Row& row : sequence.rows) {
    std::string line = row.is_message ? PadLeft(TimeText(row.from), kTimeWidth) : "";
    for (std::size_t i = 0; i < sequence.columns.size(); ++i) {
      line = Pad(line, place(i));
      const bool is_thread = sequence.columns[i].is_thread;
      line += !sequence.Lives(i, row)        ? ' '
              : row.is_message || !is_thread ? '|'
                                             : Letter(row.activities[i]);
    }
    if (row.is_message) {
      const std::size_t left = place(row.asker), right = place(row.other);
      std::fill(line.begin() + static_cast<std::ptrdiff_t>(left) + 1,
                line.begin() + static_cast<std::ptrdiff_t>(right), '-');
      if (row.is_answer) {
        line[left + 1] = '<';
      } else {
        line[right - 1] = '>';
      }
    }
    page += line + (row.is_message ? "  " : "    ") + row.what + "\n";
  }
  if (!legend.empty()) page += Wrap("  ", legend);
  return page + Wrap("  ", "waits, of its time: " + WaitsText(sequence));
}

}  // namespace interleave::lab
