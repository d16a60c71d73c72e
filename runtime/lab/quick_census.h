// runtime/lab/quick_census.h
//
// A census that somebody waits for: every schedule if they are few, else a sample. It is the one
// that the scenario shows, where it shows one.
#ifndef INTERLEAVE_RUNTIME_LAB_QUICK_CENSUS_H_
#define INTERLEAVE_RUNTIME_LAB_QUICK_CENSUS_H_

#include <string>

#include "runtime/engine/explore.h"
#include "runtime/lab/scenario.h"

namespace interleave::lab {

struct QuickCensus {
  ExploreReport report;
  ExploreOptions options;  // that it was made with
};

// Of all schedules that begin with those choices; "": of all. A few seconds at most.
QuickCensus TakeQuickCensus(const ScenarioPlan& plan, const std::string& beginning = "");

// Where an outcome stands in it: "1 of 2 outcomes; 4 of 6 schedules lead to it".
std::string PlaceInCensus(const QuickCensus& census, const std::string& outcome);

}  // namespace interleave::lab

#endif  // INTERLEAVE_RUNTIME_LAB_QUICK_CENSUS_H_
