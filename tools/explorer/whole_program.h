// tools/explorer/whole_program.h
//
// The program under test as a body that can be explored: its main with its arguments, then what
// happens at exit (destructors of statics, atexit), all of it in the simulation. Runs must be
// forked, for none of this can be done twice.
#ifndef INTERLEAVE_TOOLS_EXPLORER_WHOLE_PROGRAM_H_
#define INTERLEAVE_TOOLS_EXPLORER_WHOLE_PROGRAM_H_

#include <string>
#include <vector>

#include "runtime/engine/explore.h"

namespace interleave::tool {

// The outcome of a run that ends well is the last line that the program printed, or "exit status 0"
// where it printed nothing. Other exit statuses end a run with Ending::kExit.
Body WholeProgram(const std::string& name, const std::vector<std::string>& arguments);

// True for everything but an end with exit status 0.
bool IsFailure(Ending ending, const std::string& outcome);

// What the linked program does instead of the main of the program under test. Returns the exit
// status.
int ExplorerMain(const std::vector<std::string>& arguments);

}  // namespace interleave::tool

#endif  // INTERLEAVE_TOOLS_EXPLORER_WHOLE_PROGRAM_H_
