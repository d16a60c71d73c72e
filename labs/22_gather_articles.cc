// Lab 22, the articles' programs: five messages (S2.05), what Gather gives (S4.05), one thread
// against two (S2.20), the coffee shop (S4.02), and three naps in three spellings (S3.02, S3.07,
// S3.08).
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/async/gather.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/async/task.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/thread_name.h"

using interleave::AsyncFuture;
using interleave::Gather;
using interleave::Log;
using interleave::Print;
using interleave::Run;
using interleave::SleepFor;
using interleave::Task;
using namespace std::chrono_literals;

namespace {

Task<void> DelayMessage(std::chrono::seconds delay, std::string message) {
  Log(message + " received");
  co_await SleepFor(delay);
  Log("Printing " + message);
}

// ---- five messages (S2.05) ----

Task<std::string> FiveMessages() {
  Log("Main started");
  Log("Creating multiple tasks with asyncio.gather");
  std::vector<Task<void>> messages;
  std::chrono::seconds delay = 0s;
  for (const char* name : {"ONE", "TWO", "THREE", "FOUR", "FIVE"}) {
    messages.push_back(DelayMessage(delay += 1s, name));
  }
  co_await Gather(std::move(messages));
  Log("Main Ended");
  co_return "five messages";
}

// ---- what Gather gives (S4.05) ----

Task<std::string> Dish(std::string name, std::chrono::seconds takes) {
  co_await SleepFor(takes);
  Log(name + " is ready");
  co_return name;
}

Task<std::string> ResultsInOrder() {
  std::vector<Task<std::string>> dishes;
  dishes.push_back(Dish("food", 5s));
  dishes.push_back(Dish("coffee", 1s));
  dishes.push_back(Dish("cake", 3s));
  AsyncFuture<std::vector<std::string>> meal = Gather(std::move(dishes));
  Log(std::string("Gather gave one future, which is ") + (meal.done() ? "done" : "not done"));
  std::string results;
  for (const std::string& dish : co_await meal) results += (results.empty() ? "" : ", ") + dish;
  Log("its value is the list: " + results);
  co_return results;
}

// ---- one thread against two (S2.20) ----

void DelayMessageOnThread(std::string name, std::chrono::seconds delay, std::string message) {
  interleave::SetThreadName(name);
  Log(message + " received");
  std::this_thread::sleep_for(delay);
  Log("Printing " + message);
}

Task<void> TwoTasks() { co_await Gather(DelayMessage(2s, "TWO"), DelayMessage(3s, "THREE")); }

void TwoThreads() {
  std::thread two(DelayMessageOnThread, "Thread-1", 2s, "TWO");
  std::thread three(DelayMessageOnThread, "Thread-2", 3s, "THREE");
  two.join();
  three.join();
}

template <typename F>
void Time(const std::string& what, F function) {
  const auto began = std::chrono::steady_clock::now();
  function();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  char line[80];
  std::snprintf(line, sizeof line, "%s: %0.2f seconds", what.c_str(), took.count());
  Log(line);
}

std::string OneThreadAgainstTwo() {
  Time("two threads", TwoThreads);
  Time("two tasks on one thread", [] { Run(TwoTasks()); });
  return "four messages";
}

// ---- the coffee shop (S4.02) ----

Task<void> Serve(std::string order, std::string name, std::chrono::seconds takes,
                 std::string indent) {
  Print("Ordered " + order);
  co_await SleepFor(takes);
  Print(indent + " >> Received " + name);
}

Task<std::string> ServeTogether(std::string indent) {
  const auto began = std::chrono::steady_clock::now();
  co_await Gather(Serve("Coffee", "coffee", 1s, indent), Serve("Food", "Food", 5s, indent),
                  Serve("Desert", "Cake", 3s, indent));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  char line[80];  // the article's label still says sync
  std::snprintf(line, sizeof line, "sync-operations executed in %0.2f seconds.", took.count());
  Print(line);
  co_return "all received";
}

// ---- three naps (S3.02, S3.07, S3.08) ----

Task<void> SleepyFunction() {
  Print("Before sleeping.");
  co_await SleepFor(1s);
  Print("After sleeping.");
}

std::vector<Task<void>> ThreeOfThem() {
  std::vector<Task<void>> naps;
  for (int i = 0; i < 3; ++i) naps.push_back(SleepyFunction());
  return naps;
}

Task<std::string> NapsFromAList() {
  co_await Gather(ThreeOfThem());
  co_return "slept three times";
}

Task<std::string> NapsByName() {
  co_await Gather(SleepyFunction(), SleepyFunction(), SleepyFunction());
  co_return "slept three times";
}

// Python's star makes arguments of a list. Gather takes the list itself.
Task<std::string> NapsWithAStar() {
  std::vector<Task<void>> coroutines = ThreeOfThem();
  co_await Gather(std::move(coroutines));
  co_return "slept three times";
}

}  // namespace

void AddMessagesAndResults(interleave::Lab& lab) {
  lab.Scenario("five_messages", [] { return Run(FiveMessages()); })
      .Id("S2.05")
      .StartsAt("08:09:20")
      .Says("five messages with delays of 1 to 5 s, gathered: 5 s")
      .Outcome("five messages")
      .Takes(5s);
  lab.Scenario("results", [] { return Run(ResultsInOrder()); })
      .Id("S4.05")
      .Says("what Gather gives: one future, and its value is a list in the order of the arguments")
      .Outcome("food, coffee, cake")
      .Takes(5s);
}

void AddOnRequest(interleave::Lab& lab) {
  lab.Scenario("threads_or_tasks", OneThreadAgainstTwo)
      .Id("S2.20")
      .OnRequest()
      .Says("two messages on two threads, then the same as two tasks of one thread")
      .Outcome("four messages", "waiting overlaps on one thread as well as on two.")
      .Takes(6s)
      .ShowsTimeline();
  lab.Scenario("coffee", [] { return Run(ServeTogether("\t\t")); })
      .OnRequest()
      .Says("lab 01's coffee, food and cake, ordered together: 5 s instead of 9 s")
      .Outcome("all received")
      .Takes(5s);
  lab.Scenario("coffee_on_the_page", [] { return Run(ServeTogether("\\t\\t")); })
      .Id("S4.02")
      .OnRequest()
      .Says("the same as the web page prints it, which shows a tab as \\t")
      .Outcome("all received")
      .Takes(5s);
  const auto nap = [&](const char* name, const char* id, Task<std::string> (*naps)(),
                       const char* says) {
    lab.Scenario(name, [naps] { return Run(naps()); })
        .Id(id)
        .OnRequest()
        .Says(says)
        .Outcome("slept three times");
  };
  nap("naps_from_a_list", "S3.02", NapsFromAList, "lab 01's nap three times, gathered from a list");
  nap("naps_by_name", "S3.07", NapsByName, "the same, each an argument of its own");
  nap("naps_with_a_star", "S3.08", NapsWithAStar, "the same list, which in Python needs a star");
}
