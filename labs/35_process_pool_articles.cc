// Lab 35, process pool: the articles' programs.
#include <sched.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/async/task.h"
#include "runtime/async/wrap_future.h"
#include "runtime/lab/compute.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/process/process_pool.h"
#include "runtime/threads/thread_pool.h"

namespace {

using interleave::Compute;
using interleave::Future;
using interleave::Log;
using interleave::ProcessPool;
using interleave::SleepFor;
using interleave::Task;
using interleave::ThreadPool;
using namespace std::chrono_literals;

// ---- A hundred of the thousand lists of S2.13, on a pool (all of them, and the sort: lab 39) ----

std::vector<int> Sorted(std::vector<int> numbers) {
  Compute(120ms);  // of the article's 123 s for all of them in one process
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

std::string SortOnAPool() {
  std::mt19937 random(1);
  std::vector<std::vector<int>> lists(100, std::vector<int>(30));
  for (std::vector<int>& list : lists) {
    for (int& number : list) number = static_cast<int>(random() % 500'000);
  }
  ProcessPool pool(4);
  Log("Starting Sorting");
  std::size_t sorted = 0;
  for (const std::vector<int>& list : pool.Map<Sorted>(lists)) {
    sorted += std::is_sorted(list.begin(), list.end());
  }
  Log("Sorting Completed");
  return std::to_string(sorted) + " lists are sorted";
}

// ---- S2.14 ----

std::string DefaultWorkers() {
  cpu_set_t allowed;
  sched_getaffinity(0, sizeof allowed, &allowed);
  const bool same = ProcessPool().max_workers() == CPU_COUNT(&allowed);
  const std::string text = same ? "a worker for each processor" : "another number of workers";
  Log(text);
  return text;
}

// ---- S0.25: primes, in three ranges ----

// How many numbers there are in [from, to), and how many of them are primes.
std::pair<int, int> CountPrimes(int from, int to) {
  Compute(std::chrono::microseconds(10) * (to - from));
  std::vector<bool> composite(static_cast<std::size_t>(to));
  for (int i = 2; i * i < to; ++i) {
    if (composite[static_cast<std::size_t>(i)]) continue;
    for (int k = i * i; k < to; k += i) composite[static_cast<std::size_t>(k)] = true;
  }
  int primes = 0;
  for (int i = std::max(from, 2); i < to; ++i) primes += !composite[static_cast<std::size_t>(i)];
  return {to - from, primes};
}

constexpr int kNumbers = 10'100;  // 1, 2 ... ; three does not divide it
constexpr int kParts = 3;

std::string PrimesIn(const std::vector<std::pair<int, int>>& ranges) {
  ProcessPool pool(kParts);
  std::vector<Future<std::pair<int, int>>> parts;
  for (const auto& [from, to] : ranges) parts.push_back(pool.Submit<CountPrimes>(from, to));
  std::pair<int, int> sum;
  for (const auto& part : parts) {
    const auto [numbers, primes] = part.Get();
    sum.first += numbers;
    sum.second += primes;
  }
  const std::string text =
      std::to_string(sum.second) + " primes in " + std::to_string(sum.first) + " numbers";
  Log(text);
  return text;
}

std::string SplitOfTheRepository() {
  std::vector<std::pair<int, int>> ranges;
  const int size = kNumbers / kParts;
  for (int i = 0; i < kParts; ++i) ranges.emplace_back(1 + i * size, 1 + (i + 1) * size);
  return PrimesIn(ranges);
}

std::string SplitToTheEnd() {
  std::vector<std::pair<int, int>> ranges;
  for (int i = 0; i < kParts; ++i) {
    ranges.emplace_back(1 + kNumbers * i / kParts, 1 + kNumbers * (i + 1) / kParts);
  }
  return PrimesIn(ranges);
}

// ---- S1.11: awaited by the loop ----

int Answer() {
  Compute(600ms);
  return 42;
}

Task<void> Heart(int& beats) {
  for (;;) {
    co_await SleepFor(50ms);
    ++beats;
  }
}

std::string AwaitedByTheLoop() {
  auto main = []() -> Task<std::string> {
    ProcessPool pool(1);
    int beats = 0;
    interleave::TaskHandle<void> heart = interleave::Spawn(Heart(beats), "heart");
    const int answer = co_await interleave::WrapFuture(pool.Submit<Answer>());
    heart.Cancel();
    Log(std::to_string(beats) + " beats meanwhile");
    co_return "the answer is " + std::to_string(answer);
  };
  return interleave::Run(main());
}

// ---- S4.15: one interface, two executors ----

int Square(int number) {
  Compute(1s);
  return number * number;
}

std::string BothExecutors() {
  const std::vector<int> numbers = {1, 2, 3, 4};
  int by_threads = 0, by_processes = 0;
  {
    ThreadPool pool(2, "thread");
    for (int square : pool.Map(Square, numbers)) by_threads += square;
  }
  Log("ThreadPool: the sum is " + std::to_string(by_threads));
  {
    ProcessPool pool(2);
    for (int square : pool.Map<Square>(numbers)) by_processes += square;
  }
  Log("ProcessPool: the sum is " + std::to_string(by_processes));
  return by_threads == by_processes ? "both give the same" : "they differ";
}

}  // namespace

void AddArticles(interleave::Lab& lab) {
  lab.Scenario("sort_on_a_pool", SortOnAPool)
      .Says("a hundred of the second article's lists, on four workers; each costs 120 ms")
      .Outcome("100 lists are sorted",
               "3 s instead of 12 s, and unlike the article's program it looks at the results.")
      .StartsAt("21:29:33")
      .Takes(12s)
      .Cores(4)
      .OnRequest();
  lab.Scenario("default_workers", DefaultWorkers)
      .Id("S2.14")
      .Says("a pool without a number of workers")
      .Outcome(
          "a worker for each processor",
          "as many as there are processors that this process may use (Python 3.11 counts those "
          "that it may not use, too).")
      .OnRequest();
  lab.Scenario("primes_without_the_end", SplitOfTheRepository)
      .Id("S0.25")
      .Says("count the primes up to 10,100 in three ranges, as the article's repository splits")
      .Outcome(
          "1239 primes in 10098 numbers",
          "10,100 / 3 was rounded, so nobody has looked at 10,099, which is a prime, and 10,100.")
      .OnRequest();
  lab.Scenario("primes", SplitToTheEnd)
      .Says("the same with ranges that end where the next one begins, and at the end")
      .Outcome("1240 primes in 10100 numbers", "nobody is left out.")
      .OnRequest();
  lab.Scenario("awaited_by_the_loop", AwaitedByTheLoop)
      .Id("S1.11")
      .Says("a task awaits a job of 600 ms in a worker; a heart beats every 50 ms")
      .Outcome("the answer is 42", "the loop has not missed a beat.")
      .OnRequest();
  lab.Scenario("both_executors", BothExecutors)
      .Id("S4.15")
      .Says("the same function, mapped by a pool of threads and by a pool of processes")
      .Outcome("both give the same", "one interface: Submit, Map, Future, Shutdown.")
      .Takes(4s)
      .OnRequest();
}
