// Lab 34: await graph
//
// Who waits for whom, right now?
//
// A program that hangs says nothing. With threads a debugger shows a stack for each; tasks have
// none while they wait, and all that a debugger finds is a loop asleep. But the loop knows its
// tasks, a task knows its coroutines and the line where each of them stands, and who it waits for.
// Ps prints that as a tree: below a task stand those that it waits for, and at the end of each line
// what the innermost coroutine is waiting for. The culprit is rarely at the top.
//
// Run it:     bazel run //labs:34_await_graph
//
// Notice:     Read stuck from its leaves. The waiter waits for two dishes. The steak waits for the
//             stove, which the soup has; the soup for the kettle, the kettle for an event, the
//             water. Who would turn that on is in no line: the plumber has gone home. In serves the
//             kettle is a line further at the second look, and sleeps: it goes on by itself.
//
//             On real threads Ctrl-\ asks any lab the same question from outside:
//             bazel run //labs:34_await_graph -- --real --scenario=open_all_day
//
// Try:        The same, and Ctrl-\ a few times; Ctrl-C ends it
//             Give the soup a limit: WaitFor(MakeSoup(), 10s). Who is told, and what does Ps say?
//             Let soup and steak wait for each other, too: the ring is reported.
//
// Next:       35_process_pool
#include <chrono>
#include <string>

#include "runtime/async/async_event.h"
#include "runtime/async/async_mutex.h"
#include "runtime/async/gather.h"
#include "runtime/async/ps.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"

namespace {

using interleave::AsyncEvent;
using interleave::AsyncMutex;
using interleave::AsyncMutexLock;
using interleave::EventLoop;
using interleave::Gather;
using interleave::Log;
using interleave::SleepFor;
using interleave::Spawn;
using interleave::Task;
using interleave::TaskHandle;
using namespace std::chrono_literals;

struct Kitchen {
  AsyncEvent water;
  AsyncMutex stove;
};

Task<void> BoilKettle(Kitchen& kitchen) {
  co_await kitchen.water.Wait();
  co_await SleepFor(1s);
}

Task<void> MakeSoup(Kitchen& kitchen) {
  AsyncMutexLock stove = co_await kitchen.stove.ScopedLock();
  co_await BoilKettle(kitchen);
}

Task<void> FrySteak(Kitchen& kitchen) {
  AsyncMutexLock stove = co_await kitchen.stove.ScopedLock();
  co_await SleepFor(2s);
}

Task<void> RepairsOnly(Kitchen&) {
  co_await SleepFor(1s);
  Log("plumber: the tap is repaired");
}

Task<void> RepairsAndTurnsOn(Kitchen& kitchen) {
  co_await SleepFor(1s);
  Log("plumber: the tap is repaired");
  kitchen.water.Set();
}

using Plumber = Task<void>(Kitchen&);

Task<void> Serve(Kitchen& kitchen) {
  TaskHandle<void> soup = Spawn(MakeSoup(kitchen), "soup");
  TaskHandle<void> steak = Spawn(FrySteak(kitchen), "steak");
  co_await Gather(soup, steak);
  Log("waiter: the guests have their dinner");
}

Task<std::string> Evening(Kitchen& kitchen, Plumber* plumber) {
  TaskHandle<void> waiter = Spawn(Serve(kitchen), "waiter");
  TaskHandle<void> repairs = Spawn(plumber(kitchen), "plumber");
  for (int look = 0; look < 2; ++look) {
    co_await SleepFor(look == 0 ? 500ms : 1s);
    Log("who waits for whom?");
    std::string tasks = interleave::Ps(EventLoop::Current());
    tasks.pop_back();  // Print ends the line itself
    interleave::Print(tasks);
  }
  co_await SleepFor(10s);
  co_return waiter.done() ? "dinner is served" : "nobody ate";
}

std::string Open(Plumber* plumber) {
  Kitchen kitchen;
  return interleave::Run(Evening(kitchen, plumber));
}

std::string Stuck() { return Open(RepairsOnly); }
std::string Serves() { return Open(RepairsAndTurnsOn); }

Task<void> AllDay(Kitchen& kitchen) {
  for (int guests = 0; guests < 100; ++guests) co_await Serve(kitchen);
}

std::string OpenAllDay() {
  Kitchen kitchen;
  kitchen.water.Set();
  interleave::Run(AllDay(kitchen));
  return "a hundred dinners";
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("34_await_graph", "Await graph: who waits for whom, right now?");
  lab.Scenario("stuck", Stuck)
      .Says("a dinner that does not come; the loop is asked after 0.5 s and after 1.5 s")
      .Outcome("nobody ate", "All wait for the water, and nobody is left who would turn it on.")
      .Takes(12s);
  lab.Scenario("serves", Serves)
      .Says("the same, and the plumber turns the water on")
      .Outcome("dinner is served", "At 1.5 s the kettle is boiling, and the steak is next.")
      .Takes(12s);
  lab.Scenario("open_all_day", OpenAllDay)
      .OnlyByName()
      .Says("a hundred dinners, 5 minutes; with --real, Ctrl-\\ shows who waits for whom")
      .Outcome("a hundred dinners")
      .Takes(300s);
  lab.Notice(
      "A loop knows who waits for whom, and at which line. Read the tree from its leaves: the one "
      "that is missing there is the one who hangs the others.");
  lab.Try("--real --scenario=open_all_day, and Ctrl-\\; a soup with a limit of 10 s.");
  lab.Next("35_process_pool");
  return lab.Main(argc, argv);
}
