// Lab 31, the article's program when one of its consumers fails (S3.18, with a catalogue in place
// of the network): the catalogue answers one request with the status 500 and a page of HTML, where
// the consumer expects JSON.
//
// The article gathers the producer and the consumers. The gather ends with the failure, main with
// the gather, and Run cancels everybody else. In a group they have ended before main hears of it,
// so that main may begin again.
#include <chrono>
#include <exception>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "runtime/async/async_errors.h"
#include "runtime/async/async_queue.h"
#include "runtime/async/gather.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/async/task.h"
#include "runtime/async/task_group.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"

using interleave::AsyncQueue;
using interleave::Log;
using interleave::Run;
using interleave::SleepFor;
using interleave::Spawn;
using interleave::Task;
using interleave::TaskCancelled;
using namespace std::chrono_literals;

namespace {

constexpr int kConsumers = 8;
constexpr int kBadNumber = 12;

Task<void> Produce(AsyncQueue<int>& queue) {
  for (int number = 0;; ++number) {
    queue.PutNow(number);
    co_await SleepFor(50ms);
  }
}

Task<void> Consume(AsyncQueue<int>& queue) {
  for (;;) {
    const int number = co_await queue.Get();
    co_await SleepFor(400ms);
    if (number == kBadNumber) throw std::runtime_error("status 500, and the answer is no JSON");
    queue.TaskDone();
  }
}

// Says how it ends.
Task<void> Watched(std::string name, Task<void> work) {
  try {
    co_await work;
  } catch (const TaskCancelled&) {
    Log(name + ": cancelled");
    throw;
  } catch (const std::exception& error) {
    Log(name + ": " + error.what());
    throw;
  }
}

std::vector<std::pair<std::string, Task<void>>> Everybody(AsyncQueue<int>& queue) {
  std::vector<std::pair<std::string, Task<void>>> all;
  all.emplace_back("producer", Produce(queue));
  for (int i = 0; i < kConsumers; ++i) {
    all.emplace_back("consumer-" + std::to_string(i), Consume(queue));
  }
  return all;
}

Task<void> Gathered(AsyncQueue<int>& queue) {
  std::vector<interleave::TaskHandle<void>> tasks;
  for (auto& [name, work] : Everybody(queue)) {
    tasks.push_back(Spawn(Watched(name, std::move(work)), name));
  }
  co_await interleave::Gather(tasks);
}

Task<void> Grouped(AsyncQueue<int>& queue) {
  interleave::TaskGroup group;
  co_await group.Run([&]() -> Task<void> {
    for (auto& [name, work] : Everybody(queue)) {
      group.Spawn(Watched(name, std::move(work)), name);
    }
    co_return;
  });
}

Task<void> Main(AsyncQueue<int>& queue, Task<void> (*work)(AsyncQueue<int>&)) {
  try {
    co_await work(queue);
  } catch (const std::exception& error) {
    Log(std::string("main: ") + error.what());
    throw;
  }
}

// The program's own main: what it returns is its exit status.
int Program(Task<void> (*work)(AsyncQueue<int>&)) {
  AsyncQueue<int> queue;
  try {
    Run(Main(queue, work));
  } catch (const std::exception&) {
    return 1;
  }
  return 0;
}

}  // namespace

void AddArticles(interleave::Lab& lab) {
  lab.Scenario("consumer_fails", [] { return "exit status " + std::to_string(Program(Gathered)); })
      .Id("S3.18")
      .OnRequest()
      .Says("the article's producer and eight consumers, gathered; one consumer fails")
      .Outcome("exit status 1", "main was told first; the others were ended by Run.")
      .Takes(2s);
  lab.Scenario("consumer_fails_in_group",
               [] { return "exit status " + std::to_string(Program(Grouped)); })
      .OnRequest()
      .Says("the same in a TaskGroup")
      .Outcome("exit status 1", "main was told last: when it can decide, nobody is left.")
      .Takes(2s);
}
