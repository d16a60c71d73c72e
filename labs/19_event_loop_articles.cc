// Lab 19, the articles' programs: the queue of tasks (S1.08), the concurrent lane of the picture
// whose other two are in labs 01 and 02 (S0.01), a coroutine put on the loop by hand (S0.23), and
// the three definitions as a program (S0.24).
//
// "A bit messy", S0.23 says of doing it by hand, and does not show it. Here it is: somebody must
// resume the coroutine, notice that it has ended, destroy it, and stop the loop after the last one.
// A task is what does all of that.
#include <chrono>
#include <coroutine>
#include <exception>
#include <string>

#include "runtime/async/event_loop.h"
#include "runtime/async/gather.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/lab/compute.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"

using interleave::EventLoop;
using interleave::Gather;
using interleave::Log;
using interleave::Run;
using interleave::Spawn;
using interleave::Task;
using interleave::TaskHandle;
using interleave::Yield;
using namespace std::chrono_literals;

namespace {

std::string order;  // the numbers of the tasks, as they ran

void Ran(int number) { order += (order.empty() ? "" : " ") + std::to_string(number); }

// ---- the queue (S1.08) ----

Task<void> ThreeSteps(int number) {
  for (int step = 1; step <= 3; ++step) {
    Log("task " + std::to_string(number) + ", step " + std::to_string(step));
    Ran(number);
    co_await Yield();  // to the end of the queue
  }
}

Task<void> ThreeTasks() { co_await Gather(ThreeSteps(1), ThreeSteps(2), ThreeSteps(3)); }

std::string Queue() {
  order.clear();
  Run(ThreeTasks());
  return order;
}

// ---- the concurrent lane (S0.01) ----

Task<void> TwoPieces(int number) {
  for (int piece = 1; piece <= 2; ++piece) {
    Ran(number);
    interleave::Compute(100ms);
    co_await Yield();
  }
}

Task<void> OneLane() { co_await Gather(TwoPieces(1), TwoPieces(2), TwoPieces(3)); }

std::string InTurns() {
  order.clear();
  Run(OneLane());
  interleave::Print("lane 1  " + order + "     the number is the task that runs");
  return order;
}

// ---- by hand (S0.23) ----

// What the compiler wants to know of a coroutine that others resume.
struct ByHand {
  struct promise_type {
    ByHand get_return_object() {
      return {std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    std::suspend_always initial_suspend() { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
  std::coroutine_handle<promise_type> handle;
};

ByHand Conversation(std::string name) {
  Log(name + ": hello");
  co_await std::suspend_always();
  Log(name + ": how are you?");
  co_await std::suspend_always();
  Log(name + ": goodbye");
}

int conversations;  // that have not ended

void Step(EventLoop& loop, std::coroutine_handle<> conversation) {
  conversation.resume();
  if (!conversation.done()) {
    loop.CallSoon([&loop, conversation] { Step(loop, conversation); });
    return;
  }
  conversation.destroy();
  if (--conversations == 0) loop.Stop();
}

std::string OnTheLoopByHand() {
  EventLoop loop;
  conversations = 2;
  for (const char* name : {"alice", "bob"}) {
    const std::coroutine_handle<> conversation = Conversation(name).handle;
    loop.CallSoon([&loop, conversation] { Step(loop, conversation); });
  }
  Log("main: both are on the loop, and nothing has run");
  loop.RunForever();
  return "two conversations, resumed by hand";
}

// ---- three words (S0.24) ----

Task<std::string> Lookup(std::string isbn) {
  Log("coroutine: begins, and pauses where it has to wait");
  co_await interleave::SleepFor(1s);
  Log("coroutine: is resumed where it paused, and still knows " + isbn);
  co_return "found " + isbn;
}

Task<std::string> Definitions() {
  Task<std::string> coroutine = Lookup("0-201-63361-2");
  Log("coroutine: made by a call that runs nothing of it");
  TaskHandle<std::string> task = Spawn(std::move(coroutine));
  Log("task: " + task.name() + " looks after it; it is in the loop's queue");
  co_await Yield();
  Log("loop: has run the task's first step, and goes on with me meanwhile");
  const std::string result = co_await task;
  Log("task: done, its result is " + result);
  co_return result;
}

std::string ThreeWords() { return Run(Definitions()); }

}  // namespace

void AddArticles(interleave::Lab& lab) {
  lab.Scenario("queue", Queue)
      .Id("S1.08")
      .Says("three tasks, one queue, one thread: each runs until it gives way")
      .Outcome("1 2 3 1 2 3 1 2 3");
  lab.Scenario("in_turns", InTurns)
      .Id("S0.01")
      .Says("lab 01's three tasks again, in turns on one lane: never two at once")
      .Outcome("1 2 3 1 2 3");
  lab.Scenario("by_hand", OnTheLoopByHand)
      .Id("S0.23")
      .OnRequest()
      .Says("coroutines scheduled directly on the loop: possible, and messy")
      .Outcome("two conversations, resumed by hand");
  lab.Scenario("definitions", ThreeWords)
      .Id("S0.24")
      .Says("coroutine, task, event loop: three words, and what each of them does")
      .Outcome("found 0-201-63361-2");
}
