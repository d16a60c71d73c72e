// runtime/lab/html_page.cc
#include "runtime/lab/html_page.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string_view>

#include "runtime/engine/source_text.h"
#include "runtime/lab/census.h"
#include "runtime/lab/lesson.h"
#include "runtime/lab/page.h"
#include "runtime/lab/page_files.h"
#include "runtime/lab/quick_census.h"
#include "runtime/lab/sequence.h"
#include "runtime/lab/simulated_run.h"
#include "runtime/lab/step_table.h"
#include "runtime/lab/timeline.h"
#include "runtime/lab/verdict.h"

namespace interleave::lab {
namespace {

using nlohmann::json;

constexpr std::size_t kMostRows = 120;             // of a run; a longer one loses its middle
constexpr std::size_t kMostPrinted = 4'000;        // bytes of one line
constexpr std::size_t kMostOutcomes = 40;          // rows of a census
constexpr std::size_t kMostOfRuns = 450'000;       // bytes; then outcomes have no run of their own
constexpr std::size_t kMostOfSources = 200'000;    // bytes; then files are left out
constexpr std::int64_t kFewEnoughToCount = 2'000;  // schedules
constexpr std::int64_t kShortEnoughToCount = 300;  // steps of a run

// As text in the page: never a tag, and ASCII only, so that no line separator ends a line.
std::string AsScript(const json& data) {
  std::string text = data.dump(-1, ' ', /*ensure_ascii=*/true, json::error_handler_t::replace);
  for (std::size_t at = 0; (at = text.find('<', at)) != std::string::npos;) {
    text.replace(at, 1, "\\u003c");
  }
  return text;
}

std::string AsHtml(std::string_view text) {
  std::string html;
  for (const char c : text) {
    switch (c) {
      case '<':
        html += "&lt;";
        break;
      case '&':
        html += "&amp;";
        break;
      case '"':
        html += "&quot;";
        break;
      default:
        html += c;
    }
  }
  return html;
}

// Each "{{name}}" of the template is replaced; what comes in is not looked at again.
std::string Filled(std::string_view page, const std::map<std::string_view, std::string>& values) {
  std::string filled;
  for (std::size_t begin; (begin = page.find("{{")) != std::string_view::npos;) {
    const std::size_t end = page.find("}}", begin);
    filled += page.substr(0, begin);
    filled += values.at(page.substr(begin + 2, end - begin - 2));
    page.remove_prefix(end + 2);
  }
  return filled.append(page);
}

// A thread that named itself after the step has its first name there, "Thread-2".
int NumberOf(const std::string& name, const std::vector<std::string>& threads) {
  for (std::size_t i = 0; i < threads.size(); ++i) {
    if (threads[i] == name || "Thread-" + std::to_string(i) == name) return static_cast<int>(i);
  }
  return -1;
}

// Who waits for what held by whom, around the circle: the last waits of a deadlocked run.
json Cycle(const RunReport& report) {
  if (report.ending != Ending::kDeadlock) return json::array();
  struct Wait {
    std::string lock;
    int holder;
  };
  std::map<int, Wait> waits;
  for (const Step& step : report.trace) {
    waits.erase(step.thread);
    if (!step.blocked) continue;
    if (step.kind == StepKind::kJoin) {
      const int joined = NumberOf(step.object, report.threads);
      if (joined >= 0) waits[step.thread] = {"", joined};
    } else if (step.by >= 0) {
      waits[step.thread] = {step.object, step.by};
    }
  }
  for (const auto& [first, wait] : waits) {
    json cycle = json::array();
    int thread = first;
    while (waits.contains(thread) && cycle.size() < waits.size()) {
      const Wait& here = waits.at(thread);
      const auto name = [&](int number) {
        return report.threads.at(static_cast<std::size_t>(number));
      };
      cycle.push_back({{"thread", name(thread)},
                       {"number", thread},
                       {"lock", here.lock},
                       {"holder", name(here.holder)}});
      thread = here.holder;
      if (thread == first) return cycle;
    }
  }
  return json::array();
}

class Page {
 public:
  explicit Page(const HtmlPageTexts& texts) : texts_(texts) {
    const std::string label = Label(texts.lab);  // "//labs:03_race_condition"
    std::string path = label.substr(2) + ".cc";
    std::replace(path.begin(), path.end(), ':', '/');
    FileOf(path);
  }

