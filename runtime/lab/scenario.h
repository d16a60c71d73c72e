// runtime/lab/scenario.h
//
// A scenario is one program of a lab: a body of plain standard C++, and what a reader should see
// of it. The lab's main lists its scenarios; the flags choose among them.
//
//   lab.Scenario("unlocked", Unlocked)
//       .Says("two std::threads run  counter = counter + 1;")
//       .Outcome("counter 1", "counter is 1, two increments ran: one update is lost.")
//       .Outcome("counter 2", "counter is 2: this time nothing is lost.")
//       .Schedule("1.2.1")
//       .Watches("counter")
//       .ShowsSteps()
//       .ShowsCensus()
//       .ShowsRaces();
//
// The declared outcomes are also the test: a run that ends in any other way, or in a race without
// ShowsRaces(), makes the lab exit with 1. A deadlock that is the lesson is .Outcome("deadlock").
#ifndef INTERLEAVE_RUNTIME_LAB_SCENARIO_H_
#define INTERLEAVE_RUNTIME_LAB_SCENARIO_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "runtime/engine/explore.h"

namespace interleave {

// An outcome that is part of the lesson, and the sentence that goes with it.
struct ExpectedOutcome {
  std::string outcome;
  std::string sentence;
};

// What the lab knows of a scenario. Filled by the methods of Scenario, read by runtime/lab.
struct ScenarioPlan {
  std::string name;
  Body body;
  std::vector<std::string> ids;           // of the articles: "S2.07"; aliases of the name
  std::string says;                       // one line beside the name
  std::vector<ExpectedOutcome> outcomes;  // empty: whatever the body returns
  std::string schedule;                   // "" is round robin
  std::string shown_outcome;              // the run to show is the simplest that ends so
  std::string watched;                    // the variable in the step table's value column
  std::string census_strategy;            // as --explore= has it
  std::chrono::nanoseconds start{0};      // of the clock, since 1970
  std::chrono::nanoseconds takes{0};
  int cores = 2;
  bool by_priority = false;
  MemoryMode memory = MemoryMode::kSc;
  std::int64_t step_budget = ExploreOptions{}.step_budget;
  bool in_lesson = true;
  bool in_all = true;
  bool shows_steps = false;
  bool shows_census = false;
  bool shows_races = false;
  bool shows_timeline = false;
  bool shows_sequence = false;
  std::vector<std::string> hidden_threads;
  bool leaves_threads = false;
  bool permutes_tasks = false;
};

class Scenario {
 public:
  Scenario(std::string name, Body body);

  // The article's id. `--scenario=S2.07` then prints the program's own output alone on stdout.
  Scenario& Id(std::string id);

  Scenario& Says(std::string sentence);

  // An outcome that the lesson expects: what the body returns, or the engine's "deadlock",
  // "livelock", "uncaught ...". `sentence` tells a reader what it means.
  Scenario& Outcome(std::string outcome, std::string sentence = "");
  Scenario& Outcomes(const std::vector<std::string>& outcomes);

  // The run to show. A schedule without its `@` places gets those that a short exploration finds,
  // so that no line number stands in the lab; an outcome gets the simplest schedule to it.
  Scenario& Schedule(std::string schedule);
  Scenario& ShowsOutcome(std::string outcome);

  // The clock at the beginning, UTC: "20:28:15" or "2021-07-21 20:28:15".
  // Throws std::invalid_argument.
  Scenario& StartsAt(const std::string& time);

  // How long it takes by the clock, if over a second: the watchdog of --real allows 5 s more. A
  // simulation that takes longer than this is reported.
  Scenario& Takes(std::chrono::nanoseconds duration);

  // Virtual cores for Compute (compute.h).
  Scenario& Cores(int cores);

  // Threads with priorities (SetThreadPriority), as a real-time system has them: of those that can
  // go on, only the most urgent do, and Compute keeps a core only until somebody more urgent wants
  // it. With --real all threads share the first Cores() processors; there it takes a privilege, and
  // the lab says so where that is missing.
  Scenario& ByPriority();

  // What its atomic loads may read, where nobody says --memory.
  Scenario& Memory(MemoryMode mode);

  // A run of more steps than this is a livelock. For every run of the scenario, so that a schedule
  // that was found by exploring leads to the same end when it is replayed.
  Scenario& StepBudget(std::int64_t steps);

  // The variable whose value stands beside the steps, when they are shown.
  Scenario& Watches(std::string variable);
  Scenario& ShowsSteps();
  Scenario& ShowsCensus(std::string strategy = "all");  // or "random:1000"
  Scenario& ShowsRaces();                               // a data race is the lesson
  Scenario& ShowsTimeline();
  Scenario& ShowsSequence();  // of the messages that the program notes (message.h)

  // A thread that is not part of the lesson, such as a server's, has no lane in the timeline.
  Scenario& Hides(std::string thread);

  // That threads still run when the body returns is the lesson. In a program they would be cut off.
  Scenario& LeavesThreadsRunning();

  // Which of the event loop's ready tasks goes next is a choice of the schedule, so that a census
  // has all their orders. Otherwise, and on real threads, it is the one that was ready first.
  Scenario& PermutesTasks();

  // Not part of the lesson: runs with --scenario=NAME and --scenario=all.
  Scenario& OnRequest();

  // Runs with --scenario=NAME alone, so that it is in no golden: what it shows is not the same
  // with every compiler or library.
  Scenario& OnlyByName();

  const ScenarioPlan& plan() const { return plan_; }

 private:
  ScenarioPlan plan_;
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_LAB_SCENARIO_H_
