// Lab 25: async race
//
// No threads, and still a race?
//
// Between two awaits a task is alone: nobody else runs on its thread, so what it reads there it can
// write back. That is why programs on a loop need fewer locks. Put an await between the reading and
// the writing, and all that is ready runs in between. What was read is then what the variable was,
// and writing it back undoes what the others did. It is lab 03's lost update, and there is no data
// race to report: all of it happens on one thread, one after the other.
//
// Run it:     bazel run //labs:25_async_race
//
// Notice:     Two deposits of 50. alice's reads, asks the bank, and writes; bob's looks his account
//             up first. The loop goes first come, first served, so alice has always written when
//             bob reads: in_turn is right each time, for years. Which task is ready first depends
//             on an answer's time, a longer lookup, a newer library. The census takes every order
//             of the ready tasks: half of them lose a deposit.
//
//             Without an await in between there is nothing to lose, in any order. If there must be
//             one, a lock for tasks keeps the others out, across the await.
//
//             A std::mutex would not do. The second task would block the thread, the first could
//             never go on to unlock it, and that is a deadlock of one thread.
//
// Try:        --scenario=S1.21: ten tasks, a thousand increments each. How many are left?
//             --scenario=await_between --schedule=...: copy one of the census
//             A third deposit: in how many orders is nothing lost?
//
// Next:       26_await_cycle
#include <string>

#include "runtime/async/async_mutex.h"
#include "runtime/async/gather.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/task.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"

void AddArticles(interleave::Lab& lab);  // in 25_async_race_articles.cc

namespace {

using interleave::AsyncMutex;
using interleave::AsyncMutexLock;
using interleave::Gather;
using interleave::Print;
using interleave::Task;
using interleave::Yield;

int balance;

Task<void> AskTheBank() { co_await Yield(); }
Task<void> LookUpAccount() { co_await Yield(); }

int Read(const std::string& who) {
  Print(who + " reads " + std::to_string(balance));
  return balance;
}

void Write(const std::string& who, int amount) {
  Print(who + " writes " + std::to_string(amount));
  balance = amount;
}

// Broken: others run while it asks.
Task<void> Deposit(std::string who) {
  const int before = Read(who);
  co_await AskTheBank();
  Write(who, before + 50);
}

// Cure 1: ask first; nobody comes between reading and writing.
Task<void> DepositInOneStep(std::string who) {
  co_await AskTheBank();
  const int before = Read(who);
  Write(who, before + 50);
}

// Cure 2: whoever else deposits waits, while this one asks.
Task<void> DepositLocked(std::string who, AsyncMutex& mutex) {
  const AsyncMutexLock lock = co_await mutex.ScopedLock();
  const int before = Read(who);
  co_await AskTheBank();
  Write(who, before + 50);
}

Task<void> After(Task<void> first, Task<void> then) {
  co_await std::move(first);
  co_await std::move(then);
}

Task<std::string> Both(Task<void> alice, Task<void> bob) {
  balance = 0;
  co_await Gather(std::move(alice), After(LookUpAccount(), std::move(bob)));
  co_return "balance " + std::to_string(balance);
}

std::string AwaitBetween() { return interleave::Run(Both(Deposit("alice"), Deposit("bob"))); }

std::string NoAwaitBetween() {
  return interleave::Run(Both(DepositInOneStep("alice"), DepositInOneStep("bob")));
}

std::string Locked() {
  AsyncMutex mutex;
  return interleave::Run(Both(DepositLocked("alice", mutex), DepositLocked("bob", mutex)));
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("25_async_race", "Async race: no threads, and still a race?");
  lab.Scenario("in_turn", AwaitBetween)
      .Says("two deposits of 50 on one thread, first come, first served")
      .Outcome("balance 100", "the balance is 100: it works, and it works each time.");
  lab.Scenario("await_between", AwaitBetween)
      .Says("the same program; any task that is ready may go on")
      .Outcome("balance 50", "the balance is 50, two deposits ran: one is lost.")
      .Outcome("balance 100", "the balance is 100: this time nothing is lost.")
      .PermutesTasks()
      .ShowsOutcome("balance 50")
      .ShowsCensus();
  lab.Scenario("no_await_between", NoAwaitBetween)
      .Id("S3.14")
      .Says("cure 1: nothing is awaited between reading and writing")
      .Outcome("balance 100")
      .PermutesTasks()
      .ShowsCensus();
  lab.Scenario("locked", Locked)
      .Says("cure 2: a lock for tasks, held across the await")
      .Outcome("balance 100")
      .PermutesTasks()
      .ShowsCensus();
  AddArticles(lab);
  lab.Notice(
      "On a loop nobody comes between two statements, but everybody between two awaits. What was "
      "read before a co_await is old after it.");
  lab.Try("--scenario=S1.21; --scenario=await_between --schedule=... of the census.");
  lab.Next("26_await_cycle");
  return lab.Main(argc, argv);
}
