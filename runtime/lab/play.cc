// runtime/lab/play.cc
#include "runtime/lab/play.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <iostream>
#include <stdexcept>
#include <vector>

#include "runtime/engine/columns.h"
#include "runtime/engine/run_so_far.h"
#include "runtime/engine/schedule.h"
#include "runtime/engine/source_text.h"
#include "runtime/lab/census.h"
#include "runtime/lab/lesson.h"
#include "runtime/lab/page.h"
#include "runtime/lab/play_words.h"
#include "runtime/lab/quick_census.h"
#include "runtime/lab/simulated_run.h"
#include "runtime/lab/standard_output.h"
#include "runtime/lab/step_table.h"
#include "runtime/lab/verdict.h"

namespace interleave::lab {
namespace {

constexpr const char* kCommands =
    "b takes your last answer back, ? explains, e explores what can still come of it, r lets the "
    "rest run by itself, n begins anew, q ends the game.";

class Game {
 public:
  Game(const ScenarioPlan& plan, const std::string& lab, const std::string& own_flags)
      : plan_(plan), lab_(lab), own_flags_(own_flags) {}

  PlayResult Go(const std::string& schedule) {
    if (schedule.find('@') == std::string::npos) {
      start_ = engine::ParseSchedule(schedule + LearnPlaces(plan_));
    } else {
      start_ = engine::ParseSchedule(schedule);
    }
    choices_ = start_.choices;
    if (!Run()) {
      result_.bad_schedule = run_.report.explanation;
      return result_;
    }
    Write(kStdout, ScenarioHeading(plan_) +
                       Wrap("", std::string("You are the scheduler: type the number of the thread "
                                            "that goes on. ") +
                                    kCommands) +
                       "\n");
    Show();
    for (std::string line; !ended_ && Ask(line);) Take(line);
    return result_;
  }

 private:
  std::string Text() const { return engine::ToText({choices_, start_.places}); }

  // As far as the choices go. False: they do not fit.
  bool Run() {
    run_ = RunAsFar(plan_, Text());
    return run_.report.ending != Ending::kBadSchedule;
  }

  void Go() {
    if (!Run()) throw std::runtime_error(run_.report.explanation);
    Show();
  }

  // A step whose outcome is the open question has no row yet: it comes with the answer.
  std::vector<StepRow> SettledRows() const {
    std::vector<StepRow> rows = TableRows(run_.report);
    const bool open = !run_.over && run_.of_a_step && !rows.empty();
    if (open && rows.back().step.thread == run_.running) rows.pop_back();
    return rows;
  }

  void Show() {
    const std::vector<StepRow> rows = SettledRows();
    shown_ = std::min(shown_, rows.size());
    std::string text;
    std::size_t name_width = 0;
    for (const std::string& name : run_.report.threads) {
      name_width = std::max(name_width, name.size());
    }
    name_width = std::min<std::size_t>(name_width, 24);
    for (; shown_ < rows.size(); ++shown_) {
      const StepRow& row = rows[shown_];
      const auto passed = row.step.time - (shown_ == 0 ? run_.report.began : shown_time_);
      shown_time_ = row.step.time;
      if (passed.count() > 0) {
        text += "      it is " + Seconds(row.step.time - run_.report.began) + " now\n";
      }
      text += PadLeft("#" + std::to_string(row.number), 5) + "  " +
              Pad(CutName(Name(row.step.thread), name_width), name_width) + "  " + row.phrase +
              (row.remark.empty() ? "" : "   " + Alarm(row.remark)) + "\n";
    }
    Write(kStdout, text);
    if (run_.over) return ShowEnd();
    if (!text.empty()) Write(kStdout, "\n");
    Write(kStdout, Offers(name_width));
  }

  std::string Offers(std::size_t name_width) {
    std::string text;
    if (!run_.of_threads) {
      text +=
          "  " + Name(run_.running) +
          (run_.of_a_step ? " goes on; what comes of its step" : " goes on; what it does next") +
          " is a choice:\n";
      for (std::size_t i = 0; i < run_.answers.size(); ++i) {
        text += PadLeft(std::to_string(run_.answers[i]), 5) + ") " + run_.words[i] + "\n";
      }
      return text;
    }
    std::size_t phrase_width = 0;
    for (const std::uint32_t answer : run_.answers) {
      phrase_width = std::max(phrase_width, NextPhrase(run_.threads[answer]).size());
    }
    phrase_width = std::min<std::size_t>(phrase_width, 44);
    for (const std::uint32_t answer : run_.answers) {
      const ThreadSoFar& thread = run_.threads[answer];
      std::string line = PadLeft(std::to_string(answer), 5) + ") " +
                         Pad(CutName(Name(static_cast<int>(answer)), name_width), name_width) +
                         "  " + Pad(Cut(NextPhrase(thread), phrase_width), phrase_width) + "  ";
      const SourceLine& place = thread.next.place;
      if (place.line != 0) {
        const bool own = place.file == lab_ + ".cc";
        line += (own ? PadLeft(std::to_string(place.line), 4) : place.Text()) + "  ";
        line += Cut(sources_.Of(place), kPageWidth - std::min(line.size(), kPageWidth - 10));
      }
      text += WithoutTrailingSpaces(line) + "\n";
    }
    return text;
  }

