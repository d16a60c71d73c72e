// Lab 29, three more questions: what if cleaning up takes time, who does it for a task that has not
// begun, and what if the task is done at the same moment?
#include <chrono>
#include <string>

#include "runtime/async/async_errors.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/async/task.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"

using interleave::Log;
using interleave::Run;
using interleave::SleepFor;
using interleave::Spawn;
using interleave::Task;
using interleave::TaskCancelled;
using interleave::TaskHandle;
using namespace std::chrono_literals;

namespace {

bool server_knows;

Task<void> Stay() {
  bool cancelled = false;
  try {
    Log("hello");
    co_await SleepFor(1h);
  } catch (const TaskCancelled&) {
    cancelled = true;
  }
  Log("  says goodbye, which takes a second");
  co_await SleepFor(1s);
  server_knows = true;
  Log("  the server knows");
  if (cancelled) throw TaskCancelled();
}

// Cancels it after `patience`, and waits until it has ended.
Task<std::string> CancelStay(std::chrono::seconds patience) {
  server_knows = false;
  TaskHandle<void> task = Spawn(Stay(), "visitor");
  if (patience > 0s) co_await SleepFor(patience);
  Log("main: cancels it");
  task.Cancel();
  try {
    co_await task;
  } catch (const TaskCancelled&) {
    Log("main: it has ended, cancelled");
  }
  co_return server_knows ? "the server knows" : "the server was told nothing";
}

// ---- At the same moment ----

Task<std::string> SameMoment() {
  TaskHandle<void> meal = Spawn([]() -> Task<void> { co_await SleepFor(2s); }(), "meal");
  TaskHandle<bool> guest = Spawn(
      [](TaskHandle<void> meal) -> Task<bool> {
        co_await SleepFor(2s);
        co_return meal.Cancel();
      }(meal),
      "guest");
  const bool accepted = co_await guest;
  try {
    co_await meal;
  } catch (const TaskCancelled&) {
    co_return accepted ? "cancelled" : "cancelled, but Cancel said no";
  }
  co_return accepted ? "ready, though Cancel said yes" : "ready, too late to cancel";
}

}  // namespace

void AddGoodbye(interleave::Lab& lab) {
  lab.Scenario("goodbye", [] { return Run(CancelStay(2s)); })
      .Says("cleaning up takes a second of waiting, outside of the handler")
      .Outcome("the server knows")
      .Takes(3s);
  lab.Scenario("never_began", [] { return Run(CancelStay(0s)); })
      .OnRequest()
      .Says("the same task, cancelled before its first step")
      .Outcome("the server was told nothing",
               "none of its lines ran: not its hello, so it owes no goodbye.");
  lab.Scenario("same_moment", [] { return Run(SameMoment()); })
      .Says("a meal is ready after 2 s, and after 2 s it is cancelled: which is first?")
      .Outcomes({"cancelled", "ready, too late to cancel"})
      .Takes(2s)
      .PermutesTasks()
      .ShowsCensus();
}
