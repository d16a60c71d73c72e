// Lab 04, the article's program (S2.08): lab 03's two jobs, with a lock around reading and writing
// the "database". The sleep stays outside of it.
#include <chrono>
#include <mutex>
#include <string>
#include <thread>

#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/thread_pool.h"

using interleave::Log;

namespace {

struct DbUpdate {
  int value = 0;
  std::mutex lock;

  void Update() {
    Log("Update Started");
    Log("Sleeping");
    std::this_thread::sleep_for(std::chrono::seconds(2));
    std::lock_guard<std::mutex> locked(lock);
    Log("Reading Value From Db");
    const int before = value;
    const int after = before * before + 1;
    Log("Updating Value");
    value = after;
    Log("Update Finished");
  }
};

std::string UpdateWithLock() {
  DbUpdate db;
  {
    interleave::ThreadPool pool(5, "ThreadPoolExecutor-0");
    for (int i = 0; i < 2; ++i) pool.Submit([&db] { db.Update(); });
  }
  Log("Final value is " + std::to_string(db.value));
  return "final " + std::to_string(db.value);
}

}  // namespace

void AddArticle(interleave::Lab& lab) {
  lab.Scenario("article", UpdateWithLock)
      .Id("S2.08")
      .StartsAt("21:02:45")
      .Says("lab 03's log with the lock, as published")
      .Outcome("final 2")
      .Takes(std::chrono::seconds(2));
}
