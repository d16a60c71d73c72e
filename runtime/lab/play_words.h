// runtime/lab/play_words.h
//
// What a step that has not been made yet is about, for somebody who has to decide.
#ifndef INTERLEAVE_RUNTIME_LAB_PLAY_WORDS_H_
#define INTERLEAVE_RUNTIME_LAB_PLAY_WORDS_H_

#include <string>
#include <vector>

#include "runtime/engine/run_so_far.h"

namespace interleave::lab {

// "writes counter": as the step table will word it, as far as that is known now.
std::string NextPhrase(const ThreadSoFar& thread);

// What that step is, in a sentence that names nobody: "It takes left, which is free now; ...".
std::string NextMeaning(const ThreadSoFar& thread);

// "MainThread waits for the end of adder-1" and, of a lock, who holds it; "bob holds left".
std::string StandsText(const RunSoFar& run, int thread);

}  // namespace interleave::lab

#endif  // INTERLEAVE_RUNTIME_LAB_PLAY_WORDS_H_
