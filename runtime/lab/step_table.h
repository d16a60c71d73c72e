// runtime/lab/step_table.h
//
// One run as a table: a row for each step, a column for each thread, and beside them the value of
// the variable that the lesson watches. A lost update can then be read off with a finger:
//
//      #  adder-1           adder-2           counter
//      1  reads 0                             0
//      2                    reads 0           0
//      3  writes 1                            1
//      4                    writes 1          1     overwrites what adder-1 wrote
//
// It is the engine's table (runtime/engine/steps.h) without the bookkeeping of Compute and of the
// event loop. With `explain` each step stands beside its line of the program, and below it stands
// what it waited for.
#ifndef INTERLEAVE_RUNTIME_LAB_STEP_TABLE_H_
#define INTERLEAVE_RUNTIME_LAB_STEP_TABLE_H_

#include <string>
#include <string_view>
#include <vector>

#include "runtime/engine/explore.h"
#include "runtime/engine/steps.h"

namespace interleave::lab {

// The table of `report.trace`. `watched` names a variable, or is empty.
std::string StepTable(const RunReport& report, std::string_view watched, bool explain = false);

// The same rows one by one, with explanations, and with what the main thread does at the end.
std::vector<StepRow> TableRows(const RunReport& report, std::string_view watched = "");

// The place of the first step on `watched`, or of the first step in the table; "" if unknown.
std::string FirstPlace(const RunReport& report, std::string_view watched);

}  // namespace interleave::lab

#endif  // INTERLEAVE_RUNTIME_LAB_STEP_TABLE_H_
