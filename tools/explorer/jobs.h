// tools/explorer/jobs.h
//
// Random schedules in several processes at the same time. Run number n of a seed is the same
// whoever makes it, so the runs are dealt out in blocks, and the counts of random:N do not depend
// on how many there were. Of pct:N they do, for its runs learn from earlier ones how long a run is;
// and so may which schedule is shown for an outcome. The other ways of exploring decide each run by
// the ones before, and are not divided.
#ifndef INTERLEAVE_TOOLS_EXPLORER_JOBS_H_
#define INTERLEAVE_TOOLS_EXPLORER_JOBS_H_

#include "runtime/engine/explore.h"

namespace interleave::tool {

// As Explore, by up to `jobs` processes; 0: as many as there are processors. Throws
// std::runtime_error if one of them is lost.
ExploreReport ExploreInJobs(const Body& body, const ExploreOptions& options, int jobs);

}  // namespace interleave::tool

#endif  // INTERLEAVE_TOOLS_EXPLORER_JOBS_H_
