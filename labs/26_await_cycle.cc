// Lab 26: await cycle
//
// What if tasks wait for each other?
//
// Two things look alike and are not. Two *coroutines* that await each other are a recursion: each
// call makes a new one, nobody ever waits, and what ends it is a limit. Two *tasks* that await each
// other are a deadlock: both are there, both wait, and nothing ends it. A loop knows who awaits
// whom, so it can draw the ring, and one cancellation breaks it.
//
// Run it:     bazel run //labs:26_await_cycle
//
// Notice:     recursion (26_await_cycle_recursion.cc) is what the article calls a deadlock. Here
//             the limit is set to a thousand awaits; as it comes it is ten million, for awaits use
//             memory, not the stack.
//
//             ring is the real one. It is reported in the moment in which it closes; asyncio says
//             nothing. Then nobody can run and no timer is armed: the program stands still.
//
//             Cancelling a task cancels what it waits for, and that what it waits for. In a ring
//             this comes back to the first; it stops there. (CPython follows the ring until its
//             stack is used up.) The five thousand links of long_chain are cancelled from one end.
//
//             two_locks (26_await_cycle_locks.cc) is lab 06 with tasks. A lock for tasks does not
//             know its holder, so no ring is drawn; Ps says at least who waits for what. Cures: one
//             order, or a time limit.
//
// Try:        --scenario=recursion with a limit of 10 in Recursion
//             --real --scenario=ring, and Ctrl-\ while it hangs
//             Three tasks in a ring: what is drawn?
//
// Next:       27_async_queue
#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>

#include "runtime/async/gather.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/async/task.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"

void AddRecursion(interleave::Lab& lab);       // in 26_await_cycle_recursion.cc
void AddLocksAndChains(interleave::Lab& lab);  // in 26_await_cycle_locks.cc

namespace {

using interleave::Log;
using interleave::Run;
using interleave::SleepFor;
using interleave::Spawn;
using interleave::Task;
using interleave::TaskHandle;
using namespace std::chrono_literals;

struct Couple {
  std::optional<TaskHandle<void>> alice, bob;
};

Task<void> WaitForBob(Couple& couple) { co_await *couple.bob; }
Task<void> WaitForAlice(Couple& couple) { co_await *couple.alice; }

void SpawnRing(Couple& couple) {
  couple.alice = Spawn(WaitForBob(couple), "alice");
  couple.bob = Spawn(WaitForAlice(couple), "bob");
}

Task<std::string> Ring() {
  Couple couple;
  SpawnRing(couple);
  co_await *couple.alice;
  co_return "alice has ended";
}

Task<std::string> RingCancelled() {
  Couple couple;
  SpawnRing(couple);
  co_await SleepFor(1s);
  Log("main cancels alice");
  couple.alice->Cancel();
  co_await interleave::GatherSettled(*couple.alice, *couple.bob);
  for (const TaskHandle<void>& task : {*couple.alice, *couple.bob}) {
    Log(task.name() + (task.cancelled() ? " was cancelled" : " has ended"));
  }
  const bool both = couple.alice->cancelled() && couple.bob->cancelled();
  co_return both ? "both cancelled" : "not both cancelled";
}

Task<void> WaitFor(std::optional<TaskHandle<void>>& task) { co_await *task; }

Task<std::string> Itself() {
  std::optional<TaskHandle<void>> narcissus;
  narcissus = Spawn(WaitFor(narcissus), "narcissus");
  co_await interleave::GatherSettled(*narcissus);
  try {
    narcissus->result();
    co_return "not refused";
  } catch (const std::logic_error& error) {
    co_return error.what();
  }
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("26_await_cycle", "Await cycle: what if tasks wait for each other?");
  AddRecursion(lab);
  lab.Scenario("ring", [] { return Run(Ring()); })
      .Id("S2.11")
      .Says("two tasks that await each other, and main awaits one of them")
      .Outcome("deadlock");
  lab.Scenario("ring_cancelled", [] { return Run(RingCancelled()); })
      .Says("the same, but after a second main cancels alice")
      .Outcome("both cancelled", "the cancellation went round once, and came to an end.")
      .Takes(2s);
  lab.Scenario("itself", [] { return Run(Itself()); })
      .Says("a task that awaits itself")
      .Outcome("a task cannot await itself");
  AddLocksAndChains(lab);
  lab.Notice(
      "Coroutines that await each other are a recursion, and end at a limit. Tasks that await "
      "each other are a deadlock, and end when somebody cancels one of them.");
  lab.Try("--real --scenario=ring, and Ctrl-\\ while it hangs; three tasks in a ring.");
  lab.Next("27_async_queue");
  return lab.Main(argc, argv);
}
