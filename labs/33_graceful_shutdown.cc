// Lab 33: graceful shutdown
//
// How does a server end on Ctrl-C without losing anything?
//
// A shop accepts orders and puts them into a queue; two workers answer them. Then somebody presses
// Ctrl-C. The orders that were accepted are a promise: their customers wait. To end at once breaks
// it for those in the queue, and for those that are half done. To end gracefully takes three steps:
//
//   1. accept nothing more,
//   2. finish what was accepted (drain), for a limited time,
//   3. end with the status 130, which tells the caller that it was Ctrl-C.
//
// Ctrl-C is the signal SIGINT. Run has it cancel the task that it was given, and nothing else: the
// workers go on. So that task decides what happens, where it catches TaskCancelled. When it has
// ended Run throws Interrupted.
//
// Run it:     bazel run //labs:33_graceful_shutdown
//
// Notice:     at_once and drains have the same workers and the same Ctrl-C. In drains three orders
//             are answered after it.
//
//             Order 4 hangs in hangs, so that draining would never end. The limit says how long we
//             care, and which orders are lost is known and logged. Without a limit a second Ctrl-C
//             still ends it: for that one Run does not wait.
//
// Try:        --real --scenario=by_hand, and press Ctrl-C yourself; then echo $? (130)
//             Shutdown(QueueEnd::kNow) in place of Shutdown(): who is still answered?
//             Leave out the last throw of ServeAndDrain: what is the exit status?
//
// Next:       34_await_graph
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <latch>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "runtime/async/async_errors.h"
#include "runtime/async/async_queue.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/async/task.h"
#include "runtime/async/timeout.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/future_errors.h"
#include "runtime/threads/queue_errors.h"
#include "runtime/threads/thread_name.h"

