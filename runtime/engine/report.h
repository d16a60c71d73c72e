// runtime/engine/report.h
//
// What a run that did not end well says to a reader: who waits for what held by whom, and where.
#ifndef INTERLEAVE_RUNTIME_ENGINE_REPORT_H_
#define INTERLEAVE_RUNTIME_ENGINE_REPORT_H_

#include <string>

#include "runtime/engine/scheduler.h"

namespace interleave::engine {

// Of the run that has just ended, before the next begins. `start` is where its clock began.
std::string Explain(const Scheduler::Result& result, Time start);

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_REPORT_H_
