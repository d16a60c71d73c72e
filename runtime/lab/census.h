// runtime/lab/census.h
//
// The census: every outcome that the schedules of a scenario have, how many lead to it, and one of
// them to try. It answers what no number of real runs can: whether something *can* go wrong.
//
//   every schedule of it (6, all)
//     counter 1   4  ################          --schedule=1.2.2@24
//     counter 2   2  ########                  --schedule=1.1@24
//
// The schedule shown is the one with the fewest preemptions, then the shortest; the choices of a
// long one (a livelock has thousands) are only counted, and in a lesson of one that takes more than
// two lines: there --explore shows it. Where the census is not of all schedules its first line
// says so, and also where a loop waits by looking again and again, for of its rounds only the first
// few are choices: "(44, all but repeated looks of a waiting loop)".
#ifndef INTERLEAVE_RUNTIME_LAB_CENSUS_H_
#define INTERLEAVE_RUNTIME_LAB_CENSUS_H_

#include <cstdint>
#include <map>
#include <string>

#include "runtime/engine/explore.h"

namespace interleave::lab {

// "12,345 choices"
std::string ChoicesOf(const std::string& schedule);

// "every schedule of it", or of `scenario` where that is named.
std::string CensusText(const ExploreReport& report, const ExploreOptions& options,
                       const std::string& scenario = "");

// Its first line: "every schedule of it (6, all)".
std::string CensusTitle(const ExploreReport& report, const ExploreOptions& options);

// The outcomes of `runs` runs that followed no schedule of ours: --real --repeat=N.
std::string TallyText(const std::map<std::string, std::int64_t>& outcomes);

}  // namespace interleave::lab

#endif  // INTERLEAVE_RUNTIME_LAB_CENSUS_H_
