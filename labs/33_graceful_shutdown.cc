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
//             Order 4 hangs in hangs (33_graceful_shutdown_limit.cc), so that draining would never
//             end. The limit says how long we care, and which orders are lost is known and logged.
//             Without a limit a second Ctrl-C still ends it: for that one Run does not wait.
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
#include <latch>
#include <string>
#include <thread>

#include "runtime/async/async_errors.h"
#include "runtime/async/async_queue.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/async/task.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/queue_errors.h"
#include "runtime/threads/thread_name.h"

using interleave::Log, interleave::SleepFor, interleave::Spawn;
using interleave::Task, interleave::TaskCancelled, interleave::TaskHandle;
using namespace std::chrono_literals;

void AddLimit(interleave::Lab& lab);  // in 33_graceful_shutdown_limit.cc

namespace {

// Outlives the loop: what Run cancels may still hold it.
struct Shop {
  interleave::AsyncQueue<int> orders{};
  int accepted = 0, answered = 0;
  std::latch busy{1};  // what the user waits for
};

std::string Order(int number) { return "order " + std::to_string(number) + ": "; }

Task<void> Accept(Shop& shop) {
  for (;;) {
    Log(Order(++shop.accepted) + "accepted");
    shop.orders.PutNow(shop.accepted);
    if (shop.accepted == 6) shop.busy.count_down();
    co_await SleepFor(200ms);
  }
}

Task<void> Answer(Shop& shop, int number) {
  try {
    co_await SleepFor(500ms);
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

Task<void> ServeAndDrain(Shop& shop) {
  TaskHandle<void> one = Spawn(Work(shop), "worker-1");
  TaskHandle<void> other = Spawn(Work(shop), "worker-2");
  try {
    co_await Accept(shop);
  } catch (const TaskCancelled&) {
    Log("shop: closed, " + std::to_string(shop.accepted - shop.answered) + " orders to go");
  }
  shop.orders.Shutdown();
  co_await one;
  co_await other;
  throw TaskCancelled();  // it was Ctrl-C all the same
}

// The program's own main, and a user who presses Ctrl-C when the shop is busy.
std::string ControlC(Task<void> (*serve)(Shop&)) {
  const auto before = std::signal(SIGINT, SIG_DFL);  // the lab has a handler; a program has none
  Shop shop;
  std::thread user([&shop] {
    interleave::SetThreadName("user");
    shop.busy.wait();
    Log("presses Ctrl-C");
    kill(getpid(), SIGINT);
  });
  int status = 0;
  try {
    interleave::Run(serve(shop));
  } catch (const interleave::Interrupted&) {
    status = 128 + SIGINT;
  }
  user.join();
  std::signal(SIGINT, before);
  Log("shop: " + std::to_string(shop.accepted) + " accepted, " + std::to_string(shop.answered) +
      " answered, exit status " + std::to_string(status));
  return "status " + std::to_string(status) +
         (shop.answered == shop.accepted ? ", nothing lost" : ", orders lost");
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("33_graceful_shutdown",
                      "Graceful shutdown: how does a server end on Ctrl-C without loss?");
  // Without an outcome that is expected: on a real machine the workers may just have been idle.
  lab.Scenario("at_once", [] { return ControlC(ServeUntilCancelled); })
      .Says("orders come in, two workers answer them; on Ctrl-C the server ends")
      .Takes(2s);
  lab.Scenario("drains", [] { return ControlC(ServeAndDrain); })
      .Id("S3.17")
      .Says("cure: the same; no new orders, and those that were accepted are answered")
      .Outcome("status 130, nothing lost", "every order that was accepted has its answer.")
      .Takes(3s);
  AddLimit(lab);
  lab.Notice(
      "Stop accepting, finish what was accepted, say how it ended. And put a limit on it: whoever "
      "pressed Ctrl-C waits.");
  lab.Try("--real --scenario=by_hand, and Ctrl-C; --scenario=twice.");
  lab.Next("34_await_graph");
  return lab.Main(argc, argv);
}
