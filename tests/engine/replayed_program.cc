// tests/engine/replayed_program.cc
//
// Programs for schedule_test, which explores and replays them in two fresh processes:
//
//   replayed_program                    prints each census: lines "NAME<tab>SCHEDULE<tab>OUTCOME"
//   replayed_program NAME SCHEDULE ...  explores nothing and prints "NAME OUTCOME" for each pair
//
// One process for many schedules, because most of a process's time goes into reading its own debug
// information.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <functional>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "runtime/engine/explore.h"
#include "tests/engine/replayed_header.h"

namespace {

std::string Increments() {
  int counter = 0;
  auto add = [&] { counter = counter + 1; };
  std::thread a(add), b(add);
  a.join();
  b.join();
  return std::to_string(counter);
}

std::string Deadlock() {
  std::mutex left, right;
  std::thread a([&] {
    std::lock_guard first(left);
    std::lock_guard second(right);
  });
  std::thread b([&] {
    std::lock_guard first(right);
    std::lock_guard second(left);
  });
  a.join();
  b.join();
  return "passed";
}

std::string Atomics() {
  std::atomic<int> x{0}, y{0};
  int seen_x = 0, seen_y = 0;
  std::thread a([&] {
    x = 1;
    seen_y = y;
  });
  std::thread b([&] {
    y = 1;
    seen_x = x;
  });
  a.join();
  b.join();
  return std::to_string(seen_x) + std::to_string(seen_y);
}

std::string Notify() {
  std::mutex mutex;
  std::condition_variable changed;
  std::string order;
  auto wait = [&](char name) {
    std::unique_lock lock(mutex);
    bool woken = changed.wait_for(lock, std::chrono::seconds(1)) == std::cv_status::no_timeout;
    order += name;
    order += woken ? '+' : '-';
  };
  std::thread a(wait, 'a'), b(wait, 'b');
  std::thread notifier([&] { changed.notify_one(); });
  a.join();
  b.join();
  notifier.join();
  return order;
}

// One line of a template in two instances, and of a loop.
template <typename Number>
void AddTo(Number& number) {
  for (int i = 0; i < 2; ++i) number = static_cast<Number>(number + 1);
}

std::string Templates() {
  int number = 0;
  char letter = 'a';
  std::thread a([&] { AddTo(number); }), b([&] { AddTo(number); }), c([&] { AddTo(letter); });
  a.join();
  b.join();
  c.join();
  return std::to_string(number) + letter;
}

// One line of a header in two units of code.
std::string Units() {
  int number = 0;
  long other = 0;
  const auto both = [&] {
    AddOne(number);
    AddInTheOtherUnit(other);
  };
  std::thread a(both), b(both);
  a.join();
  b.join();
  return std::to_string(number) + " " + std::to_string(other);
}

std::string Exception() {
  int value = 0;
  std::thread a([&] { value = 1; });
  std::thread b([&] {
    if (value == 1) throw std::runtime_error("one");
  });
  a.join();
  b.join();
  return "quiet";
}

// A race in the standard library's own lines.
std::string Strings() {
  std::vector<int> numbers(2);
  std::thread a([&] { numbers[0] = static_cast<int>(numbers.size()); });
  std::thread b([&] { numbers.pop_back(); });
  a.join();
  b.join();
  return std::to_string(numbers[0]);
}

const std::map<std::string, std::function<std::string()>> programs = {
    {"increments", Increments}, {"deadlock", Deadlock},   {"atomics", Atomics}, {"notify", Notify},
    {"templates", Templates},   {"exception", Exception}, {"strings", Strings}, {"units", Units},
};

void PrintCensus(const std::string& name) {
  for (const interleave::CensusRow& row : interleave::Explore(programs.at(name)).census) {
    std::printf("%s\t%s\t%s\n", name.c_str(), row.schedule.c_str(), row.outcome.c_str());
  }
}

void Replay(const std::string& name, const std::string& schedule) {
  interleave::SimulateOptions options;
  options.schedule = schedule;
  interleave::RunReport report = interleave::Simulate(programs.at(name), options);
  std::printf("%s %s\n", name.c_str(), report.outcome.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 1) {
    for (const auto& program : programs) PrintCensus(program.first);
  }
  for (int i = 1; i + 1 < argc; i += 2) Replay(argv[i], argv[i + 1]);
}
