// Lab 25, the articles' programs: the database update as coroutines (S2.09), the await that breaks
// it and the lock that mends it (S2.23), and a counter for ten tasks (S1.21).
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "runtime/async/async_mutex.h"
#include "runtime/async/gather.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/task.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"

using interleave::AsyncMutex;
using interleave::AsyncMutexLock;
using interleave::Gather;
using interleave::Log;
using interleave::Run;
using interleave::SleepFor;
using interleave::Task;
using namespace std::chrono_literals;

namespace {

// ---- the database update (S2.09, S2.23) ----

struct DbUpdate {
  int value = 0;
  AsyncMutex mutex;

  Task<void> Update() {
    Log("Update Started");
    Log("Sleeping");
    co_await SleepFor(1s);
    Log("Reading Value From Db");
    const int before = value;
    const int after = before * before + 1;
    Log("Updating Value");
    value = after;
    Log("Update Finished");
  }

  Task<void> UpdateWithAnAwait() {
    Log("Reading Value From Db");
    const int before = value;
    const int after = before * before + 1;
    co_await SleepFor(1s);
    Log("Updating Value");
    value = after;
  }

  Task<void> UpdateWithALock() {
    const AsyncMutexLock lock = co_await mutex.ScopedLock();
    co_await UpdateWithAnAwait();
  }
};

Task<std::string> UpdateTwice(Task<void> (DbUpdate::*update)()) {
  DbUpdate db;
  co_await Gather((db.*update)(), (db.*update)());
  Log("Final value is " + std::to_string(db.value));
  co_return "final " + std::to_string(db.value);
}

std::string WithoutAndWithLock() {
  const std::string without = Run(UpdateTwice(&DbUpdate::UpdateWithAnAwait));
  return without + " without a lock, " + Run(UpdateTwice(&DbUpdate::UpdateWithALock)) + " with it";
}

// ---- ten tasks count to a thousand each (S1.21) ----

int counter;

Task<void> Count(bool gives_way) {
  for (int i = 0; i < 1000; ++i) {
    const int before = counter;
    if (gives_way) co_await interleave::Yield();
    counter = before + 1;
  }
}

Task<std::string> TenTasksCount(bool gives_way) {
  counter = 0;
  std::vector<Task<void>> tasks;
  for (int i = 0; i < 10; ++i) tasks.push_back(Count(gives_way));
  co_await Gather(std::move(tasks));
  co_return std::to_string(counter);
}

std::string CounterTable() {
  const std::string without = Run(TenTasksCount(false)), with = Run(TenTasksCount(true));
  Log("no await between reading and writing: " + without + " of 10000");
  Log("an await between them:                " + with + " of 10000");
  return without + " and " + with;
}

}  // namespace

void AddArticles(interleave::Lab& lab) {
  lab.Scenario("article", [] { return Run(UpdateTwice(&DbUpdate::Update)); })
      .Id("S2.09")
      .StartsAt("20:35:49")
      .Says("labs 03's and 04's update as coroutines, no lock: the published log")
      .Outcome("final 2", "nobody awaits between reading and writing.")
      .Takes(1s);
  lab.Scenario("rare_not_impossible", WithoutAndWithLock)
      .Id("S2.23")
      .Says("the same with an await between reading and writing, then with a lock around both")
      .Outcome("final 1 without a lock, final 2 with it")
      .Takes(3s);
  lab.Scenario("ten_tasks", CounterTable)
      .Id("S1.21")
      .OnRequest()
      .Says("ten tasks count to a thousand each, on one variable")
      .Outcome("10000 and 1000", "all ten read the same number, and write the same next one.")
      .StepBudget(200'000);
}
