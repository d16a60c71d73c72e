// runtime/lab/real_run.h
//
// The same body on real threads and the real clock. What hangs by nature would hang here for ever,
// so a watchdog (a real thread) waits until 5 s after the scenario should have ended, writes to
// stderr what stands still, and ends the process with status 1:
//
//   stands still 5 s after it should have ended
//     MainThread  waits for another thread
//     alice       waits for another thread
//     bob         waits for another thread
//     Who waits for whom the simulation says: the same command without --real.
//
// An exception that leaves a std::thread ends the process: std::terminate is called, and nothing
// can go on from there. It, too, becomes a line on stderr and status 1 instead of a core dump:
//
//   std::terminate was called: uncaught std::runtime_error in downloader: disk full
#ifndef INTERLEAVE_RUNTIME_LAB_REAL_RUN_H_
#define INTERLEAVE_RUNTIME_LAB_REAL_RUN_H_

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "runtime/lab/scenario.h"
#include "runtime/lab/standard_output.h"

namespace interleave::lab {

// How often the kernel has taken a processor from one of this process's threads so far: because it
// waited for something, or because its time was up (getrusage(2): voluntary, involuntary).
struct Switches {
  long waiting;
  long time_up;
};
Switches SwitchesSoFar();

// One sentence, of what has come since `before`.
std::string SwitchesText(const Switches& before);

// Runs the body once, here and now; its outcome. An exception that leaves the body is one too;
// what leaves another thread ends the process.
// `time_scale` multiplies every sleep. `where` begins the message of what ended it. `loop_reports`
// is where the program's event loops are reported on (loop_watch.h).
std::string RunReal(const ScenarioPlan& plan, double time_scale, const std::string& where,
                    int loop_reports = kStdout);

// Why this process may not give its threads priorities, in a sentence; empty if it may.
std::string WhyNoPriorities();

// Calls `expired` on a thread of its own if it still exists after `limit`.
class Watchdog {
 public:
  Watchdog(std::chrono::nanoseconds limit, std::function<void()> expired);
  ~Watchdog();

 private:
  void Watch(std::chrono::steady_clock::time_point deadline);

  const std::function<void()> expired_;
  std::mutex mutex_;
  std::condition_variable ended_changed_;
  bool ended_ = false;  // guarded by mutex_
  std::thread thread_;
};

// A line for each thread of this process but the calling one: its name and what it does.
std::string WhatStandsStill();

}  // namespace interleave::lab

#endif  // INTERLEAVE_RUNTIME_LAB_REAL_RUN_H_
