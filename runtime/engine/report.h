// runtime/engine/report.h
//
// What a run that did not end well says to a reader: who waits for what held by whom, and where.
#ifndef INTERLEAVE_RUNTIME_ENGINE_REPORT_H_
#define INTERLEAVE_RUNTIME_ENGINE_REPORT_H_

#include <string>
#include <vector>

#include "runtime/engine/names.h"
#include "runtime/engine/scheduler.h"

namespace interleave::engine {

// Of the run that has just ended, before the next begins. `start` is where its clock began.
std::string Explain(const Scheduler::Result& result, Time start);

// The same of one of its threads.
std::vector<Frame> StackOf(Thread& thread);
std::string Holds(const Thread& thread);  // "holds left and right"; empty: no lock

// Who could end the wait of a thread that waits; null: nobody in particular.
Thread* WaitsForThread(const Thread& thread);

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_REPORT_H_
