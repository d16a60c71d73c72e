#include "tools/explorer/jobs.h"

#include <algorithm>
#include <csignal>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "runtime/engine/child_process.h"
#include "runtime/engine/random_numbers.h"
#include "runtime/engine/tape.h"

namespace interleave::tool {
namespace {

using engine::Tape;

// Fewer are done before a second process is there.
constexpr std::int64_t kLeastRuns = 100;

void Put(Tape& tape, const SourceLine& line) {
  tape.PutText(line.file);
  tape.Put(static_cast<std::uint64_t>(line.line));
}

SourceLine GetLine(Tape& tape) {
  std::string file = tape.GetText();
  return {file, static_cast<int>(tape.Get())};
}

void Put(Tape& tape, const ExploreReport& report) {
  tape.Put(report.census.size());
  for (const CensusRow& row : report.census) {
    tape.PutText(row.outcome);
    tape.Put(static_cast<std::uint64_t>(row.ending));
    tape.Put(static_cast<std::uint64_t>(row.runs));
    tape.PutText(row.schedule);
    tape.Put(static_cast<std::uint64_t>(row.preemptions));
    tape.Put(static_cast<std::uint64_t>(row.length));
  }
  tape.Put(report.races.size());
  for (const Race& race : report.races) {
    tape.PutText(race.object);
    tape.PutText(race.first_thread);
    tape.PutText(race.second_thread);
    tape.Put(race.first_writes);
    tape.Put(race.second_writes);
    tape.Put(race.first_frees);
    tape.Put(race.second_frees);
    Put(tape, race.first);
    Put(tape, race.second);
  }
  tape.Put(static_cast<std::uint64_t>(report.runs));
  tape.Put(report.cut_spins);
  tape.Put(report.cut_stale);
  tape.Put(report.interrupted);
  tape.PutText(report.stopped_by);
  tape.PutText(report.nondeterminism);
  tape.Put(static_cast<std::uint64_t>(report.elapsed.count()));
  tape.Publish();
}

ExploreReport GetReport(Tape& tape) {
  ExploreReport report;
  report.census.resize(tape.Get());
  for (CensusRow& row : report.census) {
    row.outcome = tape.GetText();
    row.ending = static_cast<Ending>(tape.Get());
    row.runs = static_cast<std::int64_t>(tape.Get());
    row.schedule = tape.GetText();
    row.preemptions = static_cast<int>(tape.Get());
    row.length = static_cast<int>(tape.Get());
  }
  report.races.resize(tape.Get());
  for (Race& race : report.races) {
    race.object = tape.GetText();
    race.first_thread = tape.GetText();
    race.second_thread = tape.GetText();
    race.first_writes = tape.Get() != 0;
    race.second_writes = tape.Get() != 0;
    race.first_frees = tape.Get() != 0;
    race.second_frees = tape.Get() != 0;
    race.first = GetLine(tape);
    race.second = GetLine(tape);
  }
  report.runs = static_cast<std::int64_t>(tape.Get());
  report.cut_spins = tape.Get() != 0;
  report.cut_stale = tape.Get() != 0;
  report.interrupted = tape.Get() != 0;
  report.stopped_by = tape.GetText();
  report.nondeterminism = tape.GetText();
  report.elapsed = std::chrono::nanoseconds(static_cast<std::int64_t>(tape.Get()));
  return report;
}

void Merge(ExploreReport& whole, const ExploreReport& part) {
  for (const CensusRow& row : part.census) {
    auto known =
        std::find_if(whole.census.begin(), whole.census.end(), [&](const CensusRow& other) {
          return other.ending == row.ending && other.outcome == row.outcome;
        });
    if (known == whole.census.end()) {
      whole.census.push_back(row);
      continue;
    }
    const std::int64_t runs = known->runs + row.runs;
    const auto size = [](const CensusRow& r) { return std::pair(r.preemptions, r.length); };
    if (size(row) < size(*known)) *known = row;
    known->runs = runs;
  }
  for (const Race& race : part.races) {
    bool known = std::any_of(whole.races.begin(), whole.races.end(),
                             [&](const Race& other) { return other.Text() == race.Text(); });
    if (!known) whole.races.push_back(race);
  }
  whole.runs += part.runs;
  whole.cut_spins |= part.cut_spins;
  whole.cut_stale |= part.cut_stale;
  whole.interrupted |= part.interrupted;
  if (whole.nondeterminism.empty()) whole.nondeterminism = part.nondeterminism;
  whole.elapsed = std::max(whole.elapsed, part.elapsed);
}

struct Job {
  Tape tape;
  std::int64_t runs = 0;
  pid_t process = 0;
};

}  // namespace

ExploreReport ExploreInJobs(const Body& body, const ExploreOptions& options, int jobs) {
  const bool can_be_divided =
      options.strategy == Strategy::kRandom || options.strategy == Strategy::kPct;
  if (jobs == 0) jobs = static_cast<int>(std::thread::hardware_concurrency());
  jobs = static_cast<int>(std::min<std::int64_t>(jobs, options.max_runs / kLeastRuns));
  if (!can_be_divided || jobs < 2) return Explore(body, options);

  std::signal(SIGINT, SIG_IGN);  // each job ends by it and tells what it has
  std::vector<std::unique_ptr<Job>> all;
  // Two neighbouring runs differ in kind, so each block begins with an even number.
  const auto begin = [&](int j) {
    return j == jobs ? options.max_runs : options.max_runs * j / jobs / 2 * 2;
  };
  for (int j = 0; j < jobs; ++j) {
    auto job = std::make_unique<Job>();
    job->runs = begin(j + 1) - begin(j);
    job->process = engine::ForkChild([&] {
      ExploreOptions part = options;
      part.seed += static_cast<std::uint64_t>(begin(j)) * engine::RandomNumbers::kStep;
      part.max_runs = job->runs;
      Put(job->tape, Explore(body, part));
    });
    all.push_back(std::move(job));
  }

  ExploreReport report;
  for (const std::unique_ptr<Job>& job : all) {
    const engine::ChildEnd end =
        engine::WaitForChild(job->process, options.max_time + std::chrono::minutes(10));
    job->tape.Rewind();
    if (job->tape.AtEnd()) {
      throw std::runtime_error("one of the jobs was lost: " + end.Text(options.max_time));
    }
    const ExploreReport part = GetReport(job->tape);
    if (part.runs < job->runs) report.stopped_by = part.stopped_by;
    Merge(report, part);
  }
  if (report.stopped_by.empty()) report.stopped_by = std::to_string(report.runs) + " runs";
  std::stable_sort(report.census.begin(), report.census.end(),
                   [](const CensusRow& a, const CensusRow& b) { return a.runs > b.runs; });
  return report;
}

}  // namespace interleave::tool
