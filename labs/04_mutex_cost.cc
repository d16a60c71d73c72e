// Lab 04, what a lock costs: three queries wait for the database, with the lock in hand or without.
#include <chrono>
#include <mutex>
#include <string>
#include <thread>

#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/thread_name.h"

using interleave::Log;
using interleave::SetThreadName;
using namespace std::chrono_literals;

namespace {

int answers;
std::mutex answers_mutex;

void QueryHoldingTheLock(const char* name) {
  SetThreadName(name);
  std::lock_guard<std::mutex> lock(answers_mutex);
  std::this_thread::sleep_for(1s);  // the database's answer
  answers = answers + 1;
  Log("answer counted");
}

void QueryThenLock(const char* name) {
  SetThreadName(name);
  std::this_thread::sleep_for(1s);  // the database's answer
  std::lock_guard<std::mutex> lock(answers_mutex);
  answers = answers + 1;
  Log("answer counted");
}

std::string RunThree(void (*query)(const char*)) {
  answers = 0;
  std::thread one(query, "query-1"), two(query, "query-2"), three(query, "query-3");
  one.join();
  two.join();
  three.join();
  return std::to_string(answers) + " answers counted";
}

}  // namespace

void AddCost(interleave::Lab& lab) {
  lab.Scenario("held_across_sleep", [] { return RunThree(QueryHoldingTheLock); })
      .Says("three queries of 1 s, each holding the lock meanwhile: 3 s")
      .Outcome("3 answers counted")
      .Takes(3s)
      .ShowsTimeline();
  lab.Scenario("held_briefly", [] { return RunThree(QueryThenLock); })
      .Says("the same, locking only for the line that counts: 1 s")
      .Outcome("3 answers counted")
      .Takes(1s)
      .ShowsTimeline();
}
