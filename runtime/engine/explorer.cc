// Many runs: the census of outcomes.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>

#include "runtime/engine/explore.h"
#include "runtime/engine/minimise.h"
#include "runtime/engine/output.h"
#include "runtime/engine/places.h"
#include "runtime/engine/races.h"
#include "runtime/engine/run.h"
#include "runtime/engine/schedule.h"

namespace interleave {
namespace {

using namespace engine;
using RealClock = std::chrono::steady_clock;

// For all outcomes together.
constexpr std::int64_t kMinimisingRuns = 20'000;
constexpr std::int64_t kMinimisingSteps = 10'000'000;

volatile std::sig_atomic_t interrupted = 0;
void OnInterrupt(int) { interrupted = 1; }

// Ctrl-C ends the exploration instead of the process, if asked to.
class CatchInterrupt {
 public:
  explicit CatchInterrupt(bool wanted) : wanted_(wanted) {
    interrupted = 0;
    if (!wanted_) return;
    struct sigaction action = {};
    action.sa_handler = OnInterrupt;
    sigaction(SIGINT, &action, &before_);
  }
  ~CatchInterrupt() {
    if (wanted_) sigaction(SIGINT, &before_, nullptr);
  }

 private:
  bool wanted_;
  struct sigaction before_;
};

// One outcome so far.
struct Row {
  std::string outcome;
  Ending ending;
  std::int64_t runs = 0;
  std::vector<std::uint32_t> path;  // the best one
  int preemptions = 0;
};

class Exploration {
 public:
  Exploration(const Body& body, const ExploreOptions& options)
      : body_(body), options_(options), started_(RealClock::now()) {}

  ExploreReport Go() {
    CatchInterrupt catch_interrupt(options_.stop_on_interrupt);
    output.keep = false;
    places.Clear(nullptr);
    FindPlaces();
    while (!Pass()) {
    }
    MinimiseEach();
    if (report_.nondeterminism.empty()) ReplayEach();
    Fill();
    return std::move(report_);
  }

 private:
  // Most scheduling points turn up in the first few runs. Finding them before the count begins
  // saves counting twice.
  void FindPlaces() {
    std::unique_ptr<engine::Strategy> round_robin = MakeRoundRobin();
    do {
      Run(*round_robin);
    } while (places.TakeGrown());
    for (bool grown = true; grown && !Over();) {
      std::unique_ptr<engine::Strategy> random = MakeRandom(options_.seed, 20);
      grown = false;
      while (random->Begin() && !Over()) {
        Run(*random);
        grown |= places.TakeGrown();
      }
    }
  }

  // Counts from the beginning. False: a run found another scheduling point, so what was counted is
  // not all there is.
  bool Pass() {
    rows_.clear();
    report_.runs = 0;
    std::unique_ptr<engine::Strategy> strategy = MakeStrategy();
    for (;;) {
      if (!strategy->Begin()) {
        report_.complete = options_.strategy == interleave::Strategy::kAll;
        if (!report_.complete) report_.stopped_by = std::to_string(report_.runs) + " runs";
        return true;
      }
      if (Over()) return true;
      const Scheduler::Result& result = Run(*strategy);
      if (places.TakeGrown()) return false;
      report_.nondeterminism = strategy->Complaint();
      if (!report_.nondeterminism.empty()) return true;
      Count(result);
    }
  }

  std::unique_ptr<engine::Strategy> MakeStrategy() const {
    switch (options_.strategy) {
      case interleave::Strategy::kRandom:
        return MakeRandom(options_.seed, options_.max_runs);
      case interleave::Strategy::kRoundRobin:
        return MakeRoundRobin();
      case interleave::Strategy::kAll:
        break;
    }
    return MakeAll();
  }

  const Scheduler::Result& Run(engine::Strategy& strategy) {
    return session_.Run(body_, strategy, options_.start.count(), options_.step_budget);
  }

  void Count(const Scheduler::Result& result) {
    ++report_.runs;
    Row& row = RowOf(result);
    ++row.runs;
    const std::vector<std::uint32_t>& path = scheduler.Path();
    if (row.runs == 1 || scheduler.Preemptions() < row.preemptions ||
        (scheduler.Preemptions() == row.preemptions && path.size() < row.path.size())) {
      row.path = path;
      row.preemptions = scheduler.Preemptions();
    }
  }

