// tests/engine/replayed_program.cc
//
// A program for schedule_test, which runs it in fresh processes:
//
//   replayed_program NAME               prints the census: a line "SCHEDULE<tab>OUTCOME" each
//   replayed_program NAME SCHEDULE...   explores nothing and prints the outcome of each schedule
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
    {"templates", Templates},   {"exception", Exception}, {"strings", Strings},
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || programs.count(argv[1]) == 0) return 2;
  const auto& body = programs.at(argv[1]);
  if (argc == 2) {
    for (const interleave::CensusRow& row : interleave::Explore(body).census) {
      std::printf("%s\t%s\n", row.schedule.c_str(), row.outcome.c_str());
    }
    return 0;
  }
  for (int i = 2; i < argc; ++i) {
    interleave::SimulateOptions options;
    options.schedule = argv[i];
    std::printf("%s\n", interleave::Simulate(body, options).outcome.c_str());
  }
}
