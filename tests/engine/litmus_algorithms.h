// tests/engine/litmus_algorithms.h
//
// The second half of the litmus tests: algorithms of more than four lines.
#ifndef INTERLEAVE_TESTS_ENGINE_LITMUS_ALGORITHMS_H_
#define INTERLEAVE_TESTS_ENGINE_LITMUS_ALGORITHMS_H_

#include <functional>
#include <vector>

#include "tests/engine/litmus.h"

namespace interleave {

// Each on a thread of its own, until all have ended.
void InThreads(const std::vector<std::function<void()>>& functions);

void AddAlgorithms(std::vector<Litmus>& tests);

}  // namespace interleave

#endif  // INTERLEAVE_TESTS_ENGINE_LITMUS_ALGORITHMS_H_
