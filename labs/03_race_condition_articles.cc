// Lab 03, the article's program (S2.07): two jobs of a thread pool update a value in a "database"
// without a lock.
//
// The article shows the log of one run, with 'Final value is 1', as if it were the rule. Of the
// real program's runs about a fifth end so. What both have in common is that both jobs read
// before either writes; which lines they print meanwhile is the schedule's choice.
#include <chrono>
#include <string>
#include <thread>

#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/thread_pool.h"

using interleave::Log;

namespace {

struct DbUpdate {
  int value = 0;

  void Update() {
    Log("Update Started");
    Log("Sleeping");
    std::this_thread::sleep_for(std::chrono::seconds(2));
    Log("Reading Value From Db");
    const int before = value;
    const int after = before * before + 1;
    Log("Updating Value");
    value = after;
    Log("Update Finished");
  }
};

std::string UpdateWithoutLock() {
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
  lab.Scenario("article", UpdateWithoutLock)
      .Id("S2.07")
      .StartsAt("20:28:15")
      .Schedule("0.0.0.1.0.0.1.0.0.0.0.2.1.1.1.2.0.1.2.2.1.1.2.1.2.2.2.1.2.1.1.1.1.1.2.1.2.2.1")
      .Says("the published log, replayed")
      .Outcomes({"final 1", "final 2"})
      .Takes(std::chrono::seconds(2))
      .ShowsRaces();
}
