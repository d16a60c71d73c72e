// Lab 03: race condition
//
// How can two increments make one?
//
//   counter = counter + 1;
//
// is one line of C++, and two steps of the machine: it reads counter, then it writes what it read
// plus one. Another thread may come in between, read the same old value, and write the same new
// one. Two increments ran, and counter is 1: an update is lost.
//
// Run it:     bazel run //labs:03_race_condition
//
// Notice:     The lesson's first table is one unlucky order of the four steps. The census counts
//             all orders. They can be listed by hand: r and w are the steps of adder-1, R and W
//             those of adder-2.
//
//                 r w R W    2         R W r w    2        one after the other
//                 r R w W    1         R r W w    1        both read 0 ...
//                 r R W w    1         R r w W    1        ... and so both write 1
//
//             With --real it usually loses nothing: an increment takes a nanosecond, and starting
//             the second thread takes longer than the whole life of the first, so they never
//             meet. The program is as wrong as before; it waits for a busier day.
//
// Try:        --real --repeat=1000
//             --scenario=three: how many orders do three threads have, and can 3 become 1?
//             Replay one: copy a --schedule=... of the census.
//
// Next:       04_mutex
#include <mutex>
#include <string>
#include <thread>

#include "runtime/lab/lab.h"
#include "runtime/threads/thread_name.h"

// In 03_race_condition_articles.cc.
void AddArticle(interleave::Lab& lab);

namespace {

int counter;
std::mutex counter_mutex;

void Add(const char* name) {
  interleave::SetThreadName(name);
  counter = counter + 1;
}

void AddLocked(const char* name) {
  interleave::SetThreadName(name);
  std::lock_guard<std::mutex> lock(counter_mutex);
  counter = counter + 1;
}

std::string Unlocked() {
  counter = 0;
  std::thread one(Add, "adder-1"), two(Add, "adder-2");
  one.join();
  two.join();
  return "counter " + std::to_string(counter);
}

std::string Three() {
  counter = 0;
  std::thread one(Add, "adder-1"), two(Add, "adder-2"), three(Add, "adder-3");
  one.join();
  two.join();
  three.join();
  return "counter " + std::to_string(counter);
}

std::string Locked() {
  counter = 0;
  std::thread one(AddLocked, "adder-1"), two(AddLocked, "adder-2");
  one.join();
  two.join();
  return "counter " + std::to_string(counter);
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("03_race_condition", "Race condition: how can two increments make one?");
  lab.Scenario("unlocked", Unlocked)
      .Id("S1.22")
      .Schedule("1.2.1")
      .Says("two std::threads run  counter = counter + 1;")
      .Outcome("counter 1", "counter is 1, two increments ran: one update is lost.")
      .Outcome("counter 2", "counter is 2: this time nothing is lost.")
      .Watches("counter")
      .ShowsSteps()
      .ShowsCensus()
      .ShowsRaces();
  lab.Scenario("three", Three)
      .OnRequest()
      .Says("the same on three threads")
      .Outcomes({"counter 1", "counter 2", "counter 3"})
      .ShowsCensus()
      .ShowsRaces();
  lab.Scenario("locked", Locked)
      .Says("the same, with std::lock_guard around it")
      .Outcome("counter 2")
      .Watches("counter")
      .ShowsCensus();
  AddArticle(lab);
  lab.Notice(
      "On real threads this loses nothing for thousands of runs: the first thread is done "
      "before the second has started. It is still wrong.");
  lab.Try(
      "--real --repeat=1000; --explore=all --scenario=locked; --scenario=three (90 schedules).");
  lab.Next("04_mutex");
  return lab.Main(argc, argv);
}
