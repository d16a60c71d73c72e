// tests/programs/programs.h
//
// The list of this folder's programs, which programs.bzl writes.
#ifndef INTERLEAVE_TESTS_PROGRAMS_PROGRAMS_H_
#define INTERLEAVE_TESTS_PROGRAMS_PROGRAMS_H_

#include <string>
#include <vector>

namespace interleave {

struct Program {
  std::string name;
  std::string failure;  // how its bug shows: assertion, crash, deadlock, exception, livelock, race
  bool globals;         // its state outlives main()
  bool hard;            // the default choice does not find it
  int (*main)();
  int (*fixed_main)();
};

std::vector<Program> Programs();

}  // namespace interleave

#endif  // INTERLEAVE_TESTS_PROGRAMS_PROGRAMS_H_
