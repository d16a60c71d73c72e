// runtime/lab/lab_show.cc
//
// The ways in which a lab shows a scenario: a simulated run, a census, a run for real, a tally.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <thread>

#include "runtime/lab/census.h"
#include "runtime/lab/html_page.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/lesson.h"
#include "runtime/lab/output_file.h"
#include "runtime/lab/page.h"
#include "runtime/lab/play.h"
#include "runtime/lab/real_run.h"
#include "runtime/lab/sequence.h"
#include "runtime/lab/standard_output.h"
#include "runtime/lab/step_table.h"
#include "runtime/lab/timeline.h"
#include "runtime/lab/trace_json.h"
#include "runtime/lab/verdict.h"

namespace interleave {
namespace {

// Prints what a simulated run printed, at `speed` times the pace of its clock.
void Play(const RunReport& report, double speed) {
  const auto began = std::chrono::steady_clock::now();
  for (const Step& step : report.trace) {
    if (step.kind != StepKind::kOutput) continue;
    const auto since = (step.time - report.began) / speed;
    std::this_thread::sleep_until(began +
                                  std::chrono::duration_cast<std::chrono::nanoseconds>(since));
    lab::Write(lab::kStdout, step.object);
  }
}

std::string RunsText(std::int64_t runs, const std::string& of, const std::string& how) {
  return lab::Bold(lab::Grouped(runs) + (runs == 1 ? " run of " : " runs of ") + of + how) + "\n";
}

// What a reader must know of a run for real, where priorities decide.
std::string PrioritiesText(const ScenarioPlan& plan) {
  const std::string why_not = plan.by_priority ? lab::WhyNoPriorities() : "";
  return why_not.empty() ? "" : lab::Wrap("  ", why_not);
}

}  // namespace

int Lab::ShowSimulated(const ScenarioPlan& plan) {
  const bool users_run = flags_.schedule || flags_.seed;
  std::string schedule;
  if (flags_.schedule) {
    schedule = *flags_.schedule;
  } else if (!flags_.seed) {
    schedule = lab::PlannedSchedule(plan);
  }
  const bool by_id = ChosenById();
  lab::SimulatedRun run =
      lab::RunSimulated(plan, schedule, flags_.seed, by_id ? lab::kStderr : lab::kStdout);
  if (run.report.ending == Ending::kBadSchedule) return BadSchedule(plan, schedule, run.report);
  WriteFiles(plan, run);

  // A program asked for by its article's id has stdout to itself; remarks go to stderr, unless they
  // are all that there is to see.
  if (by_id && run.out.empty()) run.out.swap(run.err);
  lab::Write(lab::kStderr, run.err);
  const bool alone = by_id && !run.out.empty();
  const int fd = alone ? lab::kStderr : lab::kStdout;
  lab::RunTextOptions options;
  options.lab = name_;
  options.own_flags = flags_.own;
  options.again = flags_.seed.has_value();
  if (flags_.seed) options.found_by = "--seed=" + std::to_string(*flags_.seed);
  options.explain = flags_.explain;
  options.steps =
      options.explain || (!alone && (plan.shows_steps || (users_run && run.out.empty())));
  options.output = !alone && !flags_.speed;
  options.sequence = plan.shows_sequence || (flags_.sequence && flags_.sequence_file.empty());
  options.timeline = plan.shows_timeline || (flags_.timeline && flags_.timeline_file.empty());

  if (!alone) {
    const std::string place = options.steps ? lab::FirstPlace(run.report, plan.watched) : "";
    lab::Write(fd, lab::ScenarioHeading(plan, place));
  }
  if (flags_.speed) {
    Play(run.report, *flags_.speed);
  } else if (alone) {
    lab::Write(lab::kStdout, run.out);
  }
  const std::string text = lab::RunText(plan, run, options);
  lab::Write(fd, text);

  int status = Status(plan, lab::Complaint(plan, run.report));
  std::vector<Race> races = run.report.races;
  if (plan.shows_census && !users_run && !alone) {
    if (!text.empty()) lab::WriteLine(fd, "");
    status = std::max(status, ShowCensus(plan, &races));
  }
  if (plan.shows_races && !races.empty()) lab::Write(fd, "\n" + lab::RaceText(races, name_));
  return status;
}

int Lab::ShowCensus(const ScenarioPlan& plan, std::vector<Race>* races) {
  ExploreOptions options = lab::ParseStrategy("ShowsCensus", plan.census_strategy);
  options.memory = plan.memory;
  const ExploreReport report = lab::ExploreScenario(plan, options);
  lab::Write(lab::kStdout, lab::CensusText(report, options));
  *races = report.races;
  if (options.strategy == Strategy::kAll && !report.complete) {
    return Status(plan, "its census has no end; ShowsCensus(\"random:1000\") would bound it");
  }
  return Status(plan, lab::Complaint(plan, report));
}

int Lab::ShowExploration(const ScenarioPlan& plan, ExploreOptions options) {
  if (plan.by_priority && options.strategy == Strategy::kDistinct) {
    throw lab::BadFlag("--explore=distinct: " + plan.name +
                       " has priorities, which leave few schedules; --explore=all runs them");
  }
  if (plan.memory != MemoryMode::kSc && options.strategy == Strategy::kDistinct) {
    throw lab::BadFlag(
        "--explore=distinct: it takes for granted that a load reads the newest value; "
        "with --memory=" +
        MemoryModeName(plan.memory) + " use --explore=all");
  }
  options.memory = plan.memory;
  options.stop_on_interrupt = true;
  const ExploreReport report = lab::ExploreScenario(plan, options);
  std::string text = lab::CensusText(report, options, plan.name);
  if (!report.races.empty()) text += "\n" + lab::RaceText(report.races, name_);
  for (const std::string& inversion : report.lock_inversions) {
    text += "\n" + lab::Wrap("", inversion);
  }
  lab::Write(lab::kStdout, text);
  if (report.interrupted) return lab::kInterrupted;
  return Status(plan, lab::Complaint(plan, report));
}

int Lab::ShowRepeated(const ScenarioPlan& plan) {
  std::map<std::string, std::int64_t> outcomes;
  std::string complaint;
  const std::string schedule = flags_.schedule ? *flags_.schedule
                               : flags_.seed   ? ""
                                               : lab::PlannedSchedule(plan);
  for (std::int64_t i = 0; i < *flags_.repeat; ++i) {
    std::optional<std::uint64_t> seed = flags_.seed;
    if (seed) *seed += static_cast<std::uint64_t>(i);
    const RunReport report = lab::RunSimulated(plan, schedule, seed).report;
    if (report.ending == Ending::kBadSchedule) return BadSchedule(plan, schedule, report);
    ++outcomes[report.outcome];
    if (complaint.empty()) complaint = lab::Complaint(plan, report);
  }
  const std::string how = flags_.seed ? ", seeds from " + std::to_string(*flags_.seed) + " on"
                                      : ", each by the same schedule";
  lab::Write(lab::kStdout, RunsText(*flags_.repeat, plan.name, how) + lab::TallyText(outcomes));
  return Status(plan, complaint);
}

int Lab::ShowPlay(const ScenarioPlan& plan) {
  const std::string schedule = flags_.schedule.value_or("");
  const lab::PlayResult played = lab::Play(plan, schedule, name_, flags_.own);
  if (!played.bad_schedule.empty()) {
    RunReport report;
    report.explanation = played.bad_schedule;
    return BadSchedule(plan, schedule, report);
  }
  return played.last ? Status(plan, lab::Complaint(plan, *played.last)) : lab::kAsExpected;
}

int Lab::ShowPage() {
  std::vector<const ScenarioPlan*> plans;
  if (!flags_.scenario.empty() && flags_.scenario != "all") {
    plans.push_back(&Chosen());
  } else {
    for (const interleave::Scenario& scenario : scenarios_) {
      if (scenario.plan().in_all) plans.push_back(&scenario.plan());
    }
  }
  CheckFiles();
  const std::string page =
      lab::HtmlPage({name_, NumberAndTitle(), flags_.own, notices_, tries_, next_}, plans);
  lab::WriteOutputFile(flags_.page_file, page);
  return lab::kAsExpected;
}

int Lab::ShowReal(const ScenarioPlan& plan) {
  const bool by_itself = !flags_.scenario.empty() && flags_.scenario != "all";
  const int fd = ChosenById() ? lab::kStderr : lab::kStdout;
  lab::Write(fd, lab::ScenarioHeading(plan));
  if (!by_itself && lab::EndsTheProcess(plan)) {
    lab::Write(fd, lab::Wrap("  ", "may end this whole program, so it runs only alone:") +
                       "  bazel run " + lab::Label(name_) + " -- --real --scenario=" + plan.name +
                       flags_.own + "\n");
    return lab::kAsExpected;
  }
  lab::Write(fd, PrioritiesText(plan));
  const lab::Switches before = lab::SwitchesSoFar();
  const std::string outcome =
      lab::RunReal(plan, flags_.time_scale, name_ + ": " + plan.name + ":", fd);
  const std::string sentence = lab::SentenceOf(plan, outcome);
  if (!outcome.empty()) lab::Write(fd, lab::Wrap("  ", sentence.empty() ? outcome : sentence));
  lab::Write(fd, lab::Wrap("  ", lab::SwitchesText(before)));
  return Status(plan, lab::ComplaintOfOutcome(plan, outcome));
}

int Lab::ShowRealTally(const ScenarioPlan& plan) {
  std::map<std::string, std::int64_t> outcomes;
  std::string complaint;
  lab::Write(lab::kStdout, PrioritiesText(plan));
  lab::MuteStdout(true);
  for (std::int64_t i = 0; i < *flags_.repeat; ++i) {
    const std::string outcome =
        lab::RunReal(plan, flags_.time_scale, name_ + ": " + plan.name + ":");
    ++outcomes[outcome.empty() ? "done" : outcome];
    if (complaint.empty()) complaint = lab::ComplaintOfOutcome(plan, outcome);
  }
  lab::MuteStdout(false);
  lab::Write(lab::kStdout,
             RunsText(*flags_.repeat, plan.name, " on real threads") + lab::TallyText(outcomes));
  return Status(plan, complaint);
}

int Lab::BadSchedule(const ScenarioPlan& plan, const std::string& schedule,
                     const RunReport& report) const {
  if (!flags_.schedule) return Status(plan, "its schedule " + schedule + ": " + report.explanation);
  std::string sentence = "--schedule=" + schedule + ": ";
  if (flags_.scenario.empty()) sentence += "of " + plan.name + ", as no --scenario is named: ";
  sentence += report.explanation;
  const std::string places = lab::LearnPlaces(plan);
  const std::size_t at = schedule.find('@');
  const std::string named = at == std::string::npos ? "" : schedule.substr(at);
  if (!places.empty() && places != named) {  // none, or those of a file that has changed since
    sentence += "; schedules of " + plan.name + " end in " + places;
  }
  throw lab::BadFlag(sentence);
}

void Lab::WriteFiles(const ScenarioPlan& plan, const lab::SimulatedRun& run) const {
  const std::string title = name_ + " " + plan.name;
  if (!flags_.trace_file.empty()) {
    lab::WriteOutputFile(flags_.trace_file, lab::TraceJson(run.report, run.lanes, title));
  }
  if (!flags_.sequence_file.empty()) {
    lab::WriteOutputFile(flags_.sequence_file, lab::SequenceSvg(run.sequence, title));
  }
  if (!flags_.timeline_file.empty()) {
    lab::WriteOutputFile(
        flags_.timeline_file,
        lab::TimelineSvg(lab::WithoutThreads(run.lanes, plan.hidden_threads), title));
  }
}

}  // namespace interleave
