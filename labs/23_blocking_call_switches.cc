// Lab 23, who switches: two threads and two tasks that do two halves of work each. Threads are
// switched wherever they are (S2.16), tasks where they await (S3.15).
#include <mutex>
#include <string>
#include <thread>

#include "runtime/async/gather.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/task.h"
#include "runtime/lab/lab.h"
#include "runtime/threads/thread_name.h"

using interleave::Gather;
using interleave::Run;
using interleave::Task;

namespace {

std::string order;
std::mutex order_mutex;

void Half(const char* who) {
  std::lock_guard<std::mutex> lock(order_mutex);
  order += (order.empty() ? "" : " ") + std::string(who);
}

// ---- threads ----

void WorkOnThread(const char* who) {
  interleave::SetThreadName(who);
  Half(who);
  Half(who);
}

std::string TwoThreads() {
  order.clear();
  std::thread a(WorkOnThread, "A"), b(WorkOnThread, "B");
  a.join();
  b.join();
  return order;
}

// ---- tasks ----

Task<void> Work(const char* who) {
  Half(who);
  Half(who);
  co_return;
}

Task<void> WorkAndYield(const char* who) {
  Half(who);
  co_await interleave::Yield();
  Half(who);
}

Task<std::string> TwoTasks(Task<void> (*work)(const char*)) {
  order.clear();
  co_await Gather(work("A"), work("B"));
  co_return order;
}

std::string ThreadsAndTasks() {
  const std::string threads = TwoThreads();
  return "threads " + threads + ", tasks " + Run(TwoTasks(Work));
}

}  // namespace

void AddSwitches(interleave::Lab& lab) {
  const std::string tasks = ", tasks A A B B";
  lab.Scenario("forced", ThreadsAndTasks)
      .Id("S2.16")
      .Says("A and B do two halves each, on threads and then as tasks that do not await")
      .Outcomes({"threads A A B B" + tasks, "threads A B A B" + tasks, "threads A B B A" + tasks,
                 "threads B A A B" + tasks, "threads B A B A" + tasks, "threads B B A A" + tasks})
      .ShowsCensus();
  lab.Scenario("voluntary", [] { return Run(TwoTasks(WorkAndYield)); })
      .Id("S3.15")
      .Says("the tasks give way after the first half, and any that is ready may go on")
      .Outcomes({"A B A B", "A B B A", "B A A B", "B A B A"})
      .PermutesTasks()
      .ShowsCensus();
}
