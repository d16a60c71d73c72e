// Lab 38, the article's part that is right: without shared memory a process has all for itself
// (S4.06), so its work is not seen where that of a coroutine and of a thread is (S1.28).
#include <string>
#include <thread>

#include "labs/38_shared_memory_race_processes.h"
#include "runtime/async/run.h"
#include "runtime/async/task.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"

namespace {

using interleave::Print;

int value;

std::string OwnMemory() {
  value = 1;
  Print("main has " + std::to_string(value));
  std::thread([] { value = 2; }).join();
  Print("a thread made it " + std::to_string(value));
  const int of_child = StatusOf(StartProcess([] { return ++value; }));
  Print("a process made it " + std::to_string(of_child) + ", but that was its copy");
  Print("main still has " + std::to_string(value));
  return "main has " + std::to_string(value);
}

std::string written;

void Write(const std::string& who) { written += (written.empty() ? "" : ", ") + who; }

interleave::Task<void> WriteInCoroutine() {
  Write("coroutine");
  co_return;
}

std::string ThreeWriters() {
  written.clear();
  interleave::Run(WriteInCoroutine());
  std::thread(Write, "thread").join();
  StatusOf(StartProcess([] {
    Write("process");
    return 0;
  }));
  Print("main sees: " + written);
  return "main sees: " + written;
}

}  // namespace

void AddPrivateMemory(interleave::Lab& lab) {
  lab.Scenario("own_memory", OwnMemory)
      .Id("S4.06")
      .Says("main, a thread and a process write to one variable, or so it seems")
      .Outcome("main has 2");
  lab.Scenario("three_writers", ThreeWriters)
      .Id("S1.28")
      .Says("a coroutine, a thread and a process add their names to a list")
      .Outcome("main sees: coroutine, thread", "what the process wrote ended with the process.");
}
