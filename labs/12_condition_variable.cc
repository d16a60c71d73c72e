// Lab 12: condition variable
//
// Wait for a fact, not for a signal. Why?
//
// A std::condition_variable knows no condition. wait() lets go of the lock and sleeps; notify_one()
// wakes somebody who is asleep at that moment. It remembers nothing: not that it was called, nor
// why. The fact is a variable beside it, under the lock:
//
//   while (!fact) changed.wait(lock);    // or  changed.wait(lock, [] { return fact; });
//
//   a fact             Who comes after the notify sleeps for ever, if there is nothing to look at
//                      before going to sleep.
//   under the lock     There is time between the look and the sleep. Only the lock closes it.
//   while, not if      Who is woken must get the lock first, and somebody may be quicker. And the
//                      standard allows waking up for no reason at all.
//   who is woken?      notify_one() wakes anybody. Where only some can use the news it may wake one
//                      of the others, who goes back to sleep and tells nobody. Use notify_all(), or
//                      a condition variable for each kind of waiter (lab 15).
//
// Run it:     bazel run //labs:12_condition_variable
//
// Notice:     Broken and cured differ in one word or in one line each time. Loops are in
//             12_condition_variable_while.cc, who is woken in 12_condition_variable_shelf.cc.
//
//             flag_unlocked has two faults: a data race, and a moment in which the notify finds
//             nobody asleep. A std::atomic<bool> cures the first and not the second.
//
// Try:        --real --repeat=10000 --scenario=if_no_loaf: how often does it happen by itself?
//             Make is_open a std::atomic<bool>. What is left of the census of flag_unlocked?
//             Let a third customer come and BakeTwo bake three. Which cures still hold?
//
// Next:       13_semaphore
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "runtime/lab/lab.h"
#include "runtime/threads/thread_name.h"

using interleave::SetThreadName;

void AddWhile(interleave::Lab& lab);  // in 12_condition_variable_while.cc
void AddShelf(interleave::Lab& lab);  // in 12_condition_variable_shelf.cc

namespace {

std::mutex shop;  // guards is_open
bool is_open;
std::condition_variable opened;

void EnterAtTheBell() {
  SetThreadName("anna");
  std::unique_lock<std::mutex> lock(shop);
  opened.wait(lock);
}

void EnterIfOpen() {
  SetThreadName("anna");
  std::unique_lock<std::mutex> lock(shop);
  while (!is_open) opened.wait(lock);
}

void OpenUnlocked() {
  SetThreadName("baker");
  is_open = true;
  opened.notify_one();
}

void OpenLocked() {
  SetThreadName("baker");
  std::lock_guard<std::mutex> lock(shop);
  is_open = true;
  opened.notify_one();
}

std::string Open(void (*enter)(), void (*open)()) {
  is_open = false;
  std::thread anna(enter), baker(open);
  anna.join();
  baker.join();
  return "anna is in";
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("12_condition_variable",
                      "Condition variable: wait for a fact, not for a signal");
  lab.Scenario("bell_only", [] { return Open(EnterAtTheBell, OpenLocked); })
      .Says("anna sleeps until the baker rings, and looks at nothing")
      .Outcome("deadlock", "The baker rang before anna slept, and a notify is not kept.")
      .Outcome("anna is in")
      .ShowsOutcome("deadlock")
      .ShowsSteps()
      .ShowsCensus();
  lab.Scenario("flag_unlocked", [] { return Open(EnterIfOpen, OpenUnlocked); })
      .Says("anna looks first,  while (!is_open);  the baker sets it without the lock")
      .Outcome("deadlock", "The baker rang between anna's look and anna's sleep.")
      .Outcome("anna is in")
      .ShowsOutcome("deadlock")
      .ShowsSteps()
      .ShowsCensus()
      .ShowsRaces();
  lab.Scenario("flag_locked", [] { return Open(EnterIfOpen, OpenLocked); })
      .Says("the same, the baker holds the lock: anna cannot be between look and sleep")
      .Outcome("anna is in")
      .ShowsCensus();
  AddWhile(lab);
  AddShelf(lab);
  lab.Notice(
      "wait() is always in a loop, the loop looks at a fact, and the fact changes under the lock. "
      "Then it does not matter how often, how early or by whom somebody is woken.");
  lab.Try(
      "--real --repeat=10000 --scenario=if_no_loaf; --scenario=notify_one --explain; a row of a "
      "census with --schedule.");
  lab.Next("13_semaphore");
  return lab.Main(argc, argv);
}