namespace {

using interleave::Log;
using interleave::SleepFor;
using interleave::Spawn;
using interleave::Task;
using interleave::TaskCancelled;
using interleave::TaskHandle;
using namespace std::chrono_literals;

// Outlives the loop: what Run cancels may still hold it.
struct Shop {
  interleave::AsyncQueue<int> orders{};
  int accepted = 0, answered = 0;
  std::optional<int> hangs{};                      // the order that is never answered
  std::optional<std::chrono::seconds> patience{};  // for draining
  std::latch busy{1}, draining{1};                 // what the user waits for
};

std::string Order(int number) { return "order " + std::to_string(number) + ": "; }

Task<void> Accept(Shop& shop) {
  while (shop.accepted < 300) {  // closes after a minute
    Log(Order(++shop.accepted) + "accepted");
    shop.orders.PutNow(shop.accepted);
    if (shop.accepted == 6) shop.busy.count_down();
    co_await SleepFor(200ms);
  }
}

Task<void> Answer(Shop& shop, int number) {
  try {
    co_await SleepFor(number == shop.hangs ? 1h : 500ms);
  } catch (const TaskCancelled&) {
    Log(Order(number) + "broken off");
    throw;
  }
  ++shop.answered;
  Log(Order(number) + "answered");
}

Task<void> Work(Shop& shop) {
  try {
    for (;;) co_await Answer(shop, co_await shop.orders.Get());
  } catch (const interleave::Closed&) {  // and nothing is left
  }
}

Task<void> ServeUntilCancelled(Shop& shop) {
  Spawn(Work(shop), "worker-1");
  Spawn(Work(shop), "worker-2");
  co_await Accept(shop);
}

Task<void> Both(TaskHandle<void> one, TaskHandle<void> other) {
  co_await one;
  co_await other;
}

Task<void> ServeAndDrain(Shop& shop) {
  TaskHandle<void> one = Spawn(Work(shop), "worker-1");
  TaskHandle<void> other = Spawn(Work(shop), "worker-2");
  bool interrupted = false;
  try {
    co_await Accept(shop);
  } catch (const TaskCancelled&) {
    interrupted = true;
  }
  Log("shop: closed, " + std::to_string(shop.accepted - shop.answered) + " orders to go");
  shop.orders.Shutdown();
  shop.draining.count_down();
  try {
    co_await interleave::WaitFor(Both(one, other), shop.patience);
  } catch (const interleave::TimedOut&) {
    Log("shop: waits no longer");
  }
  if (interrupted) throw TaskCancelled();
}

// The program's own main: what it returns is its exit status.
int Program(Shop& shop, Task<void> (*serve)(Shop&)) {
  // Nobody's yet, as in a program of its own; this lab has a handler.
  const auto before = std::signal(SIGINT, SIG_DFL);
  int status = 0;
  try {
    interleave::Run(serve(shop));
  } catch (const interleave::Interrupted&) {
    status = 128 + SIGINT;
  }
  std::signal(SIGINT, before);
  Log("shop: " + std::to_string(shop.accepted) + " accepted, " + std::to_string(shop.answered) +
      " answered, exit status " + std::to_string(status));
  return status;
}

std::string Outcome(const Shop& shop, int status) {
  return "status " + std::to_string(status) +
         (shop.answered == shop.accepted ? ", nothing lost" : ", orders lost");
}

std::string ControlC(Shop& shop, Task<void> (*serve)(Shop&), bool twice = false) {
  std::thread user([&] {
    interleave::SetThreadName("user");
    shop.busy.wait();
    Log("presses Ctrl-C");
    kill(getpid(), SIGINT);
    if (!twice) return;
    shop.draining.wait();
    std::this_thread::sleep_for(2s);
    Log("presses it again");
    kill(getpid(), SIGINT);
  });
  const int status = Program(shop, serve);
  user.join();
  return Outcome(shop, status);
}

std::string AtOnce() {
  Shop shop;
  return ControlC(shop, ServeUntilCancelled);
}

std::string Drains() {
  Shop shop;
  return ControlC(shop, ServeAndDrain);
}

std::string Hangs() {
  Shop shop{.hangs = 4, .patience = 5s};
  return ControlC(shop, ServeAndDrain);
}

std::string Twice() {
  Shop shop{.hangs = 4};
  return ControlC(shop, ServeAndDrain, true);
}

std::string ByHand() {
  Shop shop;
  const int status = Program(shop, ServeAndDrain);
  if (status != 0) std::exit(status);
  return Outcome(shop, status);
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("33_graceful_shutdown",
                      "Graceful shutdown: how does a server end on Ctrl-C without loss?");
  // Without an outcome that is expected: on a real machine the workers may just have been idle.
  lab.Scenario("at_once", AtOnce)
      .Says("orders come in, two workers answer them; on Ctrl-C the server ends")
      .Takes(2s);
  lab.Scenario("drains", Drains)
      .Id("S3.17")
      .Says("cure: the same; no new orders, and those that were accepted are answered")
      .Outcome("status 130, nothing lost", "every order that was accepted has its answer.")
      .Takes(3s);
  lab.Scenario("hangs", Hangs)
      .Says("the same, order 4 is never answered; draining has 5 s")
      .Outcome("status 130, orders lost", "one order is lost, and the server has ended.")
      .Takes(7s);
  lab.Scenario("twice", Twice)
      .OnRequest()
      .Says("the same without a limit; Ctrl-C is pressed again after 2 s")
      .Outcome("status 130, orders lost")
      .Takes(4s);
  lab.Scenario("by_hand", ByHand)
      .OnlyByName()
      .Says("with --real: the shop is open for a minute, or until you press Ctrl-C")
      .Outcome("status 0, nothing lost", "nobody pressed Ctrl-C.")
      .Takes(76s);
  lab.Notice(
      "Stop accepting, finish what was accepted, say how it ended. And put a limit on it: whoever "
      "pressed Ctrl-C waits.");
  lab.Try("--real --scenario=by_hand, and Ctrl-C; --scenario=twice.");
  lab.Next("34_await_graph");
  return lab.Main(argc, argv);
}
