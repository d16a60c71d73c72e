// tests/engine/axioms.h
//
// The C++20 memory model as its axioms have it, by brute force: of a small program all ways in
// which loads read stores, and all modification orders, and of those the ones that [intro.races],
// [atomics.order] and [atomics.fences] allow. It knows nothing of schedules, and nothing of the
// engine.
#ifndef INTERLEAVE_TESTS_ENGINE_AXIOMS_H_
#define INTERLEAVE_TESTS_ENGINE_AXIOMS_H_

#include <set>
#include <string>

#include "tests/engine/memory_programs.h"

namespace interleave::memory_programs {

struct Allowed {
  std::set<std::string> outcomes;

  // Those of executions in which the order of each thread, who reads from whom, and some single
  // order of the seq_cst operations have no cycle: steps that can be made one after the other.
  std::set<std::string> forwards;
};

Allowed ByTheAxioms(const Program& program);

}  // namespace interleave::memory_programs

#endif  // INTERLEAVE_TESTS_ENGINE_AXIOMS_H_
