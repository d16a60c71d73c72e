// Lab 40: Amdahl's law
//
// Why are twice the cores not twice the speed?
//
// 200 ms of work, of which 20 ms have to be done first and by one alone: read the file, make the
// list, whatever nobody can share. The other 180 ms can be shared among as many cores as there are.
// With two cores that makes 20 + 90 ms, with four 20 + 45, with eight 20 + 22.5, and with a million
// cores still 20. The part that cannot be shared was a tenth, and so ten times the speed is all
// that any number of cores will ever bring: speed-up = 1 / (serial + parallel / cores). Gene Amdahl
// said so in 1967.
//
// A lock that everybody needs all the time makes everything serial. Python's interpreter has such a
// lock, and the articles measure what it does (40_amdahl_interpreter_lock.cc). C++ has none: these
// threads do scale.
//
// Run it:     bazel run //labs:40_amdahl
//
// Notice:     Each doubling of the cores brings less than the one before: 1.82, 1.69, 1.53 times.
//
//             In the timeline three cores have nothing to do while the first does what only one can
//             do. That is the serial part. More cores don't make it smaller.
//
//             Under the interpreter lock four threads compute as fast as one, and wait as fast as
//             four: who waits for a server has given the lock back.
//
// Try:        --real --scenario=tenth_serial: your machine's own curve. It bends where your
//             cores end, or where others need them.
//             Make the serial part 1 %: what are a hundred cores worth?
//             Count how often the lock is handed over: --scenario=S2.19 --timeline
//
// Next:       41_work_stealing
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "runtime/lab/compute.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/thread_name.h"

void AddInterpreterLock(interleave::Lab& lab);  // in 40_amdahl_interpreter_lock.cc

namespace {

using interleave::Compute;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr milliseconds kWork{200};

// The work: first what one has to do alone, then what can be shared.
void Work(int serial_percent, int cores) {
  const milliseconds serial = kWork * serial_percent / 100;
  const std::chrono::nanoseconds parallel = kWork - serial;
  Compute(serial);
  std::vector<std::thread> helpers;
  for (int i = 1; i < cores; ++i) {
    helpers.emplace_back([=] {
      interleave::SetThreadName("helper-" + std::to_string(i));
      Compute(parallel / cores);
    });
  }
  Compute(parallel / cores);
  for (std::thread& helper : helpers) helper.join();
}

double Amdahl(double serial, int cores) { return 1 / (serial + (1 - serial) / cores); }

std::string Curve(int serial_percent) {
  interleave::Print("cores  time     speed-up  the law says");
  Seconds alone{};
  for (int cores = 1; cores <= 8; ++cores) {
    const auto began = steady_clock::now();
    Work(serial_percent, cores);
    const Seconds took = steady_clock::now() - began;
    if (cores == 1) alone = took;
    const double speed_up = alone / took;
    char row[80];
    std::snprintf(row, sizeof row, "%5d  %.3f s  %8.2f  %12.2f  ", cores, took.count(), speed_up,
                  Amdahl(serial_percent / 100.0, cores));
    interleave::Print(row + std::string(static_cast<std::size_t>(speed_up * 5 + 0.5), '#'));
  }
  return "the work was done eight times";
}

std::string FourCores() {
  Work(10, 4);
  return "the work was done";
}

}  // namespace

int main(int argc, char** argv) {
  using std::chrono::seconds;
  interleave::Lab lab("40_amdahl", "Amdahl's law: why are twice the cores not twice the speed?");
  lab.Scenario("tenth_serial", [] { return Curve(10); })
      .Says("200 ms of work, a tenth of it for one alone, on one to eight cores")
      .Outcome("the work was done eight times", "Never more than ten times as fast.")
      .Cores(8)
      .Takes(seconds(3));
  lab.Scenario("half_serial", [] { return Curve(50); })
      .Says("half of it for one alone")
      .Outcome("the work was done eight times", "Never more than twice as fast.")
      .Cores(8)
      .Takes(seconds(3));
  lab.Scenario("all_parallel", [] { return Curve(0); })
      .Says("nothing for one alone")
      .Outcome("the work was done eight times", "Twice the cores, twice the speed; only here.")
      .Cores(8)
      .Takes(seconds(3));
  lab.Scenario("four_cores", FourCores)
      .Says("a tenth for one alone, four cores: who waits meanwhile?")
      .Outcome("the work was done")
      .Cores(4)
      .ShowsTimeline();
  AddInterpreterLock(lab);
  lab.Notice(
      "What one has to do alone bounds what all can do together. Look for the serial part, a lock "
      "among them, before you buy cores.");
  lab.Notice(
      "The articles' threads do not compute faster than one, because of Python's interpreter lock. "
      "That is no property of threads: C++ has no such lock, and its threads use all cores.");
  lab.Try("--real --scenario=tenth_serial; a serial part of 1 %; --scenario=S2.19 --timeline.");
  lab.Next("41_work_stealing");
  return lab.Main(argc, argv);
}
