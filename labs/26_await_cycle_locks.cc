// Lab 26, a ring through locks, and a long chain: lab 06's two locks for tasks, its two
// cures, and five thousand tasks that are cancelled from one end.
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "runtime/async/async_errors.h"
#include "runtime/async/async_mutex.h"
#include "runtime/async/event_loop.h"
#include "runtime/async/gather.h"
#include "runtime/async/ps.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/async/task.h"
#include "runtime/async/timeout.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"

using interleave::AsyncMutex;
using interleave::AsyncMutexLock;
using interleave::EventLoop;
using interleave::Gather;
using interleave::Log;
using interleave::Print;
using interleave::Run;
using interleave::SleepFor;
using interleave::Spawn;
using interleave::Task;
using interleave::TaskHandle;
using namespace std::chrono_literals;

namespace {

struct Table {
  AsyncMutex left, right;
  int meals = 0;
};

Task<void> Eat(Table& table, AsyncMutex& one, AsyncMutex& other) {
  const AsyncMutexLock first = co_await one.ScopedLock();
  co_await SleepFor(1s);
  const AsyncMutexLock second = co_await other.ScopedLock();
  Log(interleave::CurrentTask().name() + " has both, and eats");
  ++table.meals;
}

Task<void> LeftThenRight(Table& table) { return Eat(table, table.left, table.right); }
Task<void> RightThenLeft(Table& table) { return Eat(table, table.right, table.left); }

// Gives up after three seconds, lets the others eat, and tries again.
Task<void> EatInTime(Table& table) {
  bool gave_up = false;
  try {
    co_await interleave::WaitFor(LeftThenRight(table), 3s);
  } catch (const interleave::TimedOut&) {
    Log("alice gives up, and her lock is free");
    gave_up = true;
  }
  if (gave_up) co_await LeftThenRight(table);
}

Task<std::string> Both(Task<void> (*alice)(Table&), Task<void> (*bob)(Table&)) {
  Table table;
  co_await Gather(Spawn(alice(table), "alice"), Spawn(bob(table), "bob"));
  co_return std::to_string(table.meals) + " meals";
}

Task<std::string> TwoLocks() {
  EventLoop& loop = EventLoop::Current();
  loop.CallLater(2s, [&loop] {
    const std::string tasks = interleave::Ps(loop);
    Print(tasks.substr(0, tasks.size() - 1));  // it ends in a newline
  });
  co_return co_await Both(LeftThenRight, RightThenLeft);
}

// ---- a chain (what CPython cancels by recursion) ----

Task<void> WaitForNext(TaskHandle<void> next) { co_await next; }
Task<void> WaitForever() { co_await SleepFor(1h); }

Task<std::string> LongChain() {
  std::vector<TaskHandle<void>> chain{Spawn(WaitForever())};
  for (int i = 1; i < 5'000; ++i) chain.push_back(Spawn(WaitForNext(chain.back())));
  co_await SleepFor(1s);
  chain.back().Cancel();
  co_await interleave::GatherSettled(chain);
  int cancelled = 0;
  for (const TaskHandle<void>& task : chain) cancelled += task.cancelled();
  co_return std::to_string(cancelled) + " tasks cancelled";
}

}  // namespace

void AddLocksAndChains(interleave::Lab& lab) {
  lab.Scenario("long_chain", [] { return Run(LongChain()); })
      .OnRequest()
      .Says("five thousand tasks, each awaits the one before; the last one is cancelled")
      .Outcome("5000 tasks cancelled")
      .Takes(2s);
  lab.Scenario("two_locks", [] { return Run(TwoLocks()); })
      .Says("lab 06 with tasks: alice locks left, then right, bob right, then left")
      .Outcome("deadlock")
      .Takes(2s);
  lab.Scenario("time_limit", [] { return Run(Both(EatInTime, RightThenLeft)); })
      .Says("cure 1: alice waits no longer than three seconds, and tries again later")
      .Outcome("2 meals")
      .Takes(5s);
  lab.Scenario("same_order", [] { return Run(Both(LeftThenRight, LeftThenRight)); })
      .Says("cure 2: both lock left, then right")
      .Outcome("2 meals")
      .Takes(3s);
}
