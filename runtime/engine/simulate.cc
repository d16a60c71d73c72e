// One run, for somebody who looks at it: with its output, its explanation, its trace.
#include "runtime/engine/simulate.h"

#include <unistd.h>

#include <cerrno>
#include <utility>

#include "runtime/engine/descriptors.h"
#include "runtime/engine/explore.h"
#include "runtime/engine/lock_order.h"
#include "runtime/engine/memory_model.h"
#include "runtime/engine/names.h"
#include "runtime/engine/output.h"
#include "runtime/engine/places.h"
#include "runtime/engine/races.h"
#include "runtime/engine/recorder.h"
#include "runtime/engine/report.h"
#include "runtime/engine/run.h"
#include "runtime/engine/schedule.h"

namespace interleave {
namespace {

using namespace engine;

// A closed pipe or a full disk ends the output, not the run.
void WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::unique_ptr<engine::Strategy> MakeStrategy(const SimulateOptions& options,
                                               const Schedule& schedule) {
  if (!options.schedule.empty()) return MakeReplay(schedule.choices);
  if (options.random) return MakeRandom(options.seed, 1);
  return MakeRoundRobin();
}

}  // namespace

namespace engine {

RunReport SimulateBy(const Body& body, const SimulateOptions& options, const Schedule& schedule,
                     const std::function<std::unique_ptr<Strategy>()>& make_strategy,
                     const std::function<void()>& look) {
  const Time start = options.start.count();
  Session session;
  races.on = options.find_races;
  recorder.on = options.trace;
  output.keep = true;
  descriptors.partial_io = options.partial_io;
  scheduler.by_priority = options.by_priority;
  SetMemoryMode(options.memory);
  lock_order.detailed = true;
  if (options.schedule.empty()) {
    places.Clear(nullptr);
  } else {
    places.Clear([&](std::uintptr_t place) { return IsNamed(schedule.places, place); });
  }

  Scheduler::Result result;
  std::string complaint;
  bool again = true;
  bool more = false;
  do {  // until a run finds no new scheduling point
    std::unique_ptr<engine::Strategy> strategy = make_strategy();
    strategy->Begin();
    result = session.Run(body, *strategy, start, options.step_budget);
    strategy->End();
    complaint = strategy->Complaint();
    // Once more, where a race's last question is who called the library.
    more = places.TakeGrown() || (races.WantsCallers() && std::exchange(again, false));
  } while (more && options.repeatable);

  RunReport report;
  report.ending = result.ending;
  report.outcome = result.outcome;
  report.explanation = Explain(result, start);
  report.steps = scheduler.Steps();
  report.preemptions = scheduler.Preemptions();
  report.began = options.start;
  report.ended = std::chrono::nanoseconds(scheduler.Clock().Now());
  for (std::size_t t = 0; t < scheduler.ThreadCount(); ++t) {
    const Thread& thread = scheduler.At(t);
    report.threads.push_back(thread.Name());
    if (result.ending == Ending::kReturned && !thread.ended) {
      report.still_running.push_back(thread.Name());
    }
  }
  if (look) look();
  report.races = races.Distinct();
  report.lock_inversions = lock_order.Found();
  if (options.trace) report.trace = recorder.Take();
  if (const std::string strange = StrangePlace(schedule.places); !strange.empty()) {
    complaint = strange;
  }
  if (!complaint.empty()) {
    report.ending = Ending::kBadSchedule;
    report.outcome = "the schedule does not fit";
    report.explanation = complaint;
    return report;
  }
  // Of named places a run that was stopped has not met all.
  report.schedule = ToText(
      {scheduler.Path(), options.schedule.empty() ? NamePlaces(places.Points()) : schedule.places});
  for (const Output::Piece& piece : output.Pieces()) {
    if (options.output) {
      options.output(piece.fd, piece.text);
    } else {
      WriteAll(piece.fd, piece.text);
    }
  }
  return report;
}

}  // namespace engine

RunReport Simulate(const Body& body, const SimulateOptions& options) {
  const Schedule schedule = ParseSchedule(options.schedule);
  RunReport report =
      SimulateBy(body, options, schedule, [&] { return MakeStrategy(options, schedule); });
  if (report.ending != Ending::kBadSchedule && !options.schedule.empty()) {
    report.schedule = options.schedule;
  }
  return report;
}

}  // namespace interleave
