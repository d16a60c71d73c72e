// Lab 10: priority inversion
//
// The urgent one waits for the idle one.
//
// A processor and three threads. high is the most urgent one and goes before the others whenever it
// wants to run; mid goes before low. low holds a lock that high needs, so high has to wait until
// low lets go: a little, and nobody's fault. But mid needs no lock. It takes the processor from
// low, who therefore cannot let go, and so high waits for mid, for as long as mid likes. The
// priorities are upside down. (In 1997 this made the Mars Pathfinder restart itself, on Mars.)
//
// The cure is inheritance: while high waits for a lock, its holder is as urgent as high. low
// cannot be pushed aside then, lets go, and is low again.
//
// Run it:     bazel run //labs:10_priority_inversion
//
// Notice:     Read high's line in the timelines. Nobody holds the lock any longer in the first than
//             in the second: low computes 3 s with it. What differs is when.
//
//             Inheritance does not make the wait go away. high waits for the rest of what low does
//             with the lock, as it would with nobody else there. Hold locks briefly.
//
// Try:        --real: as root the machine does the same; otherwise it says that it may not. One
//             processor is used, however many you have.
//             --explore: how many schedules do priorities leave?
//             Give mid priority 4. Who waits for whom then, and is anything upside down?
//
// Next:       11_readers_writers
#include <chrono>
#include <cstdio>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "runtime/lab/compute.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/priority_mutex.h"
#include "runtime/threads/thread_name.h"
#include "runtime/threads/thread_priority.h"

namespace {

using interleave::Log;
using std::chrono::seconds;

std::string first_done;  // of mid and high; written by whoever has the processor
std::mutex first_done_mutex;

void Begin(const char* name, int priority, seconds starts) {
  interleave::SetThreadName(name);
  interleave::SetThreadPriority(priority);
  std::this_thread::sleep_for(starts);
}

void End(const char* name) {
  std::lock_guard<std::mutex> lock(first_done_mutex);
  if (first_done.empty()) first_done = name;
  Log("is done");
}

std::string Seconds(std::chrono::duration<double> time) {
  char text[20];
  std::snprintf(text, sizeof text, "%.2g s", time.count());
  return text;
}

template <typename Mutex>
void Low(Mutex& mutex) {
  Begin("low", 1, seconds(0));
  {
    std::lock_guard<Mutex> lock(mutex);
    Log("takes the lock, and has to compute 3 s with it");
    interleave::Compute(seconds(3));
  }
  Log("lets go of the lock");
}

template <typename Mutex>
void High(Mutex& mutex) {
  Begin("high", 3, seconds(1));
  Log("wants the lock");
  const auto came = std::chrono::steady_clock::now();
  std::lock_guard<Mutex> lock(mutex);
  const auto wait = std::chrono::steady_clock::now() - came;
  Log("has the lock, after " + Seconds(wait));
  interleave::Compute(seconds(1));
  End("high");
}

void Mid() {
  Begin("mid", 2, seconds(2));
  Log("needs no lock, and has to compute 5 s");
  interleave::Compute(seconds(5));
  End("mid");
}

template <typename Mutex>
std::string Run() {
  Mutex mutex;
  first_done.clear();
  interleave::SetThreadPriority(4);  // all three are there before the first one runs
  std::thread low(Low<Mutex>, std::ref(mutex)), high(High<Mutex>, std::ref(mutex)), mid(Mid);
  low.join();
  high.join();
  mid.join();
  interleave::SetThreadPriority(0);
  return first_done + " was done first";
}

std::string WithInheritance() {
  using Lock = interleave::PriorityMutex;
  return Run<Lock>();
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("10_priority_inversion",
                      "Priority inversion: the urgent one waits for the idle one");
  const char* upside_down = "mid was done before high, who is more urgent and came first.";
  const char* in_order = "high was done before mid, as the priorities say.";
  lab.Scenario("std_mutex", Run<std::mutex>)
      .Says("one processor; low holds a std::mutex that high wants, mid only computes")
      .Outcome("mid was done first", upside_down)
      .Outcome("high was done first", in_order)  // --real without the privilege
      .ByPriority()
      .Cores(1)
      .Takes(seconds(9))
      .ShowsTimeline();
  lab.Scenario("inheritance", WithInheritance)
      .Says("cure: the same with a PriorityMutex, whose holder inherits")
      .Outcome("mid was done first", upside_down)
      .Outcome("high was done first", in_order)
      .ByPriority()
      .Cores(1)
      .Takes(seconds(9))
      .ShowsTimeline();
  lab.Notice(
      "Between wanting the lock and having it high waits 7 s in the first and 2 s in the second. "
      "Those 2 s are what low still had to do; the other 5 s belong to mid, who has nothing to do "
      "with the lock.");
  lab.Try(
      "--scenario=std_mutex --explore; --real; --scenario=inheritance --explain: every step of it, "
      "and why nobody else went.");
  lab.Next("11_readers_writers");
  return lab.Main(argc, argv);
}
