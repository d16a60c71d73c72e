// Lab 01: sequential wait
//
// Where does the time go when one thing waits for another?
//
// A program that does one thing after the other is the easiest to read: nothing ever happens
// between two of its lines. It is also as slow as the sum of all its lines, and most of that sum
// is often no work at all. A request is sent, and until the answer comes the program stands there,
// on an idle processor.
//
// Work that mostly waits is called I/O bound, work that mostly computes CPU bound. They want
// different cures: the first can wait for many things at once, the second needs more processors.
// So before curing anything, ask for the share of idle time.
//
// Run it:     bazel run //labs:01_sequential_wait
//
// Notice:     The clock is virtual: five seconds of sleep take no time to run, yet every stamp is
//             exact. Add --speed=1 to watch it at the clock's own pace.
//
//             In a timeline ~ is waiting and # is work. The messages are waiting from end to end:
//             100 % idle. There everything can be gained, and lab 02 gains it.
//
// Try:        --scenario=messages --speed=1
//             --real --scenario=coffee: how much more than 9 s is it on a real clock?
//             Give FetchCharacters ten requests. Which share changes, and which does not?
//
// Next:       02_threads
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>

#include "runtime/lab/compute.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"

using interleave::Log;
using interleave::Print;
using std::chrono::steady_clock;
using namespace std::chrono_literals;

// In 01_sequential_wait_articles.cc.
void AddArticles(interleave::Lab& lab);

namespace {

// ---- two messages ----

void DelayMessage(std::chrono::seconds delay, const std::string& message) {
  Log(message + " received");
  std::this_thread::sleep_for(delay);
  Log("Printing " + message);
}

std::string Messages() {
  Log("Main started");
  DelayMessage(2s, "TWO");
  DelayMessage(3s, "THREE");
  Log("Main Ended");
  return "both printed";
}

// ---- which part of it is waiting? ----

std::chrono::nanoseconds waited;

void WaitForAnswer(std::chrono::milliseconds delay) {
  const auto asked = steady_clock::now();
  std::this_thread::sleep_for(delay);
  waited += steady_clock::now() - asked;
}

void FetchCharacters() {  // three requests, and a little work on each answer
  for (int request = 0; request < 3; ++request) {
    WaitForAnswer(900ms);
    interleave::Compute(100ms);
  }
}

void AggregateRows() {  // ten thousand rows, a fifth of a millisecond each
  interleave::Compute(10'000 * 200us);
}

void Measure(const char* name, void (*work)()) {
  waited = 0ns;
  const auto began = steady_clock::now();
  work();
  const std::chrono::duration<double> all = steady_clock::now() - began, idle = waited;
  const double share = idle / all;
  char line[100];
  std::snprintf(line, sizeof line, "%-16s %.2f s, of which %.2f s waiting: %2.0f %% idle, %s bound",
                name, all.count(), idle.count(), 100 * share, share > 0.5 ? "I/O" : "CPU");
  Print(line);
}

std::string IdleShare() {
  Measure("FetchCharacters", FetchCharacters);
  Measure("AggregateRows", AggregateRows);
  return "both measured";
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("01_sequential_wait",
                      "Sequential wait: where does the time go when one thing waits for another?");
  lab.Scenario("messages", Messages)
      .Id("S2.01")
      .StartsAt("12:39:00")
      .Says("a message delayed by 2 s, then one by 3 s: 5 s, and all of it is waiting")
      .Outcome("both printed")
      .Takes(5s)
      .ShowsTimeline();
  lab.Scenario("idle_share", IdleShare)
      .Id("S0.03")
      .Says("fetch characters, then aggregate rows: which of them waits?")
      .Outcome("both measured",
               "What waits can be overlapped; what computes needs more processors.")
      .Takes(5s)
      .ShowsTimeline();
  AddArticles(lab);
  lab.Notice(
      "Everything here runs on one thread, so the durations add up: 2 + 3 = 5, 1 + 5 + 3 = 9. "
      "Where the timeline shows ~ the processor had nothing to do.");
  lab.Try(
      "--scenario=messages --speed=1 plays it at the clock's pace; --real --scenario=coffee waits "
      "for real.");
  lab.Next("02_threads");
  return lab.Main(argc, argv);
}