  std::string Text(const std::vector<const ScenarioPlan*>& plans) {
    json scenarios = json::array();
    std::vector<QuickCensus> censuses;
    for (const ScenarioPlan* plan : plans) {
      const SimulatedRun run = RunSimulated(*plan, PlannedSchedule(*plan));
      if (run.report.ending == Ending::kBadSchedule) {
        throw std::runtime_error(plan->name + ": " + run.report.explanation);
      }
      scenarios.push_back(Scenario(*plan, run));
      censuses.push_back(CensusOf(*plan, run.report.steps));
    }
    // What the lessons show comes first, and what is left of the room is for the outcomes.
    for (std::size_t i = 0; i < plans.size(); ++i) AddCensus(*plans[i], censuses[i], scenarios[i]);
    const json data = {
        {"scenarios", std::move(scenarios)}, {"files", std::move(files_)}, {"next", texts_.next},
        {"notices", texts_.notices},         {"tries", texts_.tries},
    };
    return Filled(kPageHtml, {{"title", AsHtml(texts_.title)},
                              {"label", AsHtml(Label(texts_.lab))},
                              {"css", kPageCss},
                              {"js", kPageJs},
                              {"data", AsScript(data)}});
  }

 private:
  json Scenario(const ScenarioPlan& plan, const SimulatedRun& run) {
    json races = json::array(), pictures = json::array();
    for (const Race& race : OnePerObject(run.report.races)) races.push_back(race.Text());
    if (plan.shows_timeline) {
      const Lanes lanes = WithoutThreads(run.lanes, plan.hidden_threads);
      pictures.push_back({{"title", "Along the clock"}, {"text", TimelineText(lanes)}});
    }
    if (plan.shows_sequence) {
      pictures.push_back({{"title", "Who asked whom"}, {"text", SequenceText(run.sequence)}});
    }
    return {{"name", plan.name},       {"says", plan.says},
            {"watched", plan.watched}, {"races", std::move(races)},
            {"census", nullptr},       {"runs", json::array({Run(plan, run.report)})},
            {"pictures", pictures}};
  }

  // Its own, or one that costs little.
  static QuickCensus CensusOf(const ScenarioPlan& plan, std::int64_t steps) {
    if (plan.shows_census) return TakeQuickCensus(plan);
    QuickCensus census;
    if (steps > kShortEnoughToCount) return census;
    census.options.memory = plan.memory;
    census.options.minimise = false;
    census.options.max_runs = kFewEnoughToCount;
    census.options.max_time = std::chrono::seconds(1);
    census.report = ExploreScenario(plan, census.options);
    if (!census.report.complete) census.report.census.clear();
    return census;
  }

  void AddCensus(const ScenarioPlan& plan, const QuickCensus& census, json& scenario) {
    if (census.report.census.empty() || !census.report.nondeterminism.empty()) return;
    json rows = json::array();
    for (const CensusRow& row : census.report.census) {
      if (rows.size() == kMostOutcomes) break;
      rows.push_back({{"outcome", row.outcome},
                      {"runs", row.runs},
                      {"run", RunThatEndsSo(plan, row, scenario["runs"])}});
    }
    std::string title = CensusTitle(census.report, census.options);
    if (rows.size() < census.report.census.size()) {
      title += "; the " + std::to_string(kMostOutcomes) + " most frequent of " +
               Counted(std::int64_t(census.report.census.size()), "outcome");
    }
    scenario["census"] = {{"title", title}, {"rows", std::move(rows)}};
  }

