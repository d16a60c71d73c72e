// runtime/lab/lab.cc
#include "runtime/lab/lab.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <exception>
#include <stdexcept>
#include <utility>

#include "runtime/lab/lesson.h"
#include "runtime/lab/output_file.h"
#include "runtime/lab/page.h"
#include "runtime/lab/standard_output.h"
#include "runtime/lab/verdict.h"

namespace interleave {

using lab::BadFlag;

namespace {

// Not _exit: within a simulation that would be an outcome of the program under test.
extern "C" void EndOnInterrupt(int) { syscall(SYS_exit_group, lab::kInterrupted); }

void CheckFile(const char* flag, const std::string& path) {
  const std::string why = path.empty() ? "" : lab::WhyNotWritable(path);
  if (!why.empty()) throw BadFlag(std::string(flag) + "=" + path + ": cannot be written: " + why);
}

}  // namespace

Lab::Lab(std::string name, std::string title) : name_(std::move(name)), title_(std::move(title)) {}

interleave::Scenario& Lab::Scenario(std::string name, Body body) {
  return scenarios_.emplace_back(std::move(name), std::move(body));
}

void Lab::Flag(const std::string& shape, std::string meaning, lab::TakeValue take, bool only_real) {
  const std::size_t equals = shape.find('=');
  if (equals == std::string::npos) {
    throw std::invalid_argument(shape + ": a flag of a program's own looks like --base_url=URL");
  }
  own_flags_.push_back({shape.substr(0, equals), shape.substr(equals), std::move(meaning),
                        std::move(take), only_real});
}

int Lab::Main(int argc, char** argv) {
  lab::PrepareStandardDescriptors();
  std::signal(SIGINT, EndOnInterrupt);
  lab::UseColour(lab::TerminalWantsColour(lab::kStdout));
  try {
    flags_ = lab::ParseFlags({argv + 1, argv + argc}, own_flags_);
    return Dispatch();
  } catch (const BadFlag& bad) {
    lab::WriteLine(lab::kStderr, lab::OneLine(name_ + ": " + bad.what()));
    return lab::kBadInput;
  } catch (const std::exception& error) {
    lab::WriteLine(lab::kStderr, name_ + ": " + error.what());
    return lab::kNotAsExpected;
  }
}

int Lab::Dispatch() {
  if (flags_.help) {
    PrintHelp();
    return lab::kAsExpected;
  }
  if (flags_.list) {
    PrintList();
    return lab::kAsExpected;
  }
  if (!flags_.page_file.empty()) return ShowPage();
  const bool everything = flags_.scenario == "all";
  if (everything || (flags_.scenario.empty() && !flags_.ConcernsOneScenario())) {
    return ShowLesson(everything);
  }
  ScenarioPlan plan = Chosen();
  if (flags_.memory) {
    plan.memory = *flags_.memory;
    flags_.own += " --memory=" + MemoryModeName(plan.memory);  // whoever runs it again needs it
  }
  CheckFiles();
  if (flags_.real) return flags_.repeat ? ShowRealTally(plan) : ShowReal(plan);
  if (flags_.play) return ShowPlay(plan);
  if (flags_.explore) return ShowExploration(plan, *flags_.explore);
  return flags_.repeat ? ShowRepeated(plan) : ShowSimulated(plan);
}

int Lab::ShowLesson(bool everything) {
  PrintHead();
  int status = lab::kAsExpected;
  for (const interleave::Scenario& scenario : scenarios_) {
    const ScenarioPlan& plan = scenario.plan();
    if (everything ? !plan.in_all : !plan.in_lesson) continue;
    lab::WriteLine(lab::kStdout, "");
    status = std::max(status, flags_.real ? ShowReal(plan) : ShowSimulated(plan));
  }
  PrintFoot(everything);
  return status;
}

// "03 Race condition: ..."; an example has no number.
std::string Lab::NumberAndTitle() const {
  const bool is_lab = lab::Label(name_).starts_with("//labs:");
  return (is_lab ? name_.substr(0, name_.find('_')) + " " : "") + title_;
}

void Lab::PrintHead() const {
  lab::Write(lab::kStdout,
             lab::Bold(NumberAndTitle()) + "\n" +
                 (flags_.real ? "Real threads, real clock.\n"
                              : "Simulated threads, virtual clock. Add --real to run it on your "
                                "machine's own.\n"));
}

void Lab::PrintFoot(bool everything) const {
  std::string foot = "\n";
  for (const std::string& text : notices_) foot += lab::Wrap("Notice: ", text);
  for (const std::string& text : tries_) foot += lab::Wrap("Try: ", text);
  std::string others;
  int in_all = 0;
  for (const interleave::Scenario& scenario : scenarios_) {
    const ScenarioPlan& plan = scenario.plan();
    if (everything ? plan.in_all : plan.in_lesson) continue;
    if (!others.empty()) others += "; ";
    others += "--scenario=" + plan.name;
    in_all += plan.in_all;
  }
  if (in_all > 0 && !everything) others += "; --scenario=all for everything";
  if (!others.empty()) foot += lab::Wrap("More: ", others + ".");
  if (!next_.empty()) foot += "Next: " + next_ + "\n";
  lab::Write(lab::kStdout, foot);
}

void Lab::PrintHelp() const {
  lab::Write(lab::kStdout, title_ + "\n\n  bazel run " + lab::Label(name_) +
                               " -- [flags]\n\nWithout flags it shows its lesson.\n\n" +
                               lab::FlagsHelp(own_flags_) + "\n");
  PrintList();
}

void Lab::PrintList() const {
  std::size_t width = 0;
  for (const auto& scenario : scenarios_) {
    width = std::max(width, lab::NameAndIds(scenario.plan()).size());
  }
  std::string list;
  for (const auto& scenario : scenarios_) {
    const ScenarioPlan& plan = scenario.plan();
    const std::string line = "  " + lab::Pad(lab::NameAndIds(plan), width) + "  " + plan.says;
    list += lab::WithoutTrailingSpaces(line) + "\n";
  }
  lab::Write(lab::kStdout, "Scenarios of " + name_ + ":\n" + list);
}

const ScenarioPlan& Lab::Chosen() const {
  if (flags_.scenario.empty()) return scenarios_.front().plan();
  std::string known;
  for (const interleave::Scenario& scenario : scenarios_) {
    const ScenarioPlan& plan = scenario.plan();
    if (plan.name == flags_.scenario ||
        std::count(plan.ids.begin(), plan.ids.end(), flags_.scenario) > 0) {
      return plan;
    }
    known += lab::NameAndIds(plan) + ", ";
  }
  throw BadFlag("--scenario=" + flags_.scenario + ": no such scenario; there are " + known +
                "and all");
}

bool Lab::ChosenById() const {
  return !flags_.scenario.empty() && flags_.scenario != "all" && Chosen().name != flags_.scenario;
}

void Lab::CheckFiles() const {
  CheckFile("--timeline", flags_.timeline_file);
  CheckFile("--sequence", flags_.sequence_file);
  CheckFile("--trace", flags_.trace_file);
  CheckFile("--page", flags_.page_file);
}

int Lab::Status(const ScenarioPlan& plan, const std::string& complaint) const {
  if (complaint.empty()) return lab::kAsExpected;
  const std::string line = lab::OneLine(name_ + ": " + plan.name + ": " + complaint);
  lab::Write(lab::kStderr, lab::Wrap("", line));
  return lab::kNotAsExpected;
}

}  // namespace interleave
