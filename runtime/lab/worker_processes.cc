// runtime/lab/worker_processes.cc
//
// A process pool in a simulation. The workers are real processes, and how long they take for real
// would be different in every run. So the whole simulation stands still while one of them works,
// and a job says itself what it costs: Compute in a worker is told to the parent, where the thread
// that is named as the worker pays it on one of the virtual cores before the worker may go on; if
// the worker is killed meanwhile, it pays no more. What a worker prints takes the same way, and so
// has its place in the output and the clock's time.
//
// Nothing needs to be called: it is enough that a program depends on this.

#include "runtime/engine/worker_processes.h"

#include <chrono>
#include <cstdlib>
#include <string>
#include <string_view>

#include "runtime/engine/explore.h"
#include "runtime/lab/compute.h"
#include "runtime/lab/log.h"
#include "runtime/process/process_hooks.h"

namespace interleave::lab {
namespace {

constexpr char kCompute = 'c', kPrint = 'p', kLog = 'l';  // begin what a worker says

void Tell(char what, std::string_view words) { TellParent(what + std::string(words)); }

void InWorker() {
  SetComputeElsewhere(
      [](std::chrono::nanoseconds cost) { Tell(kCompute, std::to_string(cost.count())); });
  SetPrintElsewhere([](std::string_view line) { Tell(kPrint, line); },
                    [](std::string_view message) { Tell(kLog, message); });
}

void Heard(std::string_view words, int end) {
  const std::string_view rest = words.substr(1);
  switch (words[0]) {
    case kCompute:
      return ComputeUntil(end, std::chrono::nanoseconds(std::atoll(std::string(rest).c_str())));
    case kPrint:
      return Print(rest);
    case kLog:
      return Log(rest);
  }
}

const bool are_set = [] {
  SetProcessHooks({.active = InSimulation,
                   .started = LetClockRun,
                   .await = AwaitInRealTime,
                   .heard = Heard,
                   .in_worker = InWorker});
  return true;
}();

}  // namespace
}  // namespace interleave::lab
