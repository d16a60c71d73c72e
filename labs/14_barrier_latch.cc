// Lab 14, a std::latch: main waits for two loaders. It does not join them here, for they have more
// to do; what it waits for is that both have come so far. A latch cannot be closed again, and to
// count it down below zero is undefined behaviour. For another round take another latch, or a
// barrier.
#include <chrono>
#include <latch>
#include <string>
#include <thread>

#include "runtime/lab/log.h"
#include "runtime/threads/thread_name.h"

using interleave::Log;
using std::chrono::seconds;

std::string OpenShop() {
  std::latch loaded(2);
  auto load = [&loaded](const char* name, seconds takes) {
    interleave::SetThreadName(name);
    std::this_thread::sleep_for(takes);
    Log("loaded");
    loaded.count_down();
    std::this_thread::sleep_for(seconds(1));
    Log("updated");
  };
  std::thread prices(load, "prices", seconds(1)), stock(load, "stock", seconds(3));
  loaded.wait();
  Log("opens the shop");
  prices.join();
  stock.join();
  return "open";
}
