// Prints, for each program of tests/programs, after how many schedules each strategy finds its bug:
//
//   known_bugs_table [runs [program ...]]
//
// tests/programs/long builds and runs this.
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include "runtime/engine/explore.h"
#include "tests/engine/known_bugs.h"
#include "tests/programs/programs.h"

namespace interleave {
namespace {

struct Named {
  const char* name;
  Strategy strategy;
  int bound;
};

// The bounds are as high as a bug of the suite needs, and more.
constexpr Named kStrategies[] = {
    {"default", Strategy::kAuto, 2},      {"all", Strategy::kAll, 0},
    {"distinct", Strategy::kDistinct, 0}, {"preemptions", Strategy::kPreemptions, 20},
    {"delays", Strategy::kDelays, 20},    {"pct", Strategy::kPct, 4},
    {"random", Strategy::kRandom, 0},
};

// "118", or "118 distinct" where the strategy chose among several; "-" where the bug was not found
// and "none" where it was not found and nothing is left to run.
std::string Cell(const Hunt& hunt, bool chose) {
  if (!hunt.found) return hunt.complete ? "none" : "-";
  return std::to_string(hunt.runs) + (chose ? " " + hunt.phase : "");
}

ExploreOptions OptionsFor(const Named& named, std::int64_t runs) {
  ExploreOptions options;
  options.strategy = named.strategy;
  if (named.bound > 0) options.bound = named.bound;
  options.max_runs = runs;
  return options;
}

// The number of bugs that the default choice missed, hard ones aside, and of alarms that any
// strategy gave.
int PrintRow(const Program& program, std::int64_t runs) {
  int failed = 0;
  std::string cells, what, alarms;
  for (const Named& named : kStrategies) {
    const bool chose = named.strategy == Strategy::kAuto;
    const Hunt bug = HuntBug(program, OptionsFor(named, runs));
    if (chose) {
      what = bug.what;
      failed += !bug.found && !program.hard;
    }
    cells += " " + Cell(bug, chose) + " |";
    const Hunt alarm = HuntAlarm(program, OptionsFor(named, runs));
    if (alarm.found) alarms += std::string(" ") + named.name + ": " + alarm.what;
    failed += alarm.found;
  }
  std::printf("| %s | %s |%s %s |\n", program.name.c_str(), program.failure.c_str(), cells.c_str(),
              alarms.empty() ? "quiet" : alarms.c_str());
  std::fflush(stdout);
  return failed;
}

int PrintTable(std::int64_t runs, const std::set<std::string>& wanted) {
  std::printf("| program | its bug |");
  for (const Named& named : kStrategies) std::printf(" %s |", named.name);
  std::printf(" the twin |\n|---|---|");
  for (std::size_t i = 0; i < std::size(kStrategies); ++i) std::printf("---|");
  std::printf("---|\n");
  int failed = 0;
  for (const Program& program : Programs()) {
    if (wanted.empty() || wanted.count(program.name) > 0) failed += PrintRow(program, runs);
  }
  return failed;
}

}  // namespace
}  // namespace interleave

int main(int argc, char** argv) {
  const std::int64_t runs = argc > 1 ? std::atoll(argv[1]) : 100'000;
  return interleave::PrintTable(runs, {argv + (argc > 2 ? 2 : argc), argv + argc}) == 0 ? 0 : 1;
}
