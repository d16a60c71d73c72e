// Lab 04: mutex
//
// What does a lock forbid?
//
// A std::mutex has one owner at a time. Whoever asks while another has it waits, so the lines
// between lock and unlock never run on two threads at once. It does not protect the variable: it
// knows nothing of it. It protects whatever everybody agrees to touch only while holding it, and
// an agreement that one of them forgets is none.
//
// What it forbids it also costs. A thread that sleeps with the lock in its hand makes everybody
// else sleep with it.
//
// Run it:     bazel run //labs:04_mutex
//
// Notice:     The census of unlocked has two outcomes and that of locked a single one. The lock
//             does not choose who is first; it forbids the schedules in which one thread is in the
//             middle of the other. With those the wrong outcome is gone.
//
//             Both queries of 04_mutex_cost.cc do the same work. While the lock is held across the
//             sleep they take 3 s: one after the other, as in lab 01. Take the lock for the line
//             that needs it, and it is 1 s again.
//
// Try:        --scenario=locked --schedule=2: the other order
//             --explore=all --scenario=half_locked: a lock that only one of them takes
//             Move the lock in Update below the line that reads. Which outcomes come back?
//
// Next:       05_check_then_act
#include <mutex>
#include <string>
#include <thread>

#include "runtime/lab/lab.h"
#include "runtime/threads/thread_name.h"

void AddCost(interleave::Lab& lab);     // in 04_mutex_cost.cc
void AddArticle(interleave::Lab& lab);  // in 04_mutex_articles.cc

namespace {

int value;
std::mutex value_mutex;

void UpdateUnlocked(const char* name) {
  interleave::SetThreadName(name);
  const int before = value;
  value = before * before + 1;
}

void Update(const char* name) {
  interleave::SetThreadName(name);
  std::lock_guard<std::mutex> lock(value_mutex);
  const int before = value;
  value = before * before + 1;
}

std::string RunTwo(void (*first)(const char*), void (*second)(const char*)) {
  value = 0;
  std::thread one(first, "updater-1"), two(second, "updater-2");
  one.join();
  two.join();
  return "final " + std::to_string(value);
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("04_mutex", "Mutex: what does a lock forbid?");
  lab.Scenario("unlocked", [] { return RunTwo(UpdateUnlocked, UpdateUnlocked); })
      .Says("two std::threads run  value = value * value + 1;")
      .Outcomes({"final 1", "final 2"})
      .ShowsCensus()
      .ShowsRaces();
  lab.Scenario("locked", [] { return RunTwo(Update, Update); })
      .Says("the same, with std::lock_guard in front")
      .Outcome("final 2")
      .ShowsCensus();
  lab.Scenario("half_locked", [] { return RunTwo(Update, UpdateUnlocked); })
      .OnRequest()
      .Says("one takes the lock, the other forgets it")
      .Outcomes({"final 1", "final 2"})
      .ShowsCensus()
      .ShowsRaces();
  AddCost(lab);
  AddArticle(lab);
  lab.Notice(
      "A lock forbids schedules, not accesses: only those are left in which each update runs from "
      "its read to its write undisturbed. Nobody may wait for something slow while holding it.");
  lab.Try(
      "--explore=all --scenario=half_locked: is a lock that only one of them takes half as good, "
      "or no good at all?");
  lab.Next("05_check_then_act");
  return lab.Main(argc, argv);
}
