#include "tests/bench/engine_programs.h"

#include <mutex>
#include <thread>
#include <vector>

namespace {

int counter;

void Add() { counter = counter + 1; }

void YieldOften(int times) {
  for (int i = 0; i < times; ++i) std::this_thread::yield();
}

}  // namespace

std::string TwoIncrements() {
  counter = 0;
  std::thread one(Add), two(Add);
  one.join();
  two.join();
  return counter == 2 ? "2" : "1";
}

std::string Yields() {
  std::thread one(YieldOften, kYields), two(YieldOften, kYields);
  one.join();
  two.join();
  return "";
}

std::string TenOperations() {
  std::thread one(YieldOften, 5), two(YieldOften, 5);
  one.join();
  two.join();
  return "";
}

std::string ThousandThreads() {
  std::vector<std::thread> threads;
  for (int i = 0; i < 1000; ++i) threads.emplace_back(YieldOften, 100);
  for (std::thread& thread : threads) thread.join();
  return "";
}

std::string TenThousandThreads() {
  std::mutex mutex;
  int times = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 10'000; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 3; ++j) {
        std::lock_guard lock(mutex);
        ++times;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return std::to_string(times);
}
