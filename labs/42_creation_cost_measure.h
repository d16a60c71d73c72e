// Lab 42: what measuring takes.
#ifndef INTERLEAVE_LABS_42_CREATION_COST_MEASURE_H_
#define INTERLEAVE_LABS_42_CREATION_COST_MEASURE_H_

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "runtime/async/task.h"
#include "runtime/net/descriptor.h"

// Of one, on average.
struct Cost {
  double seconds = 0;      // by the clock
  double cpu_seconds = 0;  // of all processors, the kernel's work included
  double bytes = 0;
};

// So many that live at the same time (in 42_creation_cost.cc).
Cost OfTasks(long count);
Cost OfThreads(long count);
Cost OfProcesses(long count);

// Time and memory since it was made.
class Meter {
 public:
  Meter();
  Cost Read(long count, long bytes) const;
  long MoreMemory() const;    // of this process (RSS)
  double CpuSeconds() const;  // of this process and of its children that have ended

 private:
  const long memory_;
  const double cpu_seconds_;
  const std::chrono::steady_clock::time_point began_;
};

// Where forked processes wait, so that all of them live at the same time.
class Gate {
 public:
  Gate();
  std::vector<int> descriptors() const { return {arrived_.get(), opening_.get()}; }
  int Pass();                 // the child's: arrives, and waits until it is open
  void AwaitAll(long count);  // the parent's
  void Open();

 private:
  interleave::Descriptor arrived_, arrivals_, opening_, opened_;
};

// In a process of its own: it has little memory, the real clock, and nobody measured in it before.
// Throws std::runtime_error if that does not end well.
Cost InFreshProcess(const std::function<Cost()>& measure);
// The same for several that are measured one after the other, in one process.
std::vector<Cost> AllInFreshProcess(const std::function<std::vector<Cost>()>& measure);

// On a loop that nobody looks after: that would cost, too. In a fresh process only.
Cost RunUnwatched(interleave::Task<Cost> task);

// "0.45 us", "21 s"; "340 B", "9.8 KB".
std::string Time(double seconds);
std::string Bytes(double bytes);

#endif  // INTERLEAVE_LABS_42_CREATION_COST_MEASURE_H_
