// tools/explorer/findings.h
//
// What tools/interleave prints, for a reader and for a machine.
#ifndef INTERLEAVE_TOOLS_EXPLORER_FINDINGS_H_
#define INTERLEAVE_TOOLS_EXPLORER_FINDINGS_H_

#include <string>

#include "runtime/engine/explore.h"
#include "tools/explorer/options.h"

namespace interleave::tool {

// An exploration and what became of it.
struct Findings {
  ExploreReport report;
  const CensusRow* failure = nullptr;  // the one to look at; null: there is none
  std::string explanation;             // of `failure`
};

// The failing outcome whose schedule has the fewest preemptions, then the shortest; null if none.
const CensusRow* FirstFailure(const ExploreReport& report);

std::string ReplayCommand(const Options& options, const std::string& schedule);

std::string PageText(const Options& options, const Findings& findings);
std::string JsonText(const Options& options, const Findings& findings);

}  // namespace interleave::tool

#endif  // INTERLEAVE_TOOLS_EXPLORER_FINDINGS_H_
