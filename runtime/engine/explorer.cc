// Many runs: the census of outcomes.
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "runtime/engine/catch_interrupt.h"
#include "runtime/engine/columns.h"
#include "runtime/engine/descriptors.h"
#include "runtime/engine/explore.h"
#include "runtime/engine/forked_run.h"
#include "runtime/engine/lock_order.h"
#include "runtime/engine/memory_model.h"
#include "runtime/engine/minimise.h"
#include "runtime/engine/outcomes.h"
#include "runtime/engine/output.h"
#include "runtime/engine/phases.h"
#include "runtime/engine/places.h"
#include "runtime/engine/races.h"
#include "runtime/engine/run.h"
#include "runtime/engine/schedule.h"

namespace interleave {
namespace {

using namespace engine;
using RealClock = std::chrono::steady_clock;

// For all outcomes together.
constexpr std::int64_t kFewestMinimisingRuns = 2'000;  // or as many as were made before
constexpr std::int64_t kMinimisingRuns = 10'000;
constexpr std::int64_t kMinimisingForkedRuns = 1'000;
constexpr std::int64_t kMinimisingSteps = 5'000'000;

constexpr std::size_t kMostInversions = 20;

// Bytes. More makes each fork slower: it copies the page tables.
constexpr std::size_t kMayBeLeft = 64 << 20;

std::size_t Allocated() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

// Rows of a census, without their text.
struct Found {
  Outcomes outcomes;
  std::vector<std::uintptr_t> points;  // that schedules depend on
};

class Exploration {
 public:
  Exploration(const Body& body, const ExploreOptions& options)
      : body_(body),
        options_(options),
        started_(RealClock::now()),
        interrupt_(options.stop_on_interrupt),
        beginning_(ParseSchedule(options.beginning)) {}

  ExploreReport Go() {
    output.keep = false;
    descriptors.partial_io = options_.partial_io;
    scheduler.by_priority = options_.by_priority;
    SetMemoryMode(options_.memory);
    if (options_.beginning.empty()) {
      places.Clear(nullptr);
    } else {
      places.Clear([&](std::uintptr_t place) { return IsNamed(beginning_.places, place); });
    }
    FindPlaces();
    while (!Pass()) {
    }
    earlier_.Add(current_);
    if (report_.nondeterminism.empty()) MinimiseEach();
    if (report_.nondeterminism.empty()) ReplayEach();
    NameInversions();
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
    Begin();
    Phases phases(options_);
    int group = 0;
    for (;;) {
      Phase phase = phases.Next();
      if (!beginning_.choices.empty() && phase.strategy != nullptr) {
        phase.strategy = MakeAfter(beginning_.choices, std::move(phase.strategy));
      }
      if (phase.strategy == nullptr || !report_.stopped_by.empty()) return true;
      if (UsedUp(phase, RealClock::now())) continue;
      if (phase.group != group) {
        group = phase.group;
        earlier_.Add(current_);
        current_.Clear();
      }
      if (!RunPhase(phase)) {
        KeepForLater();
        return false;
      }
      if (report_.complete || !report_.nondeterminism.empty()) return true;
    }
  }

  void Begin() {
    report_.runs = 0;
    report_.phases.clear();
    earlier_.Clear();
    current_.Clear();
    inverted_.clear();
    lock_order.Clear();
    points_ = places.Points();
  }

  // Outcomes that may not be seen again in what is left of the time. Their schedules hold as long
  // as the points are those that they were found with.
  void KeepForLater() {
    earlier_.Add(current_);
    if (!earlier_.All().empty()) void_.push_back({std::move(earlier_), points_});
  }

  // False: as Pass.
  bool RunPhase(Phase& phase) {
    if (forked_runs_ != nullptr) forked_runs_->ForgetAhead();
    const RealClock::time_point phase_started = RealClock::now();
    ExplorePhase& told = report_.phases.emplace_back();
    told.name = phase.name;
    for (;;) {
      if (!phase.strategy->Begin()) {
        told.ended = true;
        report_.complete = phase.strategy->RanAll();
        if (report_.complete && phase.group > 0) earlier_.Clear();
        return true;
      }
      if (Over() || UsedUp(phase, phase_started)) return true;
      const Scheduler::Result& result = Run(*phase.strategy, /*ahead=*/!options_.fork_runs);
      const bool counts = phase.strategy->End();
      if (places.TakeGrown()) return false;
      report_.nondeterminism = phase.strategy->Complaint();
      if (!report_.nondeterminism.empty()) return true;
      if (!counts) {
        ++told.redundant;
        continue;
      }
      if (lock_order.IsNew() && inverted_.size() < kMostInversions) {
        inverted_.push_back(scheduler.Path());
      }
      ++told.runs;
      ++report_.runs;
      current_.Count(result.ending, result.outcome, scheduler.Path(), scheduler.Preemptions());
      if (options_.stop_when && options_.stop_when(result.ending, result.outcome)) {
        report_.stopped_by = "what was looked for";
      }
    }
  }

