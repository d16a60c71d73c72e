// runtime/lab/lab.h
//
// A lab is a program that asks one question and answers it by running. This class is its `main`:
// it knows the scenarios, reads the flags, runs what was asked for, and prints the lesson. The
// actors stay plain functions of standard C++ in the lab's own file.
//
//   int main(int argc, char** argv) {
//     interleave::Lab lab("03_race_condition", "Race condition: how can two increments make one?");
//     lab.Scenario("unlocked", Unlocked).Says("two std::threads run  counter = counter + 1;")
//         .Watches("counter").ShowsSteps().ShowsCensus().ShowsRaces();
//     lab.Notice("On real threads this loses nothing for thousands of runs. It is still wrong.");
//     lab.Next("04_mutex");
//     return lab.Main(argc, argv);
//   }
//
// Exit status: 0 it went as the lesson expects (a deadlock that is taught, too), 1 it did not,
// 2 bad input, 130 after Ctrl-C; standard_output.h says what happens when nobody reads.
//
// docs/adding_a_lab.md is the way to a new one, docs/flags.md the table of flags.
#ifndef INTERLEAVE_RUNTIME_LAB_LAB_H_
#define INTERLEAVE_RUNTIME_LAB_LAB_H_

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "runtime/engine/explore.h"
#include "runtime/lab/flags.h"
#include "runtime/lab/scenario.h"
#include "runtime/lab/simulated_run.h"

namespace interleave {

class Lab {
 public:
  // `name` is the binary's. A lab's begins with its number and lives in labs; a whole program
  // without a number lives in examples, and is made, run and tested in the same way.
  Lab(std::string name, std::string title);

  // Adds a scenario, to be described by the calls that follow. The first one is the one that
  // --schedule, --explore and the like are about when no --scenario is given.
  interleave::Scenario& Scenario(std::string name, Body body);

  // A flag of this program's own, beside those that every lab has: Flag("--base_url=URL", "the
  // server to ask", SetBaseUrl). `take` is called with the value, if one is given, before anything
  // runs. A std::invalid_argument out of it says what would be accepted and refuses the value. One
  // that is `only_real` is refused without --real.
  void Flag(const std::string& shape, std::string meaning, lab::TakeValue take,
            bool only_real = false);

  // What stands below the lesson; a call each paragraph.
  void Notice(std::string text) { notices_.push_back(std::move(text)); }
  void Try(std::string text) { tries_.push_back(std::move(text)); }
  void Next(std::string lab) { next_ = std::move(lab); }

  // Does what the flags say. Returns the exit status.
  int Main(int argc, char** argv);

 private:
  int Dispatch();

  // Each shows something of one or all scenarios and returns the status (lab_show.cc).
  int ShowLesson(bool everything);
  int ShowSimulated(const ScenarioPlan& plan);
  int ShowCensus(const ScenarioPlan& plan, std::vector<Race>* races);
  int ShowExploration(const ScenarioPlan& plan, ExploreOptions options);
  int ShowRepeated(const ScenarioPlan& plan);
  int ShowPlay(const ScenarioPlan& plan);
  int ShowPage();
  int ShowReal(const ScenarioPlan& plan);
  int ShowRealTally(const ScenarioPlan& plan);

  std::string NumberAndTitle() const;
  void PrintHead() const;
  void PrintFoot(bool everything) const;
  void PrintHelp() const;
  void PrintList() const;

  // The scenario that --scenario= names. Throws BadFlag.
  const ScenarioPlan& Chosen() const;
  bool ChosenById() const;  // then its own output stands alone on stdout
  void CheckFiles() const;  // Throws BadFlag if --trace or --timeline cannot be written.
  // The status of a run whose schedule did not fit. Throws BadFlag if it is the user's.
  int BadSchedule(const ScenarioPlan& plan, const std::string& schedule,
                  const RunReport& report) const;
  void WriteFiles(const ScenarioPlan& plan, const lab::SimulatedRun& run) const;
  int Status(const ScenarioPlan& plan, const std::string& complaint) const;

  const std::string name_, title_;
  std::deque<interleave::Scenario> scenarios_;  // references into it stay good
  std::vector<lab::OwnFlag> own_flags_;
  std::vector<std::string> notices_, tries_;
  std::string next_;
  lab::Flags flags_;
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_LAB_LAB_H_
