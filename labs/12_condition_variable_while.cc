// Lab 12, if, or while: a loaf for each of two customers.
//
// To be woken is not to have the loaf. Between the notify and the lock somebody else may come, who
// never slept and takes it.
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

std::mutex shop;  // guards the next two
int loaves;
bool sold_nothing;

void TakeLoaf() {
  if (loaves == 0) sold_nothing = true;
  --loaves;
  Log(sold_nothing ? "takes a loaf that is not there" : "takes a loaf");
}

std::condition_variable baked;

void BuyIf(const char* name) {
  SetThreadName(name);
  std::unique_lock<std::mutex> lock(shop);
  if (loaves == 0) baked.wait(lock);
  TakeLoaf();
}

void BuyWhile(const char* name) {
  SetThreadName(name);
  std::unique_lock<std::mutex> lock(shop);
  while (loaves == 0) baked.wait(lock);
  TakeLoaf();
}

void BakeTwo() {
  SetThreadName("baker");
  for (int i = 0; i < 2; ++i) {
    std::lock_guard<std::mutex> lock(shop);
    ++loaves;
    baked.notify_one();
  }
}

std::string Sell(void (*buy)(const char*)) {
  loaves = 0;
  sold_nothing = false;
  std::thread baker(BakeTwo), anna(buy, "anna"), ben(buy, "ben");
  baker.join();
  anna.join();
  ben.join();
  return sold_nothing ? "one loaf was not there" : "two loaves sold";
}

}  // namespace

void AddWhile(interleave::Lab& lab) {
  lab.Scenario("if_no_loaf", [] { return Sell(BuyIf); })
      .Says("anna and ben wait  if (loaves == 0)  for two loaves")
      .Outcome("one loaf was not there",
               "Between the notify and anna's getting the lock, ben came and took the loaf.")
      .Outcome("two loaves sold")
      .ShowsOutcome("one loaf was not there")
      .ShowsSteps()
      .ShowsCensus();
  lab.Scenario("while_no_loaf", [] { return Sell(BuyWhile); })
      .Says("the same,  while (loaves == 0)")
      .Outcome("two loaves sold")
      .ShowsCensus();
}
