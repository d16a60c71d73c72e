// runtime/lab/loop_watch.cc
#include "runtime/lab/loop_watch.h"

#include <csignal>
#include <cstddef>
#include <ctime>
#include <stdexcept>
#include <string>
#include <vector>

#include "runtime/async/event_loop.h"
#include "runtime/async/ps.h"
#include "runtime/async/task_core.h"
#include "runtime/engine/choice.h"
#include "runtime/engine/columns.h"
#include "runtime/engine/explore.h"
#include "runtime/lab/page.h"
#include "runtime/lab/task_lanes.h"

namespace interleave::lab {
namespace {

using std::chrono::nanoseconds;

constexpr std::size_t kIndent = 2;  // of a program's output on a page

LoopWatch watch;

// "11:07:34", or "11:07:34.250" between two seconds.
std::string TimeText(std::chrono::system_clock::time_point when) {
  const auto since = std::chrono::floor<std::chrono::milliseconds>(when.time_since_epoch());
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(since).count();
  std::tm fields{};
  gmtime_r(&seconds, &fields);
  char text[16];
  std::strftime(text, sizeof text, "%H:%M:%S", &fields);
  const int rest = static_cast<int>(since.count() % 1000);
  return rest == 0 ? text : text + ("." + std::to_string(1000 + rest).substr(1));
}

std::string Names(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
  }
  return text;
}

void Report(const std::string& line) {
  const std::string time = TimeText(std::chrono::system_clock::now());
  Write(watch.output, interleave::Wrap(time + "  ", line, kPageWidth - kIndent));
}

void ReportSlowStep(const SlowStep& step) {
  const auto now = std::chrono::system_clock::now();
  std::string text = "the loop stood still for " + Seconds(step.duration) + ": " + step.name;
  text += step.place.empty() ? " took that long"
                             : " ran without awaiting, up to " +
                                   std::string(step.ended ? "the end of " : "") + step.place;
  std::string others;
  if (!step.were_ready.empty()) {
    others = Names(step.were_ready) + (step.were_ready.size() == 1 ? " was" : " were") +
             " ready all that time";
  }
  for (const SlowStep::Late& late : step.late) {
    const auto due = now - std::chrono::duration_cast<std::chrono::system_clock::duration>(late.by);
    others += (others.empty() ? "" : ", ") + late.name + " was due at " + TimeText(due);
  }
  Report(text + (others.empty() ? "" : "; " + others));
}

void ReportLeftOver(const std::vector<std::string>& names) {
  const bool one = names.size() == 1;
  Report("Run ends before " + Names(names) + (one ? " does: it is" : " do: they are") +
         " cancelled");
}

void PrintTasks(EventLoop& loop) {
  const std::string tasks = Ps(loop);
  std::string text = TimeText(std::chrono::system_clock::now()) +
                     (tasks.empty() ? "  no task is left\n" : "  who waits for whom:\n");
  std::size_t begin = 0;
  while (begin < tasks.size()) {
    const std::size_t end = tasks.find('\n', begin) + 1;
    text += "  " + tasks.substr(begin, end - begin);
    begin = end;
  }
  Write(watch.output, text);
}

void Prepare(EventLoop& loop) {
  loop.SetSlowStepHandler(watch.slow_step, ReportSlowStep);
  if (InSimulation()) return;
  try {
    loop.AddSignalHandler(SIGQUIT, [&loop] { PrintTasks(loop); });
  } catch (const std::logic_error&) {  // another loop prints its tasks already
  }
}

std::size_t ChooseTask(const std::vector<TaskCore*>& ready) {
  return ChooseInSimulation(ready.size(),
                            [&](std::size_t task) { return ready[task]->Name() + " goes on"; });
}

nanoseconds Stopwatch() {
  return InSimulation() ? VirtualTime() : EventLoop::Clock::now().time_since_epoch();
}

}  // namespace

void WatchLoops(const LoopWatch& how) {
  watch = how;
  EventLoop::SetHooks({
      .choose = how.permutes_tasks ? ChooseTask : nullptr,
      .prepare = Prepare,
      .report = Report,
      .left_over = ReportLeftOver,
      .stopwatch = Stopwatch,
      .task = how.notes_tasks ? NoteTask : nullptr,
  });
}

}  // namespace interleave::lab
