// runtime/lab/lesson.cc
#include "runtime/lab/lesson.h"

#include "runtime/lab/page.h"
#include "runtime/lab/step_table.h"
#include "runtime/lab/timeline.h"
#include "runtime/lab/verdict.h"

namespace interleave::lab {
namespace {

// What became of the run, in the words of the lesson where it has some.
std::string OutcomeText(const ScenarioPlan& plan, const SimulatedRun& run, bool with_output) {
  std::string text;
  if (run.report.ending != Ending::kReturned) text = Indent(run.report.explanation);
  const std::string sentence = SentenceOf(plan, run.report.outcome);
  if (!sentence.empty()) return text + Wrap("  ", sentence);
  // The census says the bare outcome, and so does usually the program's own output.
  const bool is_said = !text.empty() || plan.shows_census || (with_output && !run.out.empty());
  return is_said || run.report.outcome.empty() ? text : Wrap("  ", run.report.outcome);
}

}  // namespace

std::string ScenarioHeading(const ScenarioPlan& plan, const std::string& place) {
  std::string heading = plan.name;
  if (!plan.says.empty()) heading += ": " + plan.says;
  std::string line = Bold(heading);
  if (!place.empty()) {
    const bool fits = heading.size() + 5 + place.size() + 2 <= kPageWidth;
    line += (fits ? "     (" : "\n  (") + place + ")";
  }
  return line + "\n";
}

std::string RunText(const ScenarioPlan& plan, const SimulatedRun& run,
                    const RunTextOptions& options) {
  std::string text;
  if (options.steps) {
    text += StepTable(run.report, plan.watched);
  } else if (options.output) {
    text += Indent(run.out);
  }
  text += OutcomeText(plan, run, options.output || options.steps);
  if (options.timeline) text += TimelineText(run.report);
  if (options.steps || run.report.ending != Ending::kReturned) {
    text += AgainText(options.lab, plan.name, run.report.schedule);
  }
  return text;
}

std::string RaceText(const std::vector<Race>& races) {
  std::string text;
  for (const Race& race : OnePerObject(races)) {
    const std::string sentence = race.Text();
    text += Wrap("", sentence.starts_with("data race") ? sentence : "data race: " + sentence);
  }
  return text;
}

std::string AgainText(const std::string& lab, const std::string& scenario,
                      const std::string& schedule) {
  std::string line = "  again:  bazel run //labs:" + lab + " -- --scenario=" + scenario;
  if (schedule.empty()) return line + "\n";
  const std::string flag = "--schedule=" + schedule;
  const bool fits = line.size() + 1 + flag.size() <= kPageWidth;
  return line + (fits ? " " : " \\\n            ") + flag + "\n";
}

std::string NameAndIds(const ScenarioPlan& plan) {
  std::string text = plan.name;
  for (std::size_t i = 0; i < plan.ids.size(); ++i) {
    text += (i == 0 ? " (" : ", ") + plan.ids[i];
  }
  return plan.ids.empty() ? text : text + ")";
}

}  // namespace interleave::lab
