// Lab 12, one condition variable and two kinds of waiter: the baker waits for room on the shelf,
// the others for bread. Who is woken by notify_one() may have no use for the news.
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/thread_name.h"

using interleave::Log;
using interleave::SetThreadName;

namespace {

std::mutex shop;  // guards loaves
int loaves;
std::condition_variable changed;

void NotifyOne() { changed.notify_one(); }
void NotifyAll() { changed.notify_all(); }

void BakeForShelf(void (*notify)()) {
  SetThreadName("baker");
  for (int i = 0; i < 2; ++i) {
    std::unique_lock<std::mutex> lock(shop);
    while (loaves == 1) changed.wait(lock);  // the shelf has room for one
    ++loaves;
    notify();
  }
}

void BuyFromShelf(const char* name, void (*notify)()) {
  SetThreadName(name);
  std::unique_lock<std::mutex> lock(shop);
  while (loaves == 0) changed.wait(lock);
  --loaves;
  Log("takes a loaf");
  notify();
}

std::string SellFromShelf(void (*notify)()) {
  loaves = 0;
  std::thread baker(BakeForShelf, notify);
  std::thread anna(BuyFromShelf, "anna", notify), ben(BuyFromShelf, "ben", notify);
  baker.join();
  anna.join();
  ben.join();
  return "two loaves sold";
}

}  // namespace

void AddShelf(interleave::Lab& lab) {
  lab.Scenario("notify_one", [] { return SellFromShelf(NotifyOne); })
      .Says("a shelf for one loaf; who puts or takes it calls notify_one")
      .Outcome("deadlock",
               "anna took the loaf and woke ben, who wanted bread; the baker had room and slept.")
      .Outcome("two loaves sold")
      .ShowsOutcome("deadlock")
      .ShowsSteps()
      .ShowsCensus();
  lab.Scenario("notify_all", [] { return SellFromShelf(NotifyAll); })
      .Says("the same with notify_all")
      .Outcome("two loaves sold")
      .ShowsCensus();
}
