// runtime/lab/lesson.cc
#include "runtime/lab/lesson.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "runtime/lab/census.h"
#include "runtime/lab/page.h"
#include "runtime/lab/sequence.h"
#include "runtime/lab/step_table.h"
#include "runtime/lab/timeline.h"
#include "runtime/lab/verdict.h"

namespace interleave::lab {
namespace {

// The engine's lines behind two spaces, a line that is too long broken at its own margin.
std::string Explained(std::string_view explanation) {
  std::string page;
  while (!explanation.empty()) {
    const std::size_t end = std::min(explanation.find('\n'), explanation.size());
    const std::string_view line = explanation.substr(0, end);
    const std::size_t margin = std::min(line.find_first_not_of(' '), line.size());
    page += Wrap(std::string(2 + margin, ' '), line.substr(margin));
    explanation.remove_prefix(std::min(end + 1, explanation.size()));
  }
  return page;
}

// What became of the run, in the words of the lesson where it has some.
std::string OutcomeText(const ScenarioPlan& plan, const SimulatedRun& run, bool with_output) {
  std::string text;
  if (run.report.ending != Ending::kReturned) text = Explained(run.report.explanation);
  const std::string left = StillRunningText(run.report);
  if (!left.empty()) text += Wrap("  ", left);
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

std::string StillRunningText(const RunReport& report) {
  std::string names;
  for (const std::string& thread : report.still_running) {
    names += (names.empty() ? "" : ", ") + thread;
  }
  return names.empty() ? "" : "still running at the end, and cut off: " + names;
}

std::string RunText(const ScenarioPlan& plan, const SimulatedRun& run,
                    const RunTextOptions& options) {
  std::string text;
  if (options.steps) {
    text += StepTable(run.report, plan.watched, options.explain);
  } else if (options.output) {
    text += Indent(run.out);
  }
  text += OutcomeText(plan, run, options.output || options.steps);
  if (options.sequence) text += SequenceText(run.sequence);
  if (options.timeline) text += TimelineText(WithoutThreads(run.lanes, plan.hidden_threads));
  if (options.again || options.steps || run.report.ending != Ending::kReturned) {
    text += AgainText(options, plan.name, run.report.schedule);
  }
  return text;
}

std::string RaceText(const std::vector<Race>& races, const std::string& lab) {
  const std::string own_file = " " + lab + ".cc:";
  std::string text;
  for (const Race& race : OnePerObject(races)) {
    std::string sentence = race.Text();
    for (std::size_t at; (at = sentence.find(own_file)) != std::string::npos;) {
      sentence.replace(at, own_file.size(), " line ");
    }
    text += Wrap("", sentence);
  }
  return text;
}

std::string AgainText(const RunTextOptions& options, const std::string& scenario,
                      const std::string& schedule) {
  const std::string line = "  again:  " + Command(options.lab, scenario, options.own_flags);
  if (schedule.size() > kLongestWord) {
    const std::string flag = options.found_by.empty() ? "" : " " + options.found_by;
    return line + flag + "\n          (its schedule has " + ChoicesOf(schedule) + ")\n";
  }
  if (schedule.empty()) return line + "\n";
  const std::string flag = "--schedule=" + schedule;
  const bool fits = line.size() + 1 + flag.size() <= kPageWidth;
  return line + (fits ? " " : " \\\n            ") + flag + "\n";
}

std::string Label(const std::string& program) {
  const bool is_lab = std::isdigit(static_cast<unsigned char>(program.front())) != 0;
  return (is_lab ? "//labs:" : "//examples:") + program;
}

std::string Command(const std::string& program, const std::string& scenario,
                    const std::string& own_flags) {
  return "bazel run " + Label(program) + " -- --scenario=" + scenario + own_flags;
}

std::string NameAndIds(const ScenarioPlan& plan) {
  std::string text = plan.name;
  for (std::size_t i = 0; i < plan.ids.size(); ++i) {
    text += (i == 0 ? " (" : ", ") + plan.ids[i];
  }
  return plan.ids.empty() ? text : text + ")";
}

}  // namespace interleave::lab
