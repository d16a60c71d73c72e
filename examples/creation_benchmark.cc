// examples/creation_benchmark.cc
//
// Makes very many tasks, threads and processes, and says how long that took and how much memory:
// the article's benchmark. Lab 42 asks why. Each kind is made in a process of its own; what one
// leaves behind would make the next dearer (--scenario=S1.32 of the lab).
//
// Run it:     bazel run //examples:creation_benchmark -- --real
//
// With numbers of your own:
//
//             bazel run //examples:creation_benchmark -- --real --threads=2000 --processes=200
//
// As the article prints it, a thousand processes are started by one that has a million Python
// thread objects, without waiting for any of them. That has exhausted machines. Here no more of one
// kind live at a time than take a quarter of a limit or half of the memory (runtime/lab/machine.h).
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <latch>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/async/async_event.h"
#include "runtime/async/event_loop.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/async/task.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/lab/machine.h"
#include "runtime/net/descriptor.h"
#include "runtime/process/process.h"

namespace {

using interleave::AsyncEvent;
using interleave::Descriptor;
using interleave::Machine;
using interleave::Print;
using interleave::Process;
using interleave::Task;
using interleave::TaskHandle;
using std::chrono::steady_clock;

constexpr long kBytesOfATask = 512, kBytesOfAThread = 128 << 10, kBytesOfAProcess = 4 << 20;
constexpr long kAtATime = 100;  // processes

struct Counts {
  long tasks = 1'000'000, threads = 5000, processes = 1000;
} counts;

struct Figures {
  double seconds, bytes;
};

std::pair<Descriptor, Descriptor> Pipe() {  // to read from, to write to
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

double SecondsSince(steady_clock::time_point began) {
  return std::chrono::duration<double>(steady_clock::now() - began).count();
}

double ResidentMemory() { return static_cast<double>(Machine().ResidentMemory()); }

// ---- The three ----

Task<void> Suspended(AsyncEvent& end) { co_await end.Wait(); }

Task<Figures> Tasks() {
  AsyncEvent end;
  std::vector<TaskHandle<void>> tasks;
  const double memory = ResidentMemory();
  const auto began = steady_clock::now();
  for (long i = 0; i < counts.tasks; ++i) tasks.push_back(interleave::Spawn(Suspended(end)));
  co_await interleave::Yield();  // now all of them wait
  const Figures figures{SecondsSince(began), ResidentMemory() - memory};
  end.Set();
  for (const TaskHandle<void>& task : tasks) co_await task;
  co_return figures;
}

Figures Threads() {
  std::latch ended(counts.threads);
  const double memory = ResidentMemory();
  const auto began = steady_clock::now();
  for (long i = 0; i < counts.threads; ++i) {
    std::thread([&ended] { ended.count_down(); }).detach();
  }
  const Figures figures{SecondsSince(began), ResidentMemory() - memory};
  ended.wait();
  return figures;
}

// So many that live at the same time; the sum of what each of them has of the memory.
double SomeProcesses(long count) {
  auto [arrivals, arrived] = Pipe();
  auto [opening, open] = Pipe();
  const std::vector<int> keep = {arrived.get(), opening.get()};
  std::vector<Process> processes;
  for (long i = 0; i < count; ++i) {
    processes.push_back(Process::Fork(
        [&keep] {
          char nothing = 0;
          if (write(keep[0], &nothing, 1) != 1) return 1;
          return read(keep[1], &nothing, 1) == 0 ? 0 : 1;  // until the parent closes its end
        },
        keep));
  }
  char nothing = 0;
  for (long i = 0; i < count; ++i) {
    if (read(arrivals.get(), &nothing, 1) != 1) throw std::runtime_error("a process is missing");
  }
  double bytes = 0;
  for (const Process& process : processes) {
    bytes += static_cast<double>(Machine().ProportionalMemory(process.pid()));
  }
  open = Descriptor();
  for (Process& process : processes) process.Wait();
  return bytes;
}

Figures Processes() {
  const long at_a_time = Machine().HowManyFit(kAtATime, kBytesOfAProcess);
  Figures figures{0, 0};
  const auto began = steady_clock::now();
  for (long started = 0; started < counts.processes; started += at_a_time) {
    figures.bytes += SomeProcesses(std::min(at_a_time, counts.processes - started));
  }
  figures.seconds = SecondsSince(began);
  return figures;
}

// ---- The program ----

std::string Text(const char* kind, long count, const Figures& figures, bool with_figures) {
  std::string text = std::to_string(count) + " " + kind + "\n";
  if (!with_figures) return text;
  const double megabytes = figures.bytes / 1024 / 1024;
  const double million = 1e6 / static_cast<double>(count);
  char lines[200];
  std::snprintf(lines, sizeof lines, "  time: %.3f s\n  memory consumption: %0.2fMB\n",
                figures.seconds, megabytes);
  text += lines;
  if (count == 1'000'000) return text;
  std::snprintf(lines, sizeof lines, "  a million would take %.1f s\n", figures.seconds * million);
  return text + lines;
}

std::string Measure(const char* kind, long count, bool with_figures, Figures (*make)()) {
  interleave::EventLoop::SetHooks({});  // nobody looks after this loop: that would cost, too
  return Text(kind, count, make(), with_figures);
}

// In a process of its own, which has the real clock in a simulation, too.
void InOwnProcess(const char* kind, long count, Figures (*make)()) {
  const bool with_figures = !interleave::InSimulation();  // they are different each time
  auto [result, to_parent] = Pipe();
  const int told = to_parent.get();
  Process process = Process::Fork(
      [=] {
        const std::string text = Measure(kind, count, with_figures, make);
        return write(told, text.data(), text.size()) == std::ssize(text) ? 0 : 1;
      },
      {told});
  to_parent = Descriptor();
  std::string line;
  for (char letter; read(result.get(), &letter, 1) == 1;) {
    if (letter != '\n') {
      line += letter;
    } else {
      Print(std::exchange(line, ""));
    }
  }
  const interleave::ExitStatus end = process.Wait();
  if (!end.ok()) throw std::runtime_error(kind + (" were not made: the process " + end.Text()));
}

std::string Benchmark() {
  InOwnProcess("tasks", counts.tasks, [] { return interleave::Run(Tasks()); });
  InOwnProcess("threads", counts.threads, Threads);
  InOwnProcess("processes", counts.processes, Processes);
  return "all of them have ended";
}

// Of a thing of so many bytes, if they live at the same time.
long Number(const std::string& text, long bytes_each, bool as_tasks, long most) {
  most = std::min(most, Machine().HowManyFit(most, bytes_each, as_tasks));
  long number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 1 || number > most) {
    throw std::invalid_argument("'" + text + "' is no number from 1 to " + std::to_string(most) +
                                ", which is what this machine has room for");
  }
  return number;
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("creation_benchmark", "Creation benchmark: very many of three kinds");
  counts.tasks = Machine().HowManyFit(counts.tasks, kBytesOfATask, /*as_tasks=*/false);
  counts.threads = Machine().HowManyFit(counts.threads, kBytesOfAThread);
  lab.Flag("--tasks=N", "all at the same time; 1000000 unless given", [](const std::string& text) {
    counts.tasks = Number(text, kBytesOfATask, false, 10'000'000);
  });
  lab.Flag("--threads=N", "that end at once; 5000 unless given", [](const std::string& text) {
    counts.threads = Number(text, kBytesOfAThread, true, 100'000);
  });
  lab.Flag("--processes=N", "at most a hundred at a time; 1000 unless given",
           [](const std::string& text) { counts.processes = Number(text, 1, false, 10'000); });
  lab.Scenario("one_after_the_other", Benchmark)
      .Says("tasks, threads, processes; time and memory with --real")
      .Outcome("all of them have ended")
      .Takes(std::chrono::minutes(2));
  lab.Notice(
      "The memory of the tasks is that of all of them at once, that of the processes the sum of "
      "their shares (PSS). A thread that has ended takes none.");
  lab.Try("--real; --real --tasks=2000000; --real --threads=2000 --processes=200.");
  return lab.Main(argc, argv);
}
