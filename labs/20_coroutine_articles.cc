// Lab 20, the articles' programs: what a call gives (S1.04), three ways to run a coroutine (S1.12),
// what Run does besides (S1.13), calls that nobody awaits (S1.14, S3.03), Run alone (S3.04), one
// coroutine that awaits another (S3.05), what cannot be awaited (S2.18), and how deep it may go
// (S1.33).
//
// Functions keep the articles' names where these are printed. That co_await of something else is
// refused, and in which words, is a test of its own: tests/async/not_awaitable_test.sh.
#include <chrono>
#include <concepts>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>

#include "runtime/async/async_errors.h"
#include "runtime/async/async_future.h"
#include "runtime/async/event_loop.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/async/task.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"

using interleave::AnyFuture;
using interleave::AsyncFuture;
using interleave::Awaiter;
using interleave::EventLoop;
using interleave::HasAwaiter;
using interleave::kIsTask;
using interleave::Print;
using interleave::Run;
using interleave::SleepFor;
using interleave::Spawn;
using interleave::Task;
using interleave::TaskHandle;
using namespace std::chrono_literals;

namespace {

// ---- what a call gives (S1.04) ----

// "When the coroutine executes, it returns a future": no.
static_assert(!std::derived_from<Task<int>, AnyFuture>);
static_assert(std::derived_from<TaskHandle<int>, AnyFuture>);

bool has_begun;

Task<int> Answer() {
  has_begun = true;
  co_return 42;
}

Task<int> CallAndSpawn() {
  Task<int> coroutine = Answer();
  co_await SleepFor(1s);
  Print(std::string("a second after the call: a Task, no future; begun: ") +
        (has_begun ? "yes" : "no"));
  TaskHandle<int> future = Spawn(std::move(coroutine));
  Print(std::string("Spawn makes a future of it: done: ") + (future.done() ? "yes" : "no"));
  const int answer = co_await future;
  Print("awaited: " + std::to_string(answer));
  co_return answer;
}

std::string WhatACallGives() {
  has_begun = false;
  return std::to_string(Run(CallAndSpawn()));
}

// ---- three ways (S1.12), and what Run does besides (S1.13) ----

Task<void> test() {
  Print("123");
  co_return;
}

std::string ThreeWays() {
  Print(kIsTask<std::invoke_result_t<decltype(test)>> ? "True" : "False");
  Run(test());
  EventLoop loop;
  loop.RunUntilComplete(test());
  return "True, 123, 123";
}

Task<void> Heartbeat() {
  while (true) {
    Print("  beats");
    co_await SleepFor(1s);
  }
}

Task<void> MainWithHeartbeat() {
  Spawn(Heartbeat(), "heartbeat");
  co_await SleepFor(1500ms);
  try {
    Task<void> another = test();
    Run(std::move(another));
  } catch (const std::logic_error& error) {
    Print(std::string("  refused: ") + error.what());
  }
  Print("  main ends, the heartbeat does not");
}

std::string BehindRun() {
  Print("Run(Main()): a new loop, Main to its end, then the tasks that are left, then it closes");
  Run(MainWithHeartbeat());
  Print("by hand, a new loop and Main to its end: what is left is destroyed where it stands");
  EventLoop loop;
  loop.RunUntilComplete(MainWithHeartbeat());
  loop.Close();
  return "twice main, twice a heartbeat";
}

// ---- nobody awaits it (S1.14, S3.03) ----

std::string CalledAlone() {
  (void)test();
  return "nothing ran";
}

Task<void> sample_coroutine() {
  Print("Inside sample_coroutine");
  co_return;
}

std::string KeptAndDropped() {
  {
    [[maybe_unused]] const Task<void> kept = sample_coroutine();
    Print("called, kept, and nothing is said");
  }
  Print("that was when it was dropped");
  return "nothing ran";
}

std::string RunAlone() {
  Run(sample_coroutine());
  return "it ran";
}

// ---- one awaits another (S3.05) ----

Task<void> sample_coroutine_2() {
  Print("Inside sample_coroutine_2");
  co_return;
}

Task<void> SleepThenAwait() {
  Print("Inside sample_coroutine");
  co_await SleepFor(1s);
  co_await sample_coroutine_2();
}

std::string OneAwaitsAnother() {
  Run(SleepThenAwait());
  return "both ran";
}

// ---- what cannot be awaited (S2.18) ----

template <typename T>
concept Awaitable = kIsTask<T> || HasAwaiter<T> || std::derived_from<T, Awaiter>;

template <typename T>
std::string MayBeAwaited() {
  return Awaitable<T> ? "yes" : "no, it does not compile";
}

std::string WhatCanBeAwaited() {
  using BlockingSleep = decltype(std::this_thread::sleep_for(1s));
  static_assert(!Awaitable<BlockingSleep> && !Awaitable<int>);
  Print("a Task:                          " + MayBeAwaited<Task<int>>());
  Print("a TaskHandle, which Spawn gives: " + MayBeAwaited<TaskHandle<int>>());
  Print("an AsyncFuture:                  " + MayBeAwaited<AsyncFuture<int>>());
  Print("SleepFor(1s):                    " + MayBeAwaited<decltype(SleepFor(1s))>());
  Print("std::this_thread::sleep_for(1s): " + MayBeAwaited<BlockingSleep>());
  Print("42:                              " + MayBeAwaited<int>());
  return "four of six";
}

// ---- how deep (S1.33) ----

constexpr int kDepth = 5000;  // where Python gives up

Task<int> Nested(int depth) {
  if (depth == 0) co_return 0;
  co_return 1 + co_await Nested(depth - 1);
}

Task<int> Next(AsyncFuture<int> before) { co_return 1 + co_await before; }

Task<std::string> DeepChains() {
  Print(std::to_string(co_await Nested(kDepth)) + " coroutines awaited each other");
  AsyncFuture<int> first;
  AsyncFuture<int> last = first;
  for (int i = 0; i < kDepth; ++i) last = Spawn(Next(last));
  first.SetResult(0);
  Print(std::to_string(co_await last) + " tasks awaited each other");
  AsyncFuture<int> never;
  last = never;
  for (int i = 0; i < kDepth; ++i) last = Spawn(Next(last));
  co_await interleave::Yield();
  last.Cancel();
  try {
    co_await last;
  } catch (const interleave::TaskCancelled&) {
    Print("the last of " + std::to_string(kDepth) + " more was cancelled, and with it " +
          (never.cancelled() ? "all the others" : "not the first"));
  }
  co_return "done, done, cancelled";
}

std::string HowDeep() { return Run(DeepChains()); }

}  // namespace

