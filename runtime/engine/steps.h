// runtime/engine/steps.h
//
// One run as a table: a row for each step, a column for each thread, beside them the program's own
// lines. A lost update can then be read off with a finger:
//
//      #  adder-1           adder-2           counter.cc
//      1  reads counter 0                      24  counter = counter + 1;
//      2                    reads counter 0    24  counter = counter + 1;
//      3  writes counter 1                     24  counter = counter + 1;
//      4                    writes counter 1   24  counter = counter + 1;
//                           overwrites what adder-1 wrote
//
// Left out is what nobody can race with: steps before the first thread starts and after the last
// has ended, starts, ends and joins. Where there are too many columns for the width, a row may run
// on into the columns to its right, which are empty; where that is not enough, one column names the
// thread instead.
#ifndef INTERLEAVE_RUNTIME_ENGINE_STEPS_H_
#define INTERLEAVE_RUNTIME_ENGINE_STEPS_H_

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "runtime/engine/explore.h"

namespace interleave {

// A row of the table.
struct StepRow {
  std::size_t number;
  Step step;
  std::string phrase;       // "reads counter 0"
  std::string value;        // of the watched variable, after the step
  std::string remark;       // "overwrites what adder-1 wrote", or empty
  std::string explanation;  // if StepsOptions::explain
};

struct StepsOptions {
  std::string watched = {};  // a variable that gets a column of its own
  bool source = true;        // beside each step its line of the program
  bool explain = false;      // below each step what it waited for
  std::size_t width = 100;
  std::size_t longest = 60;  // rows; a longer run loses its middle
  bool to_the_end = false;   // also what the main thread does when the others have ended
  std::function<bool(const Step&)> leaves_out = {};
  std::function<std::string(const std::string&)> emphasis = {};  // of the step that does the damage
};

// The table of `report.trace`.
std::string StepsText(const RunReport& report, const StepsOptions& options = {});

// The same as rows, none of them left out.
std::vector<StepRow> StepRows(const RunReport& report, const StepsOptions& options = {});

// The part of the trace in which there is more than the main thread.
std::vector<Step> ConcurrentSteps(const RunReport& report);

// Whether a step is a row of the table.
bool BelongsInTable(const Step& step, const StepsOptions& options);

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ENGINE_STEPS_H_
