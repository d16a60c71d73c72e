// runtime/engine/phrase.h
//
// A step in a reader's words: "reads 0", "waits for left", "sleeps". The step table, the timeline
// picture and the trace file all say it the same way.
#ifndef INTERLEAVE_RUNTIME_ENGINE_PHRASE_H_
#define INTERLEAVE_RUNTIME_ENGINE_PHRASE_H_

#include <string>
#include <string_view>

#include "runtime/engine/explore.h"

namespace interleave {

// What `step` does. The object is left out where it is `watched`: its column says which it is.
std::string Phrase(const Step& step, std::string_view watched = "");

// True for plain and atomic accesses.
bool IsAccess(StepKind kind);
bool IsWriting(StepKind kind);

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ENGINE_PHRASE_H_
