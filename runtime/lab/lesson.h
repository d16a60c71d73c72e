// runtime/lab/lesson.h
//
// The text around a run: its heading, its steps, what became of it, and the command that shows it
// again. Functions from reports to text; who prints it, and where to, is lab.cc's matter.
#ifndef INTERLEAVE_RUNTIME_LAB_LESSON_H_
#define INTERLEAVE_RUNTIME_LAB_LESSON_H_

#include <string>
#include <vector>

#include "runtime/engine/explore.h"
#include "runtime/lab/scenario.h"
#include "runtime/lab/simulated_run.h"

namespace interleave::lab {

// "unlocked: two std::threads run  counter = counter + 1;     (03_race_condition.cc:24)"
std::string ScenarioHeading(const ScenarioPlan& plan, const std::string& place = "");

// The step table, the outcome's sentence or the engine's explanation, the pictures, the command.
struct RunTextOptions {
  std::string lab;        // "03_race_condition"
  std::string own_flags;  // that the program was given: " --base_url=http://127.0.0.1:8000"
  std::string found_by;   // the flag that leads to this run again: "--seed=7", or none
  bool again = false;     // the command that shows it again, also where nothing was shown of it
  bool steps = false;
  bool explain = false;  // the steps, with what each one waited for
  bool timeline = false;
  bool sequence = false;
  bool output = true;  // the program's own, indented
};
std::string RunText(const ScenarioPlan& plan, const SimulatedRun& run,
                    const RunTextOptions& options);

// "still running at the end, and cut off: downloader"; empty if every thread has ended.
std::string StillRunningText(const RunReport& report);

// "data race: ..." for each object that is raced for. In the lab's own file a line is enough.
std::string RaceText(const std::vector<Race>& races, const std::string& lab);

// The command that shows a run again, over two lines where one is too short. Of a schedule that
// nobody would copy only the length is said, and the command is the one that finds it again.
std::string AgainText(const RunTextOptions& options, const std::string& scenario,
                      const std::string& schedule);

// As Bazel calls it: "//labs:03_race_condition", "//examples:coffee_shop". A lab has a number.
std::string Label(const std::string& program);

// "bazel run //labs:03_race_condition -- --scenario=unlocked", and the program's own flags.
std::string Command(const std::string& program, const std::string& scenario,
                    const std::string& own_flags);

// "unlocked (S1.22)"
std::string NameAndIds(const ScenarioPlan& plan);

}  // namespace interleave::lab

#endif  // INTERLEAVE_RUNTIME_LAB_LESSON_H_
