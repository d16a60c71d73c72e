// Lab 15, the article's remark (S0.15) as a program: "a queue to which we submit tasks, and a group
// of threads takes and processes these tasks from the queue". This is a thread pool in a few lines;
// lab 17 has one for all purposes.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/thread_name.h"

using interleave::Log;
using namespace std::chrono_literals;

namespace {

constexpr int kTasks = 10, kWorkers = 5;

// What the group shares, all of it behind one lock.
struct Group {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<int> queue;
  bool closed = false;
  int running = 0, peak = 0;
  std::string started;
};

void Work(Group& group, int number) {
  interleave::SetThreadName("worker-" + std::to_string(number));
  std::unique_lock<std::mutex> lock(group.mutex);
  while (true) {
    group.changed.wait(lock, [&] { return !group.queue.empty() || group.closed; });
    if (group.queue.empty()) return;
    const std::string task = std::to_string(group.queue.front());
    group.queue.pop_front();
    group.started += " " + task;
    group.peak = std::max(group.peak, ++group.running);
    Log("starts task " + task);
    lock.unlock();
    std::this_thread::sleep_for(200ms);  // the task
    lock.lock();
    --group.running;
  }
}

std::string QueueAndGroup() {
  Group group;
  const auto began = std::chrono::steady_clock::now();
  std::vector<std::thread> workers;
  for (int number = 1; number <= kWorkers; ++number) {
    workers.emplace_back([&group, number] { Work(group, number); });
  }
  {
    std::lock_guard<std::mutex> lock(group.mutex);
    for (int task = 1; task <= kTasks; ++task) group.queue.push_back(task);
    group.closed = true;
  }
  group.changed.notify_all();
  for (std::thread& worker : workers) worker.join();
  const auto took = (std::chrono::steady_clock::now() - began) / 1ms;
  Log("ten tasks of 200 ms took " + std::to_string(took) + " ms, at most " +
      std::to_string(group.peak) + " at a time");
  return "started" + group.started;
}

}  // namespace

void AddArticles(interleave::Lab& lab) {
  lab.Scenario("group", QueueAndGroup)
      .Id("S0.15")
      .Says("a queue of ten tasks, and a group of five threads that takes them from it")
      .Outcome("started 1 2 3 4 5 6 7 8 9 10",
               "First in, first out: whoever is free takes the oldest.");
}
