// Lab 23: blocking call
//
// What does one blocking call do to everybody else on the loop?
//
// The loop is a thread that runs one step at a time: from one co_await of a task to its next.
// Nobody takes the processor away from a step, so a step that sleeps, computes, or waits for a file
// in the usual way holds up all tasks, those that are ready and those whose time has come. Threads
// are switched by force, wherever they are; tasks switch where they say co_await, and only there.
//
// Run it:     bazel run //labs:23_blocking_call
//
// Notice:     THREE sleeps with std::this_thread::sleep_for. FOUR and FIVE were ready at 11:07:31
//             and are received at 11:07:34. The times of ONE and TWO ran out at :32 and :33; they
//             stand behind FOUR and FIVE, who were ready before them.
//
//             In the timeline a task that holds the loop is #, and all that could have gone on
//             meanwhile are dots.
//
//             The lab looks at every step, and says which task held the loop, and for how long.
//             In your own program EventLoop::SetSlowStepHandler does.
//
//             In forced the threads have six orders, and the tasks the same one in all of them. In
//             voluntary each task gives way after its first half, and any that is ready may go on:
//             that makes four, for whoever gives way lets everybody else have a turn.
//
// Try:        --scenario=S2.21: how much later is everybody?
//             Let FOUR block as well: when is ONE printed?
//             --real --scenario=computing
//
// Next:       24_offload
#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/async/gather.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/async/task.h"
#include "runtime/lab/compute.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"

void AddSwitches(interleave::Lab& lab);  // in 23_blocking_call_switches.cc

namespace {

using interleave::Log;
using interleave::SleepFor;
using interleave::Spawn;
using interleave::Task;
using interleave::TaskHandle;
using namespace std::chrono_literals;
using std::chrono::seconds;

// Broken: THREE's sleep is the loop's.
Task<void> DelayMessage(seconds delay, std::string message) {
  Log(message + " received");
  if (message == "THREE") {
    std::this_thread::sleep_for(delay);
  } else {
    co_await SleepFor(delay);
  }
  Log("Printing " + message);
}

Task<void> DelayMessageAwaited(seconds delay, std::string message) {
  Log(message + " received");
  co_await SleepFor(delay);
  Log("Printing " + message);
}

Task<std::string> FiveMessages(Task<void> (*delay_message)(seconds, std::string)) {
  Log("Main started");
  Log("Creating multiple tasks with asyncio.gather");
  std::vector<TaskHandle<void>> tasks;
  seconds delay = 0s;
  for (const char* name : {"ONE", "TWO", "THREE", "FOUR", "FIVE"}) {
    tasks.push_back(Spawn(delay_message(delay += 1s, name), name));
  }
  co_await Gather(std::move(tasks));
  Log("Main Ended");
  co_return "five messages";
}

std::string FiveMessagesTwice() {
  interleave::Run(FiveMessages(DelayMessageAwaited));
  interleave::Run(FiveMessages(DelayMessage));
  return "ten messages";
}

int beats;

Task<void> Heart() {
  for (;;) {
    co_await SleepFor(50ms);
    ++beats;
  }
}

Task<std::string> ComputeBesideAHeart() {
  beats = 0;
  TaskHandle<void> heart = Spawn(Heart(), "heart");
  co_await SleepFor(170ms);
  const int before = beats;
  interleave::Compute(700ms);
  const int during = beats - before;
  co_await SleepFor(170ms);
  heart.Cancel();
  Log("beats before " + std::to_string(before) + ", while it computed " + std::to_string(during) +
      ", after " + std::to_string(beats - before - during));
  co_return during == 0 ? "not one beat while it computed" : "it beat while it computed";
}

}  // namespace

int main(int argc, char** argv) {
  using interleave::Run;
  interleave::Lab lab("23_blocking_call", "Blocking call: what does one do to everybody else?");
  lab.Scenario("blocking", [] { return Run(FiveMessages(DelayMessage)); })
      .Id("S2.06")
      .StartsAt("11:07:31")
      .Says("lab 22's five messages, but THREE sleeps without awaiting: 8 s")
      .Outcome("five messages")
      .Takes(8s)
      .ShowsTimeline();
  lab.Scenario("awaited", [] { return Run(FiveMessages(DelayMessageAwaited)); })
      .StartsAt("11:07:31")
      .Says("the cure: THREE awaits its sleep, too: 5 s")
      .Outcome("five messages")
      .Takes(5s);
  lab.Scenario("computing", [] { return Run(ComputeBesideAHeart()); })
      .Id("S1.09")
      .Says("a heart beats on the loop every 50 ms; beside it a task computes for 700 ms")
      .Outcome("not one beat while it computed")
      .Takes(2s)
      .ShowsTimeline();
  AddSwitches(lab);
  lab.Scenario("three_seconds_more", FiveMessagesTwice)
      .Id("S2.21")
      .OnRequest()
      .Says("the five messages with every sleep awaited, 5 s, and then with THREE's blocking, 8 s")
      .Outcome("ten messages", "three seconds more: as long as THREE slept.")
      .Takes(13s);
  lab.Notice(
      "A step that does not await holds up all tasks, ready or due. Await what waits; give "
      "away what blocks or computes.");
  lab.Try("--scenario=S2.21; --real --scenario=computing; let FOUR block as well.");
  lab.Next("24_offload");
  return lab.Main(argc, argv);
}