  void ShowEnd() {
    result_.last = run_.report;
    RunTextOptions options;
    options.lab = lab_;
    options.own_flags = own_flags_;
    options.output = false;
    SimulatedRun run;
    run.report = run_.report;
    std::string text = "\n" + RunText(plan_, run, options);
    if (!census_) census_ = TakeQuickCensus(plan_);
    text += Wrap("  ", Bold(run_.report.outcome.empty() ? "done" : run_.report.outcome) + ": " +
                           PlaceInCensus(*census_, run_.report.outcome) + ".");
    if (run_.report.ending == Ending::kReturned) {
      text += AgainText(options, plan_.name, run_.report.schedule);
    }
    text += Wrap("",
                 "The run is over. b takes your last answer back, n begins anew, q ends the "
                 "game.");
    Write(kStdout, text);
  }

  // The next line; false at the end of the input.
  bool Ask(std::string& line) {
    Write(kStdout, "> ");
    const bool is_there = static_cast<bool>(std::getline(std::cin, line));
    if (!is_there) {
      Write(kStdout, "\n");
    } else if (isatty(STDIN_FILENO) != 1) {
      WriteLine(kStdout, OneLine(line));
    }
    return is_there;
  }

  // A command, or answers one after the other: "1 2 1".
  void Take(const std::string& line) {
    std::vector<std::string> words(1);
    for (const char c : line) {
      if (std::isspace(static_cast<unsigned char>(c)) == 0 && c != '.') {
        words.back() += c;
      } else if (!words.back().empty()) {
        words.emplace_back();
      }
    }
    if (words.back().empty()) words.pop_back();
    if (words.empty()) return Complain("an empty line");
    for (const std::string& word : words) {
      if (!TakeOne(word) || ended_) return;
    }
  }

  // False: nothing came of it.
  bool TakeOne(const std::string& word) {
    if (word == "q") {
      ended_ = true;
    } else if (word == "b" && choices_.size() > start_.choices.size()) {
      choices_.pop_back();
      Back();
    } else if (word == "b") {
      WriteLine(kStdout, "That is where the game began; there is no answer to take back.");
      return false;
    } else if (word == "n") {
      choices_ = start_.choices;
      Back();
    } else if (word == "?" && !run_.over) {
      Explain();
    } else if (word == "e" && !run_.over) {
      Explore();
    } else if (word == "r" && !run_.over) {
      Finish();
    } else {
      return Answer(word);
    }
    return true;
  }

  bool Answer(const std::string& word) {
    const auto answer =
        std::find_if(run_.answers.begin(), run_.answers.end(),
                     [&](std::uint32_t one) { return !run_.over && std::to_string(one) == word; });
    if (answer == run_.answers.end()) {
      Complain("'" + word + "'");
      return false;
    }
    choices_.push_back(*answer);
    Go();
    return true;
  }

  void Complain(const std::string& what) const {
    std::string answers;
    for (std::size_t i = 0; !run_.over && i < run_.answers.size(); ++i) {
      const bool last = i + 1 == run_.answers.size();
      answers += (i == 0 ? "" : last ? " or " : ", ") + std::to_string(run_.answers[i]);
    }
    WriteLine(kStdout, OneLine(what) + " is no answer here; it may be " +
                           (run_.over ? "b, n or q" : answers + ", or b, ?, e, r, n, q"));
  }

  void Back() {
    if (!Run()) throw std::runtime_error(run_.report.explanation);
    const std::size_t rows = SettledRows().size();
    WriteLine(kStdout, rows == 0 ? "Back at the beginning."
                                 : "Back before step " + std::to_string(rows + 1) + ".");
    shown_ = rows;
    Show();
  }

  void Explain() const {
    std::string text;
    if (run_.of_threads) {
      std::vector<std::string> said;
      for (const std::uint32_t answer : run_.answers) {
        const std::string meaning = NextMeaning(run_.threads[answer]);
        const bool again = std::count(said.begin(), said.end(), meaning) > 0;
        text += Wrap("  ", std::to_string(answer) + ") " + Name(static_cast<int>(answer)) + " " +
                               NextPhrase(run_.threads[answer]) + ". " +
                               (again ? "Likewise." : meaning));
        said.push_back(meaning);
      }
    } else {
      text += Wrap("  ",
                   "The program leaves this open: neither the standard nor the system says "
                   "which it is. 0 is the ordinary one.");
    }
    for (std::size_t t = 0; t < run_.threads.size(); ++t) {
      const std::string stands = StandsText(run_, static_cast<int>(t));
      if (!stands.empty()) text += Wrap("  ", stands + ".");
    }
    Write(kStdout, text + Wrap("  ", std::string("Otherwise: ") + kCommands));
  }

  void Explore() {
    const QuickCensus rest = TakeQuickCensus(plan_, Text());
    Write(kStdout, CensusText(rest.report, rest.options, "what can still come"));
  }

  // From here to the end, each thread as long as it can.
  void Finish() {
    run_ = RunAsFar(plan_, Text(), /*to_the_end=*/true);
    choices_ = engine::ParseSchedule(run_.report.schedule).choices;
    Show();
  }

  const std::string& Name(int thread) const {
    return run_.report.threads.at(static_cast<std::size_t>(thread));
  }

  const ScenarioPlan& plan_;
  const std::string& lab_;
  const std::string& own_flags_;
  engine::Schedule start_;
  std::vector<std::uint32_t> choices_;
  RunSoFar run_;
  std::size_t shown_ = 0;  // rows
  std::chrono::nanoseconds shown_time_{0};
  std::optional<QuickCensus> census_;
  SourceText sources_;
  PlayResult result_;
  bool ended_ = false;
};

}  // namespace

PlayResult Play(const ScenarioPlan& plan, const std::string& schedule, const std::string& lab,
                const std::string& own_flags) {
  return Game(plan, lab, own_flags).Go(schedule);
}

}  // namespace interleave::lab
