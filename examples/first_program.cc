#include <chrono>
#include <iostream>
#include <string>

#include "runtime/async/gather.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"

using namespace interleave;
using namespace std::chrono_literals;

Task<int> Fetch(std::string page, std::chrono::milliseconds latency) {
  co_await SleepFor(latency);  // here others run
  std::cout << page << " is here\n";
  co_return static_cast<int>(page.size());
}

Task<int> Main() {
  auto [news, weather] = co_await Gather(Fetch("news", 200ms), Fetch("weather", 100ms));
  co_return news + weather;
}

int main() { std::cout << Run(Main()) << " bytes\n"; }