  Row& RowOf(const Scheduler::Result& result) {
    for (Row& row : rows_) {
      if (row.ending == result.ending && row.outcome == result.outcome) return row;
    }
    rows_.push_back({result.outcome, result.ending, 0, {}, 0});
    return rows_.back();
  }

  bool Over() {
    if (interrupted) {
      report_.interrupted = true;
      report_.stopped_by = "Ctrl-C";
    } else if (report_.runs >= options_.max_runs) {
      report_.stopped_by = std::to_string(report_.runs) + " runs";
    } else if (++asked_ % 64 == 0) {  // reading the clock takes as long as a small part of a run
      RealClock::duration elapsed = RealClock::now() - started_;
      if (elapsed >= options_.max_time) {
        auto seconds = std::chrono::duration<double>(options_.max_time).count();
        char text[32];
        std::snprintf(text, sizeof text, "%g s", seconds);
        report_.stopped_by = text;
      }
      Progress(elapsed);
    }
    return !report_.stopped_by.empty();
  }

  void Progress(RealClock::duration elapsed) {
    if (!options_.progress || elapsed < next_progress_) return;
    std::fprintf(stderr, "%lld runs, %zu outcomes, %.0f s\n", static_cast<long long>(report_.runs),
                 rows_.size(), std::chrono::duration<double>(elapsed).count());
    next_progress_ = elapsed + std::chrono::seconds(1);
  }

  // The runs of all schedules had the best ones among them.
  void MinimiseEach() {
    if (rows_.empty() || report_.complete || interrupted) return;
    if (!report_.nondeterminism.empty()) return;
    races.on = false;  // what is a scheduling point stays as it is
    for (Row& row : rows_) {
      Attempt best{row.ending, row.outcome, row.path, row.preemptions, 0, {}};
      const auto run = [this](Guided& guided) {
        guided.Begin();
        const Scheduler::Result& result = Run(guided);
        return Attempt{result.ending,           result.outcome,    scheduler.Path(),
                       scheduler.Preemptions(), scheduler.Steps(), guided.TakeMade()};
      };
      Minimise(best, run, kMinimisingRuns / static_cast<std::int64_t>(rows_.size()) + 1,
               kMinimisingSteps / static_cast<std::int64_t>(rows_.size()) + 1);
      row.path = std::move(best.path);
      row.preemptions = best.preemptions;
    }
    races.on = true;
  }

  // Each outcome's schedule must lead there once more; otherwise it is worth nothing.
  void ReplayEach() {
    for (const Row& row : rows_) {
      std::unique_ptr<engine::Strategy> replay = MakeReplay(row.path);
      replay->Begin();
      const Scheduler::Result& result = Run(*replay);
      if (!replay->Complaint().empty() || result.outcome != row.outcome) {
        report_.nondeterminism =
            "the schedule of \"" + row.outcome + "\" led to \"" + result.outcome +
            "\" when it was run again: something besides the schedule decides what this program "
            "does";
        return;
      }
    }
  }

  void Fill() {
    std::vector<PlaceName> points = NamePlaces(places.Points());
    std::stable_sort(rows_.begin(), rows_.end(),
                     [](const Row& a, const Row& b) { return a.runs > b.runs; });
    for (const Row& row : rows_) {
      report_.census.push_back({row.outcome, row.ending, row.runs, ToText({row.path, points}),
                                row.preemptions, static_cast<int>(row.path.size())});
    }
    report_.races = races.Found();
    report_.cut_spins = scheduler.CutSpins();
    report_.interrupted = interrupted != 0;
    report_.elapsed = RealClock::now() - started_;
  }

  Session session_;
  const Body& body_;
  const ExploreOptions& options_;
  const RealClock::time_point started_;
  RealClock::duration next_progress_ = std::chrono::seconds(1);
  std::int64_t asked_ = 0;
  std::vector<Row> rows_;
  ExploreReport report_;
};

}  // namespace

ExploreReport Explore(const Body& body, const ExploreOptions& options) {
  return Exploration(body, options).Go();
}

}  // namespace interleave
