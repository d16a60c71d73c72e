// Lab 21: task
//
// How do you start something now and collect it later?
//
// co_await on a coroutine is a call: nothing else of yours goes on until it has ended. Spawn makes
// a task of it instead. A task runs on its own, at the loop's next turn and whenever it is ready,
// and what Spawn returns is a future: the claim check with which you collect the result. So the way
// to have three things done at the same time is to start all three before you await the first.
//
// Run it:     bazel run //labs:21_task
//
// Notice:     one_by_one needs 3 s and start_first 1 s, on the same thread. The three waits
// overlap;
//             nothing is computed faster.
//
//             Awaiting does not start a task, and does not have to: in start_first all three have
//             begun when main awaits the first. A task runs to its end also if nobody awaits it.
//
//             states is what a task says of itself. It is pending until it is done, and then
//             finished or cancelled. Cancelling takes a turn of the loop: the task is told at its
//             next step.
//
// Try:        --scenario=S2.04: how many tasks are there? Why is it 1 before any was created?
//             Drop the handle of the failing task in states without looking at it.
//             Leave out the three co_awaits of StartFirst. Is there breakfast? Who says so?
//
// Next:       22_gather
#include <chrono>
#include <stdexcept>
#include <string>

#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/async/task.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"

void AddArticles(interleave::Lab& lab);  // their scenarios, in 21_task_articles.cc

namespace {

using interleave::Log;
using interleave::Print;
using interleave::Run;
using interleave::SleepFor;
using interleave::Spawn;
using interleave::Task;
using interleave::TaskHandle;
using interleave::Yield;
using namespace std::chrono_literals;

std::string order;  // of what happened

Task<void> Make(std::string what) {
  Log(what + ": begins");
  order += "b";
  co_await SleepFor(1s);
  Log(what + ": ready");
  order += "r";
}

Task<void> OneByOne() {
  Task<void> bread = Make("bread");
  Task<void> butter = Make("butter");
  Task<void> jam = Make("jam");
  co_await bread;
  co_await butter;
  co_await jam;
}

Task<void> StartFirst() {
  TaskHandle<void> bread = Spawn(Make("bread"));
  TaskHandle<void> butter = Spawn(Make("butter"));
  TaskHandle<void> jam = Spawn(Make("jam"));
  co_await bread;
  co_await butter;
  co_await jam;
}

std::string Breakfast(Task<void> (*cook)()) {
  order.clear();
  Run(cook());
  return order == "brbrbr" ? "one after the other" : order == "bbbrrr" ? "all at once" : order;
}

std::string InTurn() { return Breakfast(OneByOne); }
std::string AtOnce() { return Breakfast(StartFirst); }

Task<int> Weigh(std::string what) {
  co_await SleepFor(1s);
  if (what == "nothing") throw std::invalid_argument("no flour");
  co_return static_cast<int>(what.size());
}

void Say(const std::string& when, const TaskHandle<int>& task) {
  Print(when + ":");
  Print("  " + task.Text());
}

Task<void> States() {
  TaskHandle<int> scales = Spawn(Weigh("flour"), "scales");
  Say("spawned", scales);
  co_await Yield();
  Say("it waits", scales);
  TaskHandle<int> empty = Spawn(Weigh("nothing"), "empty");
  TaskHandle<int> third = Spawn(Weigh("salt"));  // the loop's third task: main is the first
  co_await Yield();
  third.Cancel();
  Say("told to end", third);
  co_await SleepFor(2s);
  Say("ended", third);
  Say("ended well", scales);
  Say("ended badly", empty);
  empty.Exception();  // we have looked, so nobody reports it
}

std::string PrintStates() {
  Run(States());
  return "pending, cancelling, cancelled, finished";
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("21_task", "Task: how do you start something now and collect it later?");
  lab.Scenario("one_by_one", InTurn)
      .Says("three coroutines, made first and awaited in turn: 3 s")
      .Outcome("one after the other", "A coroutine that was made and not spawned has not begun.")
      .Takes(3s);
  lab.Scenario("start_first", AtOnce)
      .Says("the same three, spawned: 1 s")
      .Outcome("all at once", "All three had begun before the first was awaited.")
      .Takes(1s);
  lab.Scenario("states", PrintStates)
      .Says("what a task says of itself, from its first turn to its end")
      .Outcome("pending, cancelling, cancelled, finished")
      .Takes(2s);
  AddArticles(lab);
  lab.Notice(
      "A task runs whether or not it is awaited. Awaiting is for collecting the result, and for "
      "hearing of the failure.");
  lab.Try("--scenario=S2.04; --scenario=S4.03; start_first without its three co_awaits.");
  lab.Next("22_gather");
  return lab.Main(argc, argv);
}
