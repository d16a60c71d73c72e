// Lab 21, the articles' programs: a task is a future (S1.06) and goes on by a callback (S1.07), a
// finished task in print (S1.15), two messages as tasks (S2.04), three naps (S3.06), coffee ordered
// and a book read meanwhile (S4.03), and who decides the order (S1.29).
//
// S3.06 says that a task is created and then executed by await. It is not: the fourth nap below is
// awaited by nobody and happens all the same.
#include <chrono>
#include <concepts>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "runtime/async/async_future.h"
#include "runtime/async/event_loop.h"
#include "runtime/async/gather.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/async/task.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/thread_name.h"

using interleave::AllTasks;
using interleave::AsyncFuture;
using interleave::Gather;
using interleave::Log;
using interleave::Print;
using interleave::Run;
using interleave::SleepFor;
using interleave::Spawn;
using interleave::Task;
using interleave::TaskHandle;
using interleave::Yield;
using namespace std::chrono_literals;

namespace {

// ---- a task is a future (S1.06), and is called back (S1.07) ----

static_assert(std::derived_from<TaskHandle<int>, AsyncFuture<int>>);

Task<int> Answer() { co_return 42; }

Task<int> AsAFuture() {
  AsyncFuture<int> future = Spawn(Answer());
  future.AddDoneCallback([] { Print("the callback of any future"); });
  const int answer = co_await future;
  Print("and the awaiting of any future: " + std::to_string(answer));
  Print(future.Text());
  co_return answer;
}

std::string IsAFuture() { return std::to_string(Run(AsAFuture())); }

Task<void> Wait(AsyncFuture<int> letter) {
  Print("reader: waits for the letter");
  Print("reader: goes on, the letter says " + std::to_string(co_await letter));
}

Task<void> SendLetter() {
  AsyncFuture<int> letter;
  TaskHandle<void> reader = Spawn(Wait(letter), "reader");
  co_await Yield();
  Print("main:   the reader is suspended, it waits for " + letter.Text());
  letter.SetResult(7);
  Print(std::string("main:   the letter is sent; has the reader gone on? ") +
        (reader.done() ? "yes" : "no, its turn is the loop's next"));
  co_await reader;
}

std::string CalledBack() {
  Run(SendLetter());
  return "suspended, resumed a turn later";
}

// ---- in print (S1.15) ----

Task<void> test2() {
  Print("123123");
  co_return;
}

Task<void> PrintFinished() {
  TaskHandle<void> task = Spawn(test2());
  co_await SleepFor(10s);
  Print(task.Text());
  co_await task;
}

std::string InPrint() {
  Run(PrintFinished());
  return "printed";
}

// ---- two messages (S2.04) ----

Task<void> DelayMessage(std::chrono::seconds delay, std::string message) {
  Log(message + " received");
  co_await SleepFor(delay);
  Log("Printing " + message);
}

void LogTasks() { Log("Current registered tasks: " + std::to_string(AllTasks().size())); }

Task<void> TwoMessages() {
  Log("Main started");
  LogTasks();
  Log("Creating tasks");
  TaskHandle<void> two = Spawn(DelayMessage(2s, "TWO"));
  TaskHandle<void> three = Spawn(DelayMessage(3s, "THREE"));
  LogTasks();
  co_await two;
  co_await three;
  Log("Main Ended");
}

std::string Messages() {
  Run(TwoMessages());
  return "both printed";
}

// ---- three naps (S3.06) ----

Task<void> SleepyFunction() {
  Print("Before sleeping.");
  co_await SleepFor(1s);
  Print("After sleeping.");
}

Task<void> ThreeNaps() {
  TaskHandle<void> a = Spawn(SleepyFunction());
  TaskHandle<void> b = Spawn(SleepyFunction());
  TaskHandle<void> c = Spawn(SleepyFunction());
  co_await a;
  co_await b;
  co_await c;
}

std::string Naps() {
  Run(ThreeNaps());
  return "three naps";
}

Task<void> NapUnwatched() {
  Spawn(SleepyFunction());
  co_await SleepFor(2s);
}

std::string NobodyAwaits() {
  Run(NapUnwatched());
  return "a nap that nobody awaited";
}

// ---- coffee, and a book (S4.03) ----

Task<std::string> MakeCoffee() {
  co_await SleepFor(1s);
  co_return "coffee";
}

Task<std::string> OrderAndRead() {
  Log("orders a coffee");
  TaskHandle<std::string> order = Spawn(MakeCoffee());
  int pages = 0;
  for (; !order.done(); ++pages) co_await SleepFor(100ms);
  Log("has read " + std::to_string(pages) + " pages, and picks up the " + order.result());
  co_return order.result();
}

std::string CoffeeShop() { return Run(OrderAndRead()); }

// ---- who decides the order (S1.29) ----

std::string order;
std::mutex order_mutex;  // of the threads; tasks need none

Task<void> StartedTask(std::string name) {
  order += name;
  co_return;
}

Task<void> ThreeTasks() { co_await Gather(StartedTask("A"), StartedTask("B"), StartedTask("C")); }

std::string OrdersOfTasks() {
  std::set<std::string> orders;
  for (int run = 1; run <= 5; ++run) {
    order.clear();
    Run(ThreeTasks());
    orders.insert(order);
  }
  Print("tasks: " + std::to_string(orders.size()) + " distinct order in 5 runs, " + order);
  return order;
}

std::string OrderOfThreads() {
  order.clear();
  std::vector<std::thread> threads;
  for (const char* name : {"A", "B", "C"}) {
    threads.emplace_back([name] {
      interleave::SetThreadName(name);
      std::lock_guard<std::mutex> lock(order_mutex);
      order += name;
    });
  }
  for (std::thread& thread : threads) thread.join();
  return order;
}

}  // namespace

void AddArticles(interleave::Lab& lab) {
  lab.Scenario("messages", Messages)
      .Id("S2.04")
      .StartsAt("07:35:32")
      .Says("lab 02's two messages as tasks, and how many tasks there are: the published log")
      .Outcome("both printed")
      .Takes(3s);
  lab.Scenario("coffee", CoffeeShop)
      .Id("S4.03")
      .Says("order, read meanwhile, pick up")
      .Outcome("coffee")
      .Takes(1s);
  lab.Scenario("tasks_in_order", OrdersOfTasks)
      .Id("S1.29")
      .Says("three tasks: who decides their order? The program")
      .Outcome("ABC")
      .ShowsCensus();
  lab.Scenario("threads_in_any_order", OrderOfThreads)
      .Says("three threads: the system does")
      .Outcomes({"ABC", "ACB", "BAC", "BCA", "CAB", "CBA"})
      .ShowsCensus();
  lab.Scenario("future", IsAFuture)
      .Id("S1.06")
      .OnRequest()
      .Says("a task is a future")
      .Outcome("42");
  lab.Scenario("called_back", CalledBack)
      .Id("S1.07")
      .OnRequest()
      .Says("a task that awaits a future goes on a turn after it is done")
      .Outcome("suspended, resumed a turn later");
  lab.Scenario("in_print", InPrint)
      .Id("S1.15")
      .OnRequest()
      .Says("a task printed after it has finished")
      .Outcome("printed")
      .Takes(10s);
  lab.Scenario("naps", Naps)
      .Id("S3.06")
      .OnRequest()
      .Says("three tasks created, then awaited: 1 s")
      .Outcome("three naps")
      .Takes(1s);
  lab.Scenario("nobody_awaits", NobodyAwaits)
      .OnRequest()
      .Says("a task that nobody awaits runs, too")
      .Outcome("a nap that nobody awaited")
      .Takes(2s);
}