  // Its index; -1: there is none to look at.
  int RunThatEndsSo(const ScenarioPlan& plan, const CensusRow& row, json& runs) {
    for (std::size_t i = 0; i < runs.size(); ++i) {
      if (runs[i]["outcome"] == row.outcome) return static_cast<int>(i);
    }
    if (bytes_of_runs_ > kMostOfRuns) return -1;
    const SimulatedRun run = RunSimulated(plan, row.schedule);
    if (run.report.outcome != row.outcome) return -1;
    runs.push_back(Run(plan, run.report));
    return static_cast<int>(runs.size()) - 1;
  }

  json Run(const ScenarioPlan& plan, const RunReport& report) {
    std::vector<StepRow> steps = TableRows(report, plan.watched);
    if (steps.size() > kMostRows) {
      const auto first = steps.begin() + kMostRows * 2 / 3;
      steps.erase(first, first + static_cast<std::ptrdiff_t>(steps.size() - kMostRows));
    }
    json rows = json::array();
    for (const StepRow& row : steps) rows.push_back(Row(row, report));
    std::string explanation = report.ending == Ending::kReturned ? "" : report.explanation;
    explanation += StillRunningText(report);
    std::string again = Command(texts_.lab, plan.name, texts_.own_flags);
    if (!report.schedule.empty() && report.schedule.size() <= kLongestWord) {
      again += " --schedule=" + report.schedule;
    }
    json run = {{"outcome", report.outcome},  {"sentence", SentenceOf(plan, report.outcome)},
                {"threads", report.threads},  {"rows", std::move(rows)},
                {"explanation", explanation}, {"cycle", Cycle(report)},
                {"again", std::move(again)}};
    bytes_of_runs_ += AsScript(run).size();
    return run;
  }

  json Row(const StepRow& row, const RunReport& report) {
    const Step& step = row.step;
    json one = {{"number", row.number}, {"thread", step.thread}, {"phrase", row.phrase}};
    const auto add = [&](const char* key, const std::string& text) {
      if (!text.empty()) one[key] = text;
    };
    add("value", row.value);
    add("remark", row.remark);
    add("explanation", row.explanation);
    if (step.time > report.began) add("time", Seconds(step.time - report.began));
    if (step.kind == StepKind::kOutput) add("printed", step.object.substr(0, kMostPrinted));
    if (step.blocked) one["blocked"] = true;
    if (step.place.line > 0) {
      one["line"] = step.place.line;
      one["file"] = FileOf(step.place.path);
      if (one["file"] < 0) one["place"] = step.place.file;
    }
    return one;
  }

  // The number of a source file in the page; -1 if it is not there.
  int FileOf(std::string path) {
    constexpr std::string_view kBazelsFolder = "/proc/self/cwd/";
    if (path.starts_with(kBazelsFolder)) path.erase(0, kBazelsFolder.size());
    const auto known = numbers_.find(path);
    if (known != numbers_.end()) return known->second;
    int& number = numbers_[path] = -1;
    const std::vector<std::string>& lines = sources_.Lines(path);
    std::size_t bytes = 0;
    for (const std::string& line : lines) bytes += line.size();
    if (lines.empty() || bytes_of_sources_ + bytes > kMostOfSources) return number;
    bytes_of_sources_ += bytes;
    files_.push_back({{"name", path.substr(path.rfind('/') + 1)}, {"lines", lines}});
    number = static_cast<int>(files_.size()) - 1;
    return number;
  }

  const HtmlPageTexts& texts_;
  SourceText sources_;
  json files_ = json::array();
  std::map<std::string, int> numbers_;  // of files, by path
  std::size_t bytes_of_runs_ = 0, bytes_of_sources_ = 0;
};

}  // namespace

std::string HtmlPage(const HtmlPageTexts& texts, const std::vector<const ScenarioPlan*>& plans) {
  return Page(texts).Text(plans);
}

}  // namespace interleave::lab
