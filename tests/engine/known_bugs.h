// tests/engine/known_bugs.h
//
// Looks for the bug of one of the programs in tests/programs, or for a false alarm in its correct
// twin.
#ifndef INTERLEAVE_TESTS_ENGINE_KNOWN_BUGS_H_
#define INTERLEAVE_TESTS_ENGINE_KNOWN_BUGS_H_

#include <cstdint>
#include <string>

#include "runtime/engine/explore.h"
#include "tests/programs/programs.h"

namespace interleave {

struct Hunt {
  bool found = false;
  std::string what;         // the outcome that is the bug, or what else came instead
  std::string phase;        // the part of the exploration that came upon it: "all", "distinct" ...
  std::int64_t runs = 0;    // schedules run until then; until the end if nothing was found
  bool complete = false;    // nothing was left to run
  std::int64_t millis = 0;  // of the real clock
};

// Ends when a run fails as the program is said to fail.
Hunt HuntBug(const Program& program, ExploreOptions options);

// `found` here is an alarm: any other outcome than that main returned 0, any race, anything that
// could not be simulated.
Hunt HuntAlarm(const Program& program, ExploreOptions options);

}  // namespace interleave

#endif  // INTERLEAVE_TESTS_ENGINE_KNOWN_BUGS_H_
