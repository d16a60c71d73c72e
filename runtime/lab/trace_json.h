// runtime/lab/trace_json.h
//
// A run as a file for https://ui.perfetto.dev or chrome://tracing (the Trace Event Format): one
// track a thread and one a task of an event loop, a slice for each span of its lane, an instant for
// each step of a thread, all at virtual times. Steps at the same virtual instant are drawn one
// nanosecond apart, in their order: zoom in to see it.
#ifndef INTERLEAVE_RUNTIME_LAB_TRACE_JSON_H_
#define INTERLEAVE_RUNTIME_LAB_TRACE_JSON_H_

#include <string>

#include "runtime/engine/explore.h"
#include "runtime/lab/lanes.h"

namespace interleave::lab {

// REQUIRES: `report` was made with SimulateOptions::trace, and `lanes` of it.
std::string TraceJson(const RunReport& report, const Lanes& lanes, const std::string& title);

}  // namespace interleave::lab

#endif  // INTERLEAVE_RUNTIME_LAB_TRACE_JSON_H_