  // A forked child may make runs `ahead` only where each does not need a process of its own.
  const Scheduler::Result& Run(engine::Strategy& strategy, bool ahead = false) {
    ++spent_runs_;
    const Time start = options_.start.count();
    if (!forks_) {
      const auto& result = session_.Run(body_, strategy, start, options_.step_budget);
      if (result.ending != Ending::kReturned) forks_ = HasLeftTooMuch();
      return result;
    }
    if (forked_runs_ == nullptr) forked_runs_ = std::make_unique<ForkedRuns>();
    const auto run = ahead ? &ForkedRuns::RunNext : &ForkedRuns::Run;
    return (*forked_runs_.*run)(session_, body_, strategy, start, options_.step_budget,
                                options_.fork_limit);
  }

  // A run that was given up leaves behind what its stacks owned. When that has become much, further
  // runs have processes of their own to leave it in.
  bool HasLeftTooMuch() {
    if (++given_up_ % 256 != 0) return false;
    return Allocated() > allocated_at_first_ + kMayBeLeft;
  }

  // A part of the whole is over; the whole may not be.
  bool UsedUp(const Phase& phase, RealClock::time_point phase_started) {
    if (phase.share == 1) return false;
    if (static_cast<double>(spent_runs_) >= phase.share * static_cast<double>(options_.max_runs)) {
      return true;
    }
    if (spent_runs_ % 64 != 0 && !forks_) return false;
    RealClock::time_point now = RealClock::now();
    return now - phase_started >= phase.at_most ||
           std::chrono::duration<double>(now - started_) >=
               phase.share * std::chrono::duration<double>(options_.max_time);
  }

