// examples/coffee_shop.cc
//
// A table orders coffee, food and cake. A waiter who stands at the counter until a dish is ready
// serves them in 9 s; one who takes all three orders first, and brings each dish when it is ready,
// in 5 s: as long as the slowest. Both are one thread.
//
// Run it:     bazel run //examples:coffee_shop
//
// An order of your own, of dishes and the seconds that they take:
//
//             bazel run //examples:coffee_shop -- --order=tea:2,soup:4,pie:3
//
// The two functions to compare are ServeInTurn and ServeTogether. Labs 01 and 22 ask why.
#include <charconv>
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "runtime/async/gather.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/async/task.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"

namespace {

using interleave::Print;
using interleave::Task;
using interleave::TaskHandle;
using std::chrono::steady_clock;
using namespace std::chrono_literals;

struct Dish {
  std::string order;  // as the table asks for it
  std::string name;   // as it is served
  std::chrono::seconds takes;
};

std::vector<Dish> the_order = {
    {"Coffee", "coffee", 1s}, {"Food", "Food", 5s}, {"Desert", "Cake", 3s}};

void PrintDuration(steady_clock::time_point began) {
  const std::chrono::duration<double> took = steady_clock::now() - began;
  char line[80];  // the article's label says sync in both of its programs
  std::snprintf(line, sizeof line, "sync-operations executed in %0.2f seconds.", took.count());
  Print(line);
}

// ---- one dish after the other ----

void Serve(const Dish& dish, const std::string& indent) {
  Print("Ordered " + dish.order);
  std::this_thread::sleep_for(dish.takes);
  Print(indent + " >> Received " + dish.name);
}

std::string ServeInTurn(const std::string& indent) {
  const auto began = steady_clock::now();
  for (const Dish& dish : the_order) Serve(dish, indent);
  PrintDuration(began);
  return "all received";
}

// ---- all of them at once ----

Task<void> ServeWhenReady(Dish dish, std::string indent) {
  Print("Ordered " + dish.order);
  co_await interleave::SleepFor(dish.takes);
  Print(indent + " >> Received " + dish.name);
}

Task<std::string> ServeTogether(std::string indent) {
  const auto began = steady_clock::now();
  std::vector<TaskHandle<void>> dishes;
  for (const Dish& dish : the_order) {
    dishes.push_back(interleave::Spawn(ServeWhenReady(dish, indent), dish.name));
  }
  co_await interleave::Gather(std::move(dishes));
  PrintDuration(began);
  co_return "all received";
}

// ---- --order=tea:2,soup:4 ----

constexpr std::size_t kMostDishes = 5;
constexpr int kMostSeconds = 12;

Dish ParseDish(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string name(text.substr(0, colon));
  const std::string_view digits = colon == text.npos ? "" : text.substr(colon + 1);
  int seconds = 0;
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), seconds);
  if (name.empty() || error != std::errc() || end != digits.end() || seconds < 1 ||
      seconds > kMostSeconds) {
    throw std::invalid_argument("'" + std::string(text) +
                                "' is no dish; one looks like tea:2, and takes 1 to 12 seconds");
  }
  return {name, name, std::chrono::seconds(seconds)};
}

void TakeOrder(const std::string& text) {
  the_order.clear();
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    the_order.push_back(ParseDish(std::string_view(text).substr(begin, comma - begin)));
    begin = comma + 1;
  }
  if (the_order.size() > kMostDishes) throw std::invalid_argument("at most 5 dishes, please");
}

}  // namespace

int main(int argc, char** argv) {
  using interleave::Run;
  interleave::Lab lab("coffee_shop",
                      "Coffee shop: a waiter who stands and waits, and one who doesn't");
  lab.Flag("--order=DISHES", "dishes and the seconds they take: tea:2,soup:4", TakeOrder);
  lab.Scenario("in_turn", [] { return ServeInTurn("\t\t"); })
      .Id("S4.14")
      .Says("one dish after the other")
      .Outcome("all received", "as long as all of them together.")
      .Takes(kMostDishes * std::chrono::seconds(kMostSeconds))
      .ShowsTimeline();
  lab.Scenario("together", [] { return Run(ServeTogether("\t\t")); })
      .Says("all at once, on the same one thread")
      .Outcome("all received", "as long as the slowest.")
      .Takes(std::chrono::seconds(kMostSeconds))
      .ShowsTimeline();
  // The article's web page doubled the backslash in "\t", so what stands there is no tab.
  lab.Scenario("in_turn_on_the_page", [] { return ServeInTurn("\\t\\t"); })
      .Id("S4.01")
      .OnRequest()
      .Says("the first as the article's page prints it, which shows a tab as \\t")
      .Outcome("all received")
      .Takes(kMostDishes * std::chrono::seconds(kMostSeconds));
  lab.Scenario("together_on_the_page", [] { return Run(ServeTogether("\\t\\t")); })
      .Id("S4.02")
      .OnRequest()
      .Says("the second, likewise; its label says sync on that page, too")
      .Outcome("all received")
      .Takes(std::chrono::seconds(kMostSeconds));
  lab.Notice("What is served together comes in the order in which it is ready, not as ordered.");
  lab.Try("--order=tea:2,soup:4,pie:3; --real --scenario=together waits for real.");
  return lab.Main(argc, argv);
}
