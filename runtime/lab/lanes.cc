// runtime/lab/lanes.cc
#include "runtime/lab/lanes.h"

#include <algorithm>
#include <utility>

#include "runtime/engine/phrase.h"
#include "runtime/lab/compute.h"

namespace interleave::lab {
namespace {

// Where a thread stands after a step: what it does until its next one.
Activity ActivityAfter(const Step& step) {
  if (IsInsideCompute(step)) {
    return IsComputing(step) ? Activity::kRuns : Activity::kReady;
  }
  return step.blocked ? Activity::kWaits : Activity::kReady;
}

std::string Words(const Step& step, Activity activity) {
  switch (activity) {
    case Activity::kRuns:
      return "computes";
    case Activity::kReady:
      return "ready";
    case Activity::kWaits:
      return Phrase(step);
  }
  return "";
}

// Puts each task behind its thread and the tasks before it.
void AddTasks(std::vector<Lane>& lanes, const std::vector<TaskLane>& tasks, double began) {
  std::vector<Lane> all;
  for (std::size_t thread = 0; thread < lanes.size(); ++thread) {
    const std::string thread_name = lanes[thread].name;
    all.push_back(std::move(lanes[thread]));
    for (const TaskLane& task : tasks) {
      if (task.thread != thread) continue;
      Lane& lane = all.emplace_back(task.lane);
      lane.is_task = true;
      lane.thread = thread_name;
      lane.began -= began;
      lane.ended -= began;
      for (Span& span : lane.spans) {
        span.from -= began;
        span.to -= began;
      }
    }
  }
  lanes = std::move(all);
}

}  // namespace

void Append(Lane& lane, const Span& span) {
  if (span.to <= span.from) return;
  if (!lane.spans.empty()) {
    Span& last = lane.spans.back();
    if (last.activity == span.activity && last.what == span.what && last.to == span.from) {
      last.to = span.to;
      return;
    }
  }
  lane.spans.push_back(span);
}

Lanes WithoutThreads(Lanes lanes, const std::vector<std::string>& names) {
  std::erase_if(lanes.lanes, [&](const Lane& lane) {
    return std::find(names.begin(), names.end(), lane.thread) != names.end();
  });
  return lanes;
}

Lanes MakeLanes(const RunReport& report, const std::vector<TaskLane>& tasks) {
  Lanes result;
  result.in_steps = report.ended == report.began;
  result.length = result.in_steps ? static_cast<double>(report.trace.size())
                                  : static_cast<double>((report.ended - report.began).count());
  for (const std::string& name : report.threads) {
    result.lanes.emplace_back();
    result.lanes.back().name = result.lanes.back().thread = name;
  }

  // The last step of each thread, which says what it does until the next one.
  struct Last {
    const Step* step = nullptr;
    double position = 0;
  };
  std::vector<Last> last(report.threads.size());
  const auto close_span = [&](std::size_t thread, double until) {
    const auto [step, position] = last[thread];
    if (step == nullptr || step->kind == StepKind::kEnd) return;
    const Activity activity = ActivityAfter(*step);
    Append(result.lanes[thread], {activity, position, until, Words(*step, activity)});
  };

  for (std::size_t i = 0; i < report.trace.size(); ++i) {
    const Step& step = report.trace[i];
    const auto thread = static_cast<std::size_t>(step.thread);
    Lane& lane = result.lanes.at(thread);
    const double at = result.in_steps ? static_cast<double>(i)
                                      : static_cast<double>((step.time - report.began).count());
    if (last[thread].step == nullptr) {
      lane.began = thread == 0 ? 0 : at;  // the main thread is there from the beginning
    } else {
      close_span(thread, at);
    }
    double after = at;
    if (result.in_steps && !step.blocked) {
      after = at + 1;
      Append(lane, {Activity::kRuns, at, after, Phrase(step)});
    }
    last[thread] = {&step, after};
    lane.ended = after;
    lane.has_ended = step.kind == StepKind::kEnd;
  }
  for (std::size_t thread = 0; thread < last.size(); ++thread) {
    Lane& lane = result.lanes[thread];
    if (lane.has_ended) continue;
    // The main thread ends by returning from the body.
    lane.has_ended = thread == 0 && report.ending == Ending::kReturned;
    if (!lane.has_ended || !result.in_steps) {
      close_span(thread, result.length);
      lane.ended = result.length;
    }
  }
  if (!result.in_steps) {
    AddTasks(result.lanes, tasks, static_cast<double>(report.began.count()));
  }
  return result;
}

}  // namespace interleave::lab
