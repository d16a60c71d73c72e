// Lab 42, the article's programs: a million tasks (S1.24), threads that end at once (S1.25),
// processes (S1.26), what these weigh (S1.27), and all of it in one process (S1.32).
//
// The last one as printed ended in memory exhaustion: a thousand children were started, each of
// which walked over a million thread objects and so copied 2.3 GB. Here nothing takes more than a
// quarter of a limit or half of the memory, and no more than a hundred children live at a time.
#include <sys/types.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "labs/42_creation_cost_measure.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/lab/machine.h"
#include "runtime/process/process.h"

namespace {

using interleave::Machine;
using interleave::Print;
using interleave::Process;

constexpr double kMillion = 1e6;

// What is different each time is shown by --real only.
void PrintMeasured(const std::string& line) {
  if (!interleave::InSimulation()) Print(line);
}

std::string Megabytes(double bytes) {
  char text[40];
  std::snprintf(text, sizeof text, "%0.2fMB", bytes / 1024 / 1024);
  return text;
}

// In the article's words.
void PrintTasks(const Cost& cost, long count) {
  const auto n = static_cast<double>(count);
  Print(std::to_string(count) + " tasks were suspended at the same time, and have ended");
  PrintMeasured("Async I/O time: " + Time(cost.seconds * n));
  PrintMeasured("Memory consumption: " + Megabytes(cost.bytes * n));
}

void PrintThreads(const Cost& cost, long count) {
  const auto n = static_cast<double>(count);
  Print("threads that end at once, some thousand, one after the other");
  PrintMeasured("Thread time: " + Time(cost.seconds * n) + " for " + std::to_string(count) + ", " +
                Time(cost.seconds * kMillion) + " for a million");
  PrintMeasured("Memory consumption: " + Megabytes(cost.bytes * n) +
                ", and a million take no more: what has ended takes none");
}

void PrintProcesses(const Cost& cost) {
  Print("1000 processes that end at once");
  PrintMeasured("Process time: " + Time(cost.seconds * 1000));
  PrintMeasured("With 1.000.000 processes, it would take " + Time(cost.seconds * kMillion));
}

long HowManyTasks() { return Machine().HowManyFit(1'000'000, 512, /*as_tasks=*/false); }
long HowManyThreads() { return Machine().HowManyFit(5000, 128 << 10); }

// Each ends at once, and is detached, as Python's are.
Cost OfShortThreads(long count) {
  std::latch ended(count);
  Meter meter;
  for (long i = 0; i < count; ++i) {
    std::thread([&ended] { ended.count_down(); }).detach();
  }
  const Cost cost = meter.Read(count, meter.MoreMemory());
  ended.wait();
  return cost;
}

Cost OfShortProcesses(long count) {
  const long at_once = Machine().HowManyFit(100, 4 << 20);
  Meter meter;
  for (long started = 0; started < count; started += at_once) {
    std::vector<Process> processes;
    for (long i = started; i < std::min(count, started + at_once); ++i) {
      processes.push_back(Process::Fork([] { return 0; }));
    }
    for (Process& process : processes) process.Wait();
  }
  return meter.Read(count, 0);
}

std::string Tasks() {
  const long count = HowManyTasks();
  PrintTasks(InFreshProcess([=] { return OfTasks(count); }), count);
  return "done";
}

std::string Threads() {
  const long count = HowManyThreads();
  PrintThreads(InFreshProcess([=] { return OfShortThreads(count); }), count);
  return "done";
}

std::string Processes() {
  PrintProcesses(InFreshProcess([] { return OfShortProcesses(1000); }));
  return "done";
}

std::string MemoryOfProcesses() {
  const long count = Machine().HowManyFit(100, 4 << 20);
  Gate gate;
  std::vector<Process> processes;
  for (long i = 0; i < count; ++i) {
    processes.push_back(Process::Fork([&] { return gate.Pass(); }, gate.descriptors()));
  }
  gate.AwaitAll(count);
  double resident = 0, proportional = 0;
  for (const Process& process : processes) {
    resident += static_cast<double>(Machine().ResidentMemory(process.pid()));
    proportional += static_cast<double>(Machine().ProportionalMemory(process.pid()));
  }
  gate.Open();
  for (Process& process : processes) process.Wait();
  const auto n = static_cast<double>(count);
  Print("processes that live at the same time, and what /proc/N/smaps_rollup says of each");
  PrintMeasured("it sees " + Bytes(resident / n) + " (RSS), its share is " +
                Bytes(proportional / n) +
                " (PSS); a million shares: " + Bytes(proportional / n * kMillion));
  return proportional < resident ? "it can be calculated" : "nothing is shared";
}

// The three in one process, and what the first leave behind for the last: a fork has more to copy.
std::string AllInOne() {
  const long tasks = HowManyTasks(), threads = HowManyThreads();
  const long bytes = Machine().HowManyFit(128 << 20, 1, /*as_tasks=*/false);
  const std::vector<Cost> costs = AllInFreshProcess([=] {
    std::vector<Cost> in_turn = {OfShortProcesses(20)};
    in_turn.push_back(OfTasks(tasks));
    in_turn.push_back(OfShortThreads(threads));
    const std::vector<char> objects(static_cast<std::size_t>(bytes),
                                    'x');  // Python would keep them
    in_turn.push_back(OfShortProcesses(20));
    return in_turn;
  });
  PrintTasks(costs.at(1), tasks);
  PrintThreads(costs.at(2), threads);
  Print("20 processes that end at once, before all that and afterwards");
  PrintMeasured("one process: " + Time(costs.at(0).seconds) + "; of a parent that keeps " +
                Bytes(static_cast<double>(bytes)) + ": " + Time(costs.at(3).seconds));
  return "done";
}

}  // namespace

void AddArticle(interleave::Lab& lab) {
  const std::chrono::seconds limit(20);
  lab.Scenario("million_tasks", Tasks)
      .Id("S1.24")
      .Says("a million tasks, all of them suspended at the same time")
      .Outcome("done")
      .Takes(limit);
  lab.Scenario("short_threads", Threads)
      .Id("S1.25")
      .Says("threads as the article starts them; they never live at the same time")
      .Outcome("done")
      .Takes(limit);
  lab.Scenario("short_processes", Processes)
      .Id("S1.26")
      .Says("a thousand processes, at most a hundred at a time")
      .Outcome("done")
      .Takes(limit);
  lab.Scenario("memory_of_processes", MemoryOfProcesses)
      .Id("S1.27")
      .Says("what the article could not calculate")
      .Outcome("it can be calculated", "each share is smaller than what the process sees.")
      .Takes(limit);
  lab.Scenario("all_in_one", AllInOne)
      .Id("S1.32")
      .OnRequest()
      .Says("the three one after the other, within the limits")
      .Outcome("done")
      .Takes(3 * limit);
}
