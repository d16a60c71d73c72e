// tools/explorer/options.h
//
// The flags of tools/interleave. Two programs read them: the driver, which compiles, and the
// program under test itself, whose main is the explorer's. The driver hands on what it does not
// need.
//
//   interleave [flags] FILE... [-- compiler flags] [--args program's arguments]
#ifndef INTERLEAVE_TOOLS_EXPLORER_OPTIONS_H_
#define INTERLEAVE_TOOLS_EXPLORER_OPTIONS_H_

#include <stdexcept>
#include <string>
#include <vector>

#include "runtime/engine/explore.h"

namespace interleave::tool {

// Bad input: one sentence that names the value and what would be accepted.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Options {
  // What to build.
  std::vector<std::string> files;
  std::vector<std::string> compiler_flags;
  std::string compiler;  // empty: g++
  std::string keep;      // where the built program stays; empty: nowhere

  // What to run.
  std::vector<std::string> program_arguments;
  std::string schedule;  // to replay
  bool replay = false;   // it may be empty
  bool races_fail = false;
  bool stop_at_failure = false;
  bool json = false;
  bool help = false;
  int jobs = 0;  // 0: all processors
  ExploreOptions explore;

  // From the driver: what the program is called, and the command that runs it again, without and
  // behind the schedule.
  std::string name;
  std::string again, again_end;

  // The flags about running as they were given, for the program.
  std::vector<std::string> run_flags;
};

// Throws UsageError.
Options ParseOptions(const std::vector<std::string>& arguments);

extern const char kHelp[];

}  // namespace interleave::tool

#endif  // INTERLEAVE_TOOLS_EXPLORER_OPTIONS_H_