void AddArticles(interleave::Lab& lab) {
  lab.Scenario("call", WhatACallGives)
      .Id("S1.04")
      .Says("does a call give a future? No: a coroutine, which has not begun")
      .Outcome("42")
      .Takes(1s);
  lab.Scenario("called_alone", CalledAlone)
      .Id("S1.14")
      .OnRequest()
      .Says("called alone and dropped: reported at once")
      .Outcome("nothing ran");
  lab.Scenario("kept", KeptAndDropped)
      .Id("S3.03")
      .OnRequest()
      .Says("called alone and kept: reported when it is dropped, not before")
      .Outcome("nothing ran");
  lab.Scenario("run", RunAlone).Id("S3.04").OnRequest().Says("Run runs it").Outcome("it ran");
  lab.Scenario("await", OneAwaitsAnother)
      .Id("S3.05")
      .OnRequest()
      .Says("sleeps for a second, then awaits another coroutine: like a call")
      .Outcome("both ran")
      .Takes(1s);
  lab.Scenario("three_ways", ThreeWays)
      .Id("S1.12")
      .OnRequest()
      .Says("a coroutine function recognised, run by Run, and by a loop made by hand")
      .Outcome("True, 123, 123");
  lab.Scenario("behind_run", BehindRun)
      .Id("S1.13")
      .OnRequest()
      .Says("Run makes a loop and runs the coroutine. Is that all?")
      .Outcome("twice main, twice a heartbeat")
      .Takes(3s);
  lab.Scenario("not_awaitable", WhatCanBeAwaited)
      .Id("S2.18")
      .Says("time.sleep cannot be awaited: Python says so after it has slept, C++ before it runs")
      .Outcome("four of six");
  lab.Scenario("deep", HowDeep)
      .Id("S1.33")
      .OnRequest()
      .Says("chains of 5000, where Python's recursion ends")
      .Outcome("done, done, cancelled");
}
