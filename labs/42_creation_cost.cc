// Lab 42: the cost of creation
//
// What does one more cost?
//
// A task is a coroutine's frame: some hundred bytes on the heap, and an entry in a list. A thread
// is known to the kernel, has a stack, and a scheduler that has to come by before it begins. A
// process has an address space of its own besides: tables, and a copy of each page that either side
// writes to. So a task costs less than a thread, and a thread less than a process. How much less?
// The article has a table for a million of each. Here it stands beside what your machine says.
//
// A million tasks are made for real, and all of them wait at the same time. A million processes
// cannot be (a process number has no more than 22 bits, and pid_max is mostly lower), nor should
// anybody try with threads. So there are as many as a quarter of the machine's limits allows, at
// most a thousand threads and a hundred processes, and the table says what was counted and what was
// multiplied.
//
// Run it:     bazel run //labs:42_creation_cost -- --real
//
// Notice:     Without --real there are no figures, for they are different each time. Which is the
//             cheaper is not.
//
//             The article's million threads never lived at the same time: each had ended when the
//             next began. Its 2.6 GB are what Python keeps of each after its end.
//
//             A thread costs more than its line says: the kernel's part, its stack there above all,
//             is in nobody's account.
//
//             "Unable to calculate" is not so. /proc/N/smaps_rollup has a process's proportional
//             share (PSS): what it has alone, and a n-th of what n of them share.
//
// Try:        --real --scenario=S1.24, S1.25 ..., the article's programs
//             --real --repeat=5: which of the figures can you trust?
//             Let each thread touch 100 KB of its stack. And a process?
//             bazel run //examples:creation_benchmark: the article's block with numbers of your own
//
// Next:       43_store_buffer
#include <sys/types.h>

#include <chrono>
#include <cstdio>
#include <functional>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "labs/42_creation_cost_measure.h"
#include "runtime/async/async_event.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/async/task.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/lab/machine.h"
#include "runtime/process/process.h"

void AddArticle(interleave::Lab& lab);  // in 42_creation_cost_articles.cc

namespace {

using interleave::AsyncEvent;
using interleave::Machine;
using interleave::Print;
using interleave::Process;
using interleave::Task;
using interleave::TaskHandle;

Task<void> Suspended(AsyncEvent& end) { co_await end.Wait(); }

Task<Cost> MeasureTasks(long count) {
  AsyncEvent end;
  std::vector<TaskHandle<void>> tasks;
  Meter meter;
  for (long i = 0; i < count; ++i) tasks.push_back(interleave::Spawn(Suspended(end)));
  co_await interleave::Yield();  // now each of them has begun, and waits
  const Cost cost = meter.Read(count, meter.MoreMemory());
  end.Set();
  for (const TaskHandle<void>& task : tasks) co_await task;
  co_return cost;
}

}  // namespace

Cost OfTasks(long count) { return RunUnwatched(MeasureTasks(count)); }

Cost OfThreads(long count) {
  std::latch begun(count), end(1);
  std::vector<std::thread> threads;
  Meter meter;
  for (long i = 0; i < count; ++i) {
    threads.emplace_back([&] {
      begun.count_down();
      end.wait();
    });
  }
  begun.wait();
  const Cost cost = meter.Read(count, meter.MoreMemory());
  end.count_down();
  for (std::thread& thread : threads) thread.join();
  return cost;
}

Cost OfProcesses(long count) {
  Gate gate;
  std::vector<Process> processes;
  Meter meter;
  for (long i = 0; i < count; ++i) {
    processes.push_back(Process::Fork([&] { return gate.Pass(); }, gate.descriptors()));
  }
  gate.AwaitAll(count);
  long bytes = 0;
  for (const Process& process : processes) bytes += Machine().ProportionalMemory(process.pid());
  Cost cost = meter.Read(count, bytes);
  gate.Open();
  for (Process& process : processes) process.Wait();
  cost.cpu_seconds = meter.CpuSeconds() / static_cast<double>(count);  // the children's as well
  return cost;
}

namespace {

struct Kind {
  const char* name;
  long at_most;
  long bytes_each;  // a generous guess, to read the limits with
  bool known_to_the_kernel;
  Cost (*measure)(long count);
  const char* article;
};

const Kind kKinds[] = {
    {"task", 1'000'000, 512, false, OfTasks, "   7 s   1112 MB"},
    {"thread", 1000, 128 << 10, true, OfThreads, "  44 s   2660 MB"},
    {"process", 100, 4 << 20, true, OfProcesses, " 379 s   \"unable to calculate\""},
};

// Who costs less than whom. The order is by CPU time: the clock's depends on who else is at work.
std::string WhichIsCheaper() {
  const Machine machine;
  const bool real = !interleave::InSimulation();
  if (real) {
    Print("limit on threads and processes: " + std::to_string(machine.TaskLimit().count) + " (" +
          machine.TaskLimit().name + "); free memory: " + Bytes(machine.AvailableMemory()));
  }
  Print(real ? "          measured  one more           a million of them  the article's million"
             : "           at most  the article's million");
  bool in_order = true;
  Cost before{};
  for (const Kind& kind : kKinds) {
    const long count = machine.HowManyFit(kind.at_most, kind.bytes_each, kind.known_to_the_kernel);
    const Cost cost = InFreshProcess([&] { return kind.measure(count); });
    char row[120];
    if (real) {
      std::snprintf(row, sizeof row, "%-8s %9ld  %8s %8s  %8s %8s  %s", kind.name, count,
                    Time(cost.seconds).c_str(), Bytes(cost.bytes).c_str(),
                    Time(cost.seconds * 1e6).c_str(), Bytes(cost.bytes * 1e6).c_str(),
                    kind.article);
    } else {
      std::snprintf(row, sizeof row, "%-8s %9ld  %s", kind.name, kind.at_most, kind.article);
    }
    Print(row);
    in_order = in_order && before.cpu_seconds < cost.cpu_seconds && before.bytes < cost.bytes;
    before = cost;
  }
  return in_order ? "a task costs less than a thread, a thread less than a process"
                  : "the order is another one";
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("42_creation_cost", "The cost of creation: what does one more cost?");
  lab.Scenario("one_more", WhichIsCheaper)
      .Id("S2.17")
      .Says("tasks, threads and processes that all live at the same time, time and memory of one")
      .Outcome("a task costs less than a thread, a thread less than a process",
               "A task costs less than a thread, a thread less than a process: measured now.")
      .Takes(std::chrono::seconds(20));
  AddArticle(lab);
  lab.Notice(
      "A task is memory of the program's own. A thread takes the kernel's attention besides, and a "
      "process an address space. Have as many as you like of the first, and count the others.");
  lab.Try("--real; --real --scenario=S1.24 and so on; --real --repeat=5.");
  lab.Next("43_store_buffer");
  return lab.Main(argc, argv);
}
