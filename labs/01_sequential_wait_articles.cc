// Lab 01, the articles' programs that run one thing after the other.
//
// S0.01 is a picture there: three tasks, each in two pieces, drawn under three paradigms. This is
// its first lane; lab 02 draws the parallel one and lab 19 the concurrent one.
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>

#include "runtime/lab/compute.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"

using interleave::Print;
using namespace std::chrono_literals;

namespace {

// ---- three tasks, one lane (S0.01) ----

std::string order;  // which task had the lane, second by second

void RunTask(int number) {
  for (int piece = 0; piece < 2; ++piece) {
    order += (order.empty() ? "" : " ") + std::to_string(number);
    interleave::Compute(1s);
  }
}

std::string OneLane() {
  order.clear();
  for (int number : {1, 2, 3}) RunTask(number);
  Print("second  0 1 2 3 4 5");
  Print("lane 1  " + order + "     the number is the task that runs");
  return order;
}

// ---- three naps (S3.01) ----

void SleepyFunction() {
  Print("Before sleeping.");
  std::this_thread::sleep_for(1s);
  Print("After sleeping.");
}

std::string SleepThreeTimes() {
  for (int i = 0; i < 3; ++i) SleepyFunction();
  return "slept three times";
}

// ---- the coffee shop (S4.01 and S4.14) ----

struct Dish {
  const char* order;
  const char* name;
  std::chrono::seconds takes;
};

std::string ServeInTurn(const std::string& indent) {
  const auto began = std::chrono::steady_clock::now();
  for (const Dish& dish : {Dish{"Coffee", "coffee", 1s},  //
                           Dish{"Food", "Food", 5s},      //
                           Dish{"Desert", "Cake", 3s}}) {
    Print(std::string("Ordered ") + dish.order);
    std::this_thread::sleep_for(dish.takes);
    Print(indent + " >> Received " + dish.name);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  char line[80];
  std::snprintf(line, sizeof line, "sync-operations executed in %0.2f seconds.", took.count());
  Print(line);
  return "all received";
}

// The article's page doubles the backslash in "\t", so what its program prints is no tab.
std::string CoffeeAsOnThePage() { return ServeInTurn("\\t\\t"); }

std::string CoffeeWithTabs() { return ServeInTurn("\t\t"); }

}  // namespace

void AddArticles(interleave::Lab& lab) {
  lab.Scenario("one_lane", OneLane)
      .Id("S0.01")
      .Says("three tasks of two seconds each, on one lane")
      .Outcome("1 1 2 2 3 3")
      .Takes(6s);
  lab.Scenario("sleepy", SleepThreeTimes)
      .Id("S3.01")
      .OnRequest()
      .Says("a function that sleeps for a second, three times")
      .Outcome("slept three times")
      .Takes(3s);
  lab.Scenario("coffee", CoffeeWithTabs)
      .Id("S4.14")
      .Says("coffee takes 1 s, food 5 s, cake 3 s, and each waits for the one before")
      .Outcome("all received")
      .Takes(9s)
      .ShowsTimeline();
  lab.Scenario("coffee_on_the_page", CoffeeAsOnThePage)
      .Id("S4.01")
      .OnRequest()
      .Says("the same as the web page prints it, which shows a tab as \\t")
      .Outcome("all received")
      .Takes(9s);
}
