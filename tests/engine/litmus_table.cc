// Prints what C++20 says of each litmus test, what the engine finds under --memory=cpp, and how
// long it takes.
//
//   bazel run //tests/engine:litmus_table
#include <cstdio>

#include "runtime/engine/explore.h"
#include "tests/engine/litmus.h"

int main() {
  using namespace interleave;
  std::printf("%-28s %-14s %-10s %-10s %10s %8s  %s\n", "test", "asks for", "C++20", "found",
              "executions", "seconds", "source");
  for (const Litmus& litmus : LitmusTests()) {
    ExploreOptions options;
    options.memory = MemoryMode::kCpp;
    const ExploreReport report = Explore(litmus.body, options);
    const char* verdict = litmus.verdict == Verdict::kForbidden ? "forbidden" : "allowed";
    std::printf("%-28s %-14s %-10s %-10s %10lld %8.3f  %s%s\n", litmus.name.c_str(),
                litmus.asks.c_str(), verdict, IsFound(litmus, report) ? "yes" : "no",
                static_cast<long long>(report.runs),
                std::chrono::duration<double>(report.elapsed).count(), litmus.source.c_str(),
                !report.complete                        ? "; not all schedules"
                : litmus.verdict == Verdict::kBackwards ? "; cannot be run forwards"
                : report.cut_stale                      ? "; rereads cut"
                                                        : "");
    std::fflush(stdout);
  }
}
