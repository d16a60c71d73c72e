// runtime/lab/verdict.h
//
// Did it go as the lesson expects? A lab that teaches a deadlock succeeds when it deadlocks; one
// that teaches a lock fails when a schedule still loses an update. The answer is the exit status,
// and where it is no, one sentence says why.
#ifndef INTERLEAVE_RUNTIME_LAB_VERDICT_H_
#define INTERLEAVE_RUNTIME_LAB_VERDICT_H_

#include <string>
#include <vector>

#include "runtime/engine/explore.h"
#include "runtime/lab/scenario.h"

namespace interleave::lab {

constexpr int kAsExpected = 0;
constexpr int kNotAsExpected = 1;
constexpr int kBadInput = 2;
constexpr int kInterrupted = 130;  // 128 + SIGINT

// What is wrong with it; empty if nothing is.
std::string Complaint(const ScenarioPlan& plan, const RunReport& report);
std::string Complaint(const ScenarioPlan& plan, const ExploreReport& report);
std::string ComplaintOfOutcome(const ScenarioPlan& plan, const std::string& outcome);

// The lesson's sentence for an outcome; empty if it has none.
std::string SentenceOf(const ScenarioPlan& plan, const std::string& outcome);

// True if one of the expected outcomes is an end that only a simulation survives: a deadlock, a
// livelock, an uncaught exception, an abort, a crash.
bool EndsTheProcess(const ScenarioPlan& plan);

// One race of each object, a read against a write where there is one.
std::vector<Race> OnePerObject(const std::vector<Race>& races);

}  // namespace interleave::lab

#endif  // INTERLEAVE_RUNTIME_LAB_VERDICT_H_
