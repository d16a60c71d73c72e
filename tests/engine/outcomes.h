// tests/engine/outcomes.h
//
// What a census says, in the form that a test compares: each outcome with its number of runs.
#ifndef INTERLEAVE_TESTS_ENGINE_OUTCOMES_H_
#define INTERLEAVE_TESTS_ENGINE_OUTCOMES_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "runtime/engine/explore.h"

namespace interleave {

inline std::map<std::string, std::int64_t> Counts(const ExploreReport& report) {
  std::map<std::string, std::int64_t> counts;
  for (const CensusRow& row : report.census) counts[row.outcome] += row.runs;
  return counts;
}

inline std::set<std::string> Outcomes(const ExploreReport& report) {
  std::set<std::string> outcomes;
  for (const CensusRow& row : report.census) outcomes.insert(row.outcome);
  return outcomes;
}

// Everything that was found to be wrong with the exploration itself or with the program's memory;
// empty for a correct program that was explored to its end.
inline std::string Complaints(const ExploreReport& report) {
  std::string text = report.nondeterminism;
  if (!report.complete) text += " not complete: " + report.stopped_by;
  for (const Race& race : report.races) text += " " + race.Text();
  return text;
}

}  // namespace interleave

#endif  // INTERLEAVE_TESTS_ENGINE_OUTCOMES_H_
