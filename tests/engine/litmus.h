// tests/engine/litmus.h
//
// The litmus tests of the literature on memory models, and the classic algorithms on atomics, each
// with a question (can this outcome be?) and what C++20 answers. The names of the small ones are
// those of Alglave, Maranget and Tautschnig, "Herding cats" (2014).
#ifndef INTERLEAVE_TESTS_ENGINE_LITMUS_H_
#define INTERLEAVE_TESTS_ENGINE_LITMUS_H_

#include <string>
#include <vector>

#include "runtime/engine/explore.h"

namespace interleave {

enum class Verdict {
  kForbidden,
  kAllowed,
  kBackwards,  // allowed, and no execution that is run forwards has it
};

inline constexpr const char* kDataRace = "data race";  // an outcome that may be asked for

struct Litmus {
  std::string name;
  std::string asks;
  Verdict verdict;
  std::string source;
  Body body;
  bool large = false;  // takes more than a second; its schedules are sampled
};

const std::vector<Litmus>& LitmusTests();

// Whether `litmus` was seen to end as it asks.
bool IsFound(const Litmus& litmus, const ExploreReport& report);

}  // namespace interleave

#endif  // INTERLEAVE_TESTS_ENGINE_LITMUS_H_
