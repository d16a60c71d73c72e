// Lab 33, the whole server: it drains for a limited time, for an order may never be answered.
//
// Accept, Work and ServeAndDrain are those of 33_graceful_shutdown.cc; new is what hangs, and for
// how long the shop has patience.
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <latch>
#include <optional>
#include <string>
#include <thread>

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
int Program(Shop& shop) {
  // Nobody's yet, as in a program of its own; this lab has a handler.
  const auto before = std::signal(SIGINT, SIG_DFL);
  int status = 0;
  try {
    interleave::Run(ServeAndDrain(shop));
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

std::string ControlC(Shop& shop, bool twice = false) {
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
  const int status = Program(shop);
  user.join();
  return Outcome(shop, status);
}

std::string Hangs() {
  Shop shop{.hangs = 4, .patience = 5s};
  return ControlC(shop);
}

std::string Twice() {
  Shop shop{.hangs = 4};
  return ControlC(shop, true);
}

std::string ByHand() {
  Shop shop;
  const int status = Program(shop);
  if (status != 0) std::exit(status);
  return Outcome(shop, status);
}

}  // namespace

void AddLimit(interleave::Lab& lab) {
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
}