  bool Over() {
    if (!report_.stopped_by.empty()) return true;
    bool chooses = options_.strategy == interleave::Strategy::kAuto;
    std::int64_t runs = chooses ? spent_runs_ : report_.runs;
    if (interrupt_.Came()) {
      report_.interrupted = true;
      report_.stopped_by = "Ctrl-C";
    } else if (runs >= options_.max_runs) {
      report_.stopped_by = std::to_string(options_.max_runs) + " runs";
    } else if (++asked_ % 64 == 0 || forks_) {
      // Reading the clock takes as long as a small part of a run that is not forked.
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
    const std::size_t outcomes = earlier_.All().size() + current_.All().size();
    std::fprintf(stderr, "%s, %s, %.0f s\n", Counted(report_.runs, "run").c_str(),
                 Counted(static_cast<std::int64_t>(outcomes), "outcome").c_str(),
                 std::chrono::duration<double>(elapsed).count());
    next_progress_ = elapsed + std::chrono::seconds(1);
  }

  std::int64_t MinimisingRuns() const {
    if (forks_) return kMinimisingForkedRuns;
    return std::clamp(report_.runs, kFewestMinimisingRuns, kMinimisingRuns);
  }

  // The runs of all schedules had the best ones among them; so had those of few preemptions.
  void MinimiseEach() {
    const bool all = report_.complete && report_.phases.back().name != "distinct";
    const bool few = options_.strategy == interleave::Strategy::kPreemptions;
    if (earlier_.All().empty() || all || few || interrupt_.Came()) return;
    // With a beginning, there may be simpler ones that begin otherwise.
    if (!options_.minimise || !beginning_.choices.empty()) return;
    places.Freeze(true);
    const auto share = static_cast<std::int64_t>(earlier_.All().size());
    const auto run = [this](Guided& guided) {
      guided.Begin();
      const Scheduler::Result& result = Run(guided);
      return Attempt{result.ending,           result.outcome,    scheduler.Path(),
                     scheduler.Preemptions(), scheduler.Steps(), guided.TakeMade()};
    };
    const Outcomes best = WithFewPreemptions();
    Outcomes minimised;
    for (const Outcome& outcome : best.All()) {
      Attempt attempt{outcome.ending, outcome.text, outcome.path, outcome.preemptions, 0, {}};
      Minimise(attempt, run, MinimisingRuns() / share + 1, kMinimisingSteps / share + 1);
      minimised.Set(
          {outcome.text, outcome.ending, outcome.runs, attempt.path, attempt.preemptions});
    }
    earlier_ = std::move(minimised);
    places.Freeze(false);
  }

  // The outcomes so far, with the best schedules among those of 0, 1, 2 ... preemptions, as many as
  // there is patience for. In a small program that is all that are needed.
  Outcomes WithFewPreemptions() {
    Outcomes best = earlier_;
    std::int64_t runs = MinimisingRuns(), steps = kMinimisingSteps;
    const auto enough = [&](int bound) {
      return std::all_of(best.All().begin(), best.All().end(),
                         [&](const Outcome& one) { return one.preemptions <= bound; });
    };
    for (int bound = 0; !enough(bound); ++bound) {
      std::unique_ptr<engine::Strategy> strategy = MakePreemptions(bound);
      while (strategy->Begin()) {
        if (runs-- == 0 || steps < 0 || !strategy->Complaint().empty()) return best;
        const Scheduler::Result& result = Run(*strategy);
        strategy->End();
        steps -= scheduler.Steps();
        best.Improve(result.ending, result.outcome, scheduler.Path(), scheduler.Preemptions());
      }
    }
    return best;
  }

  // Each outcome's schedule must lead there once more; otherwise it is worth nothing.
  void ReplayEach() {
    for (const Outcome& outcome : earlier_.All()) {
      std::unique_ptr<engine::Strategy> replay = MakeReplay(outcome.path);
      replay->Begin();
      const Scheduler::Result& result = Run(*replay);
      replay->End();
      if (!replay->Complaint().empty() || result.outcome != outcome.text) {
        report_.nondeterminism =
            "the schedule of \"" + outcome.text + "\" led to \"" + result.outcome +
            "\" when it was run again: something besides the schedule decides what this program "
            "does";
        return;
      }
    }
  }

  // Finding the names and lines takes too long to do it in every run.
  void NameInversions() {
    const std::vector<Outcome>& all = earlier_.All();
    const auto is_deadlock = [](const Outcome& one) { return one.ending == Ending::kDeadlock; };
    if (report_.complete && std::none_of(all.begin(), all.end(), is_deadlock)) return;
    lock_order.detailed = true;
    for (const Path& path : inverted_) {
      std::unique_ptr<engine::Strategy> replay = MakeReplay(path);
      replay->Begin();
      Run(*replay);
    }
    report_.lock_inversions = lock_order.Found();
  }

  void Fill() {
    AddRows(earlier_, places.Points());
    if (!report_.complete) {
      for (auto found = void_.rbegin(); found != void_.rend(); ++found) {
        AddRows(found->outcomes, found->points);
      }
    }
    if (!report_.complete && report_.stopped_by.empty()) report_.stopped_by = TheEndOfThePhases();
    std::stable_sort(report_.census.begin(), report_.census.end(),
                     [](const CensusRow& a, const CensusRow& b) { return a.runs > b.runs; });
    report_.races = races.Distinct();
    report_.cut_spins = scheduler.CutSpins();
    report_.cut_stale = memory_model != nullptr && memory_model->cut_stale;
    report_.interrupted = interrupt_.Came();
    report_.elapsed = RealClock::now() - started_;
  }

  std::string TheEndOfThePhases() const {
    switch (options_.strategy) {
      case interleave::Strategy::kPreemptions:
        return "the bound of " + std::to_string(options_.bound) + " preemptions";
      case interleave::Strategy::kDelays:
        return "the bound of " + std::to_string(options_.bound) + " delays";
      default:
        return std::to_string(report_.runs) + " runs";
    }
  }

  // Those that are not there yet.
  void AddRows(const Outcomes& outcomes, const std::vector<std::uintptr_t>& points) {
    std::vector<PlaceName> names = NamePlaces(points);
    for (const Outcome& outcome : outcomes.All()) {
      bool known = std::any_of(report_.census.begin(), report_.census.end(), [&](const auto& row) {
        return row.ending == outcome.ending && row.outcome == outcome.text;
      });
      if (known) continue;
      report_.census.push_back({outcome.text, outcome.ending, outcome.runs,
                                ToText({outcome.path, names}), outcome.preemptions,
                                static_cast<int>(outcome.path.size())});
    }
  }

  Session session_;
  std::unique_ptr<ForkedRuns> forked_runs_;
  const Body& body_;
  const ExploreOptions& options_;
  const RealClock::time_point started_;
  const CatchInterrupt interrupt_;
  const Schedule beginning_;
  RealClock::duration next_progress_ = std::chrono::seconds(1);
  std::int64_t asked_ = 0;
  std::int64_t spent_runs_ = 0;  // also those that were not counted
  std::int64_t given_up_ = 0;
  const std::size_t allocated_at_first_ = Allocated();
  bool forks_ = options_.fork_runs;

  Outcomes current_, earlier_;          // of this group of phases, and of those before it
  std::vector<std::uintptr_t> points_;  // when this pass began
  std::vector<Found> void_;             // by passes that were begun anew
  std::vector<Path> inverted_;          // of runs with a lock-order inversion
  ExploreReport report_;
};

}  // namespace

ExploreReport Explore(const Body& body, const ExploreOptions& options) {
  return Exploration(body, options).Go();
}

}  // namespace interleave
