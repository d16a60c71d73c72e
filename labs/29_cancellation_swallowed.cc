// Lab 29, an order to stop is no failure.
//
// A task that goes on whatever goes wrong must not take TaskCancelled for one more thing that went
// wrong. catch (...) does; catch (const std::exception&) does not.
#include <chrono>
#include <exception>
#include <stdexcept>
#include <string>

#include "runtime/async/async_errors.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/async/task.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"

using interleave::Log;
using interleave::Run;
using interleave::SleepFor;
using interleave::Spawn;
using interleave::Task;
using interleave::TaskCancelled;
using interleave::TaskHandle;
using namespace std::chrono_literals;

namespace {

// As a server that answers now and then with an error.
Task<void> Ask(int& polls) {
  ++polls;
  Log("poll " + std::to_string(polls));
  co_await SleepFor(1s);
  if (polls % 2 == 1) throw std::runtime_error("server busy");
}

Task<void> PollAndSwallow(int& polls) {
  while (polls < 6) {
    try {
      co_await Ask(polls);
    } catch (...) {
      Log("  something went wrong, on we go");
    }
  }
}

Task<void> Poll(int& polls) {
  while (polls < 6) {
    try {
      co_await Ask(polls);
    } catch (const std::exception&) {
      Log("  something went wrong, on we go");
    }
  }
}

Task<std::string> CancelPolling(Task<void> (*poll)(int&)) {
  int polls = 0;
  TaskHandle<void> task = Spawn(poll(polls), "poll");
  while (polls < 2) co_await SleepFor(500ms);
  Log("main: cancels it");
  task.Cancel();
  try {
    co_await task;
    Log("main: it has ended as if nothing had been");
  } catch (const TaskCancelled&) {
    Log("main: it has ended, cancelled");
  }
  co_return std::string(task.cancelled() ? "cancelled" : "not cancelled") +
      (polls == 6 ? ", all polls done" : ", polls left out");
}

}  // namespace

void AddSwallowed(interleave::Lab& lab) {
  lab.Scenario("swallowed", [] { return Run(CancelPolling(PollAndSwallow)); })
      .Says("a task polls a server six times, and is cancelled after two; catch (...)")
      .Outcome("not cancelled, all polls done", "the order to stop was taken for a failure.")
      .Takes(6s);
  lab.Scenario("passes", [] { return Run(CancelPolling(Poll)); })
      .Says("cure: the same, catch (const std::exception&)")
      .Outcome("cancelled, polls left out", "failures are caught, the order to stop is not.")
      .Takes(2s);
}
