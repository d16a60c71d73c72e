// Lab 09: starvation
//
// Fair for whom?
//
// Two people share a printer. greedy prints one job after another, and locks the printer for each.
// patient wants to print a single page. A mutex keeps them apart, and nothing else: std::mutex
// promises that one thread at a time has it, and says nothing about who is next. When greedy lets
// go, patient must first be woken; greedy is awake already and takes the lock again. It can go on
// like that for as long as there are jobs. Nobody holds the lock for long and nothing stands still,
// yet patient's wait has no bound. That is starvation.
//
// A FairMutex (runtime/threads/fair_mutex.h) has a line. Unlocking it does not make it free: it
// gives it to the first in the line. So patient waits for the job that is being printed, and for no
// other, in every schedule.
//
// Run it:     bazel run //labs:09_starvation
//
// Notice:     The census is the promise. With std::mutex patient waits for 1, 2, 3 or 4 jobs; with
//             40 jobs it would be up to 40. First come, first served leaves one row.
//
//             giving_way is what one would try first. yield() only suggests that others go first,
//             so the census has the same rows.
//
//             Fairness has a price. Each time the lock is handed over to somebody who has to be
//             woken, the printer stands idle meanwhile. Who has it could have printed another page.
//
// Try:        --real: whom does your machine favour? Then --scenario=giving_way --real
//             --scenario=unfair: what std::mutex does, written out (runtime/threads/unfair_mutex.h)
//             --scenario=std_mutex --schedule=...: a row of the census
//             Let there be two patient ones. How long does the second wait with a FairMutex?
//
// Next:       10_priority_inversion
#include <chrono>
#include <cstdio>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "runtime/lab/compute.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/fair_mutex.h"
#include "runtime/threads/thread_name.h"
#include "runtime/threads/unfair_mutex.h"

namespace {

using interleave::Log;
using std::chrono::seconds;

constexpr int kJobs = 4;
int printed, waited_for;  // jobs of greedy; the lock guards both

template <typename Mutex>
void Greedy(Mutex& printer) {
  interleave::SetThreadName("greedy");
  for (int job = 1; job <= kJobs; ++job) {
    std::lock_guard<Mutex> lock(printer);
    Log("prints job " + std::to_string(job));
    interleave::Compute(seconds(2));
    ++printed;
  }
}

template <typename Mutex>
void GreedyGivesWay(Mutex& printer) {
  interleave::SetThreadName("greedy");
  for (int job = 1; job <= kJobs; ++job) {
    {
      std::lock_guard<Mutex> lock(printer);
      Log("prints job " + std::to_string(job));
      interleave::Compute(seconds(2));
      ++printed;
    }
    std::this_thread::yield();
  }
}

std::string Seconds(std::chrono::duration<double> time) {
  char text[20];
  std::snprintf(text, sizeof text, "%.2g s", time.count());
  return text;
}

template <typename Mutex>
void Patient(Mutex& printer) {
  interleave::SetThreadName("patient");
  std::this_thread::sleep_for(seconds(1));
  Log("wants to print a page");
  const auto came = std::chrono::steady_clock::now();
  std::lock_guard<Mutex> lock(printer);
  const auto wait = std::chrono::steady_clock::now() - came;
  Log("prints it, after " + Seconds(wait));
  waited_for = printed;
  interleave::Compute(seconds(1));
}

template <typename Mutex>
std::string Print(void (*greedy)(Mutex&)) {
  Mutex printer;
  printed = waited_for = 0;
  std::thread one(greedy, std::ref(printer)), two(Patient<Mutex>, std::ref(printer));
  one.join();
  two.join();
  return "patient waited for " + std::to_string(waited_for) + (waited_for == 1 ? " job" : " jobs");
}

std::string FirstComeFirstServed() {
  using Lock = interleave::FairMutex;
  return Print<Lock>(Greedy<Lock>);
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("09_starvation", "Starvation: fair for whom?");
  // Without outcomes that are expected: on a real machine patient may come early or late, so any
  // number of jobs is right there.
  lab.Scenario("std_mutex", [] { return Print<std::mutex>(Greedy); })
      .Says("greedy prints four jobs of 2 s, patient one page; a std::mutex")
      .ShowsOutcome("patient waited for 4 jobs")
      .Takes(seconds(9))
      .ShowsTimeline()
      .ShowsCensus();
  lab.Scenario("giving_way", [] { return Print<std::mutex>(GreedyGivesWay); })
      .Says("no cure: the same, greedy yields after each job")
      .ShowsOutcome("patient waited for 4 jobs")
      .Takes(seconds(9))
      .ShowsCensus();
  lab.Scenario("first_come", FirstComeFirstServed)
      .Says("cure: the same with a FairMutex, which has a line")
      .Takes(seconds(9))
      .ShowsTimeline()
      .ShowsCensus();
  lab.Scenario("unfair", [] { return Print<interleave::UnfairMutex>(Greedy); })
      .OnRequest()
      .Says("std_mutex with an UnfairMutex, which is what most locks do, written out")
      .Takes(seconds(9))
      .ShowsCensus();
  lab.Notice(
      "Each time greedy lets go both want the lock, and a mutex leaves open who gets it. The "
      "schedules of std_mutex answer nothing else: 1 is greedy, 2 is patient. With forty jobs "
      "there "
      "would be forty rows. A FairMutex leaves nothing open.");
  lab.Try(
      "--real, and --real --scenario=giving_way: whom does your machine favour? --scenario=unfair; "
      "--scenario=std_mutex with a --schedule of the census.");
  lab.Next("10_priority_inversion");
  return lab.Main(argc, argv);
}
