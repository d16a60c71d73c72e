#include "tests/bench/engine_programs.h"

#include <atomic>
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

std::string SeqLock() {
  constexpr auto relaxed = std::memory_order_relaxed;
  std::atomic<int> version{0}, left{0}, right{0};
  std::string seen = "retry";
  std::thread writer([&] {
    version.store(1, relaxed);
    std::atomic_thread_fence(std::memory_order_release);
    left.store(1, relaxed);
    right.store(1, relaxed);
    version.store(2, std::memory_order_release);
  });
  std::thread reader([&] {
    const int before = version.load(std::memory_order_acquire);
    const int l = left.load(relaxed), r = right.load(relaxed);
    std::atomic_thread_fence(std::memory_order_acquire);
    const int after = version.load(relaxed);
    if (before == after && before % 2 == 0) seen = l == r ? "whole" : "torn";
  });
  writer.join();
  reader.join();
  return seen;
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
