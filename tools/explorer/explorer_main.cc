// Explores the program that this is linked into, or replays one schedule of it.
#include <dirent.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <stdexcept>

#include "runtime/engine/child_process.h"
#include "runtime/engine/output.h"
#include "tools/explorer/findings.h"
#include "tools/explorer/jobs.h"
#include "tools/explorer/whole_program.h"

namespace interleave::tool {
namespace {

constexpr int kFine = 0, kFailed = 1, kUnusable = 2, kInterrupted = 130;

int Unusable(const Options& options, const std::string& sentence) {
  std::fprintf(stderr, "interleave: %s: %s\n", options.name.c_str(), sentence.c_str());
  return kUnusable;
}

int ThreadsOfThisProcess() {
  int count = 0;
  DIR* tasks = opendir("/proc/self/task");
  if (tasks == nullptr) return 1;
  while (dirent* entry = readdir(tasks)) count += entry->d_name[0] != '.';
  closedir(tasks);
  return count;
}

// What a forked child writes, as far as it gets.
struct ChildText {
  std::string text;
  engine::ChildEnd end;
};

ChildText TextOfChild(const std::function<std::string()>& work, std::chrono::nanoseconds limit) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return {};
  pid_t child = engine::ForkChild([&] {
    const std::string text = work();
    for (std::size_t at = 0; at < text.size();) {
      ssize_t written = ::write(ends[1], text.data() + at, text.size() - at);
      if (written <= 0) break;
      at += static_cast<std::size_t>(written);
    }
  });
  close(ends[1]);
  ChildText told;
  told.end = engine::WaitForChild(child, limit, ends[0], [&] {
    char buffer[4096];
    ssize_t size = ::read(ends[0], buffer, sizeof buffer);
    if (size > 0) told.text.append(buffer, static_cast<std::size_t>(size));
    return size > 0;
  });
  close(ends[0]);
  return told;
}

// One run, in a child, since main cannot be called twice.
RunReport RunOnce(const Options& options, const OutputSink& output) {
  SimulateOptions simulate;
  simulate.schedule = options.schedule;
  simulate.start = options.explore.start;
  simulate.step_budget = options.explore.step_budget;
  simulate.memory = options.explore.memory;
  simulate.repeatable = false;
  simulate.output = output;
  return Simulate(WholeProgram(options.name, options.program_arguments), simulate);
}

std::string Explanation(Options options, const CensusRow& row) {
  options.schedule = row.schedule;
  return TextOfChild([&] { return RunOnce(options, [](int, std::string_view) {}).explanation; },
                     options.explore.fork_limit)
      .text;
}

int Replay(const Options& options) {
  std::fflush(stdout);
  // The child prints the output; what is to be said of the run comes back, behind its status.
  const ChildText told = TextOfChild(
      [&]() -> std::string {
        const RunReport report = RunOnce(options, {});
        if (report.ending == Ending::kBadSchedule) return "2" + report.explanation;
        std::string text = IsFailure(report.ending, report.outcome) ? "1" : "0";
        text += report.explanation.empty() ? report.outcome + "\n" : report.explanation;
        for (const Race& race : report.races) text += race.Text() + "\n";
        if (options.races_fail && !report.races.empty()) text[0] = '1';
        return text;
      },
      options.explore.fork_limit);
  if (told.text.empty()) {
    std::fprintf(stderr, "%s\n", told.end.Text(options.explore.fork_limit).c_str());
    return kFailed;
  }
  if (told.text[0] == '2') {
    return Unusable(options, "--schedule=" + options.schedule + ": " + told.text.substr(1));
  }
  std::fprintf(stderr, "%s", told.text.c_str() + 1);
  return told.text[0] - '0';
}

int Explore(const Options& options) {
  ExploreOptions explore = options.explore;
  explore.fork_runs = true;
  explore.fork_limit = std::min(explore.fork_limit, explore.max_time);
  explore.stop_on_interrupt = true;
  if (options.stop_at_failure) explore.stop_when = IsFailure;
  Findings findings;
  findings.report =
      ExploreInJobs(WholeProgram(options.name, options.program_arguments), explore, options.jobs);
  const ExploreReport& report = findings.report;
  if (report.runs == 0 && !report.interrupted) {
    return Unusable(options, "not one run came to its end within " + report.stopped_by +
                                 ": it waits where the engine does not see it, or computes for "
                                 "longer (--max_time)");
  }
  findings.failure = FirstFailure(report);
  if (findings.failure != nullptr) findings.explanation = Explanation(options, *findings.failure);
  const std::string text = options.json ? JsonText(options, findings) : PageText(options, findings);
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);

  if (report.interrupted) return kInterrupted;
  if (findings.failure != nullptr) {
    return findings.failure->ending == Ending::kUnsupported ? kUnusable : kFailed;
  }
  if (!report.nondeterminism.empty()) return Unusable(options, report.nondeterminism);
  return options.races_fail && !report.races.empty() ? kFailed : kFine;
}

}  // namespace

int ExplorerMain(const std::vector<std::string>& arguments) {
  Options options;
  try {
    options = ParseOptions(arguments);
    if (!options.files.empty()) {
      throw UsageError(options.files[0] + ": arguments of the program stand behind --args");
    }
  } catch (const UsageError& error) {
    std::fprintf(stderr, "interleave: %s\n", error.what());
    return kUnusable;
  }
  if (options.help) {
    std::fputs(kHelp, stdout);
    return kFine;
  }
  if (options.name.empty()) options.name = program_invocation_short_name;
  if (options.again.empty()) options.again = program_invocation_name;
  if (ThreadsOfThisProcess() > 1) {
    return Unusable(options,
                    "a thread runs before main; only those that main starts can be explored");
  }
  // Runs that shared one input would take it from each other.
  int nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, 0);
  if (nothing > 0) close(nothing);
  try {
    return options.replay ? Replay(options) : Explore(options);
  } catch (const std::runtime_error& error) {
    return Unusable(options, error.what());
  }
}

}  // namespace interleave::tool
