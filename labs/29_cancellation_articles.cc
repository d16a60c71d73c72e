// Lab 29, the article's program that never ends (S3.17): a producer and eight consumers, until
// somebody presses Ctrl-C.
//
// What Ctrl-C does: the signal SIGINT makes Run cancel the task that it was given. That one waits
// for a Gather, so all of the Gather's children are cancelled. When it has ended, Run throws
// Interrupted, as Python raises KeyboardInterrupt, and the program ends with the status 130.
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <latch>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/async/async_errors.h"
#include "runtime/async/async_queue.h"
#include "runtime/async/gather.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/task.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/thread_name.h"

using interleave::AsyncQueue;
using interleave::Log;
using interleave::SleepFor;
using interleave::Task;
using interleave::TaskCancelled;
using namespace std::chrono_literals;

namespace {

constexpr int kConsumers = 8;

Task<void> Produce(AsyncQueue<int>& queue) {
  for (int number = 0;; ++number) {
    queue.PutNow(number);
    co_await SleepFor(50ms);
  }
}

Task<void> Consume(AsyncQueue<int>& queue) {
  for (;;) {
    co_await queue.Get();
    co_await SleepFor(400ms);  // looks it up
    queue.TaskDone();
  }
}

Task<void> Named(std::string name, Task<void> work) {
  try {
    co_await work;
  } catch (const TaskCancelled&) {
    Log(name + ": cancelled");
    throw;
  }
}

Task<void> Main(AsyncQueue<int>& queue, std::latch& running) {
  std::vector<Task<void>> all;
  all.push_back(Named("producer", Produce(queue)));
  for (int i = 0; i < kConsumers; ++i) {
    all.push_back(Named("consumer " + std::to_string(i), Consume(queue)));
  }
  running.count_down();
  co_await Named("main", [](std::vector<Task<void>> all) -> Task<void> {
    co_await interleave::Gather(std::move(all));
  }(std::move(all)));
}

// The program's own main: what it returns is its exit status.
int Program(std::latch& running) {
  AsyncQueue<int> queue;
  try {
    interleave::Run(Main(queue, running));
  } catch (const interleave::Interrupted&) {
    Log("Run throws Interrupted");
    return 128 + SIGINT;
  }
  return 0;
}

std::string ControlC() {
  // As in a program of its own, which has no handler for it yet; this lab has.
  const auto before = std::signal(SIGINT, SIG_DFL);
  std::latch running(1);
  std::thread user([&] {
    interleave::SetThreadName("user");
    running.wait();
    std::this_thread::sleep_for(2s);
    Log("presses Ctrl-C");
    kill(getpid(), SIGINT);
  });
  const int status = Program(running);
  user.join();
  std::signal(SIGINT, before);
  return "exit status " + std::to_string(status);
}

}  // namespace

void AddArticles(interleave::Lab& lab) {
  lab.Scenario("control_c", ControlC)
      .Id("S3.17")
      .OnRequest()
      .Says("the article's program, which goes on until somebody presses Ctrl-C")
      .Outcome("exit status 130", "the exit status is 130, as of any program that Ctrl-C ended.")
      .Takes(2s);
}
