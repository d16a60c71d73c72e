// Lab 35: process pool
//
// How does the work get onto every core?
//
// A pool of worker processes takes jobs as a thread pool does, and gives futures. But a process
// shares nothing with its parent: a job is a function's name and its arguments, made into bytes,
// and what comes back is the result in bytes. So nobody needs a lock, and nobody sees what another
// one does to its copy. In Python this is the only way to more than one core; in C++ it is the way
// to survive a crash (lab 36), and costs more than a thread does (lab 42).
//
// Run it:     bazel run //labs:35_process_pool
//
// Notice:     Four jobs of a second each, on two cores: 4 s in one process, 2 s in two workers. The
//             workers are real processes. In a simulation the clock stands still while they work,
//             and is charged what the job says that it costs (Compute).
//
//             The worker doubles the numbers that it was given. The parent's are as they were.
//
//             Map gives results in the order of the inputs, whoever is done first.
//
// Try:        --real --scenario=two_workers, and look at `ps f` meanwhile
//             .Cores(1) for two_workers: what are two workers good for then?
//             Submit a lambda that captures something: what does the compiler say?
//
// Next:       36_worker_crash
#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "runtime/lab/compute.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/process/process_pool.h"

void AddArticles(interleave::Lab& lab);  // in 35_process_pool_articles.cc

namespace {

using interleave::Compute;
using interleave::Future;
using interleave::Log;
using interleave::ProcessPool;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

int Work(int job) {
  Compute(1s);
  return job * job;
}

std::string Seconds(steady_clock::time_point begin) {
  return std::to_string(
             std::chrono::round<std::chrono::seconds>(steady_clock::now() - begin).count()) +
         " s";
}

std::string InOneProcess() {
  const auto begin = steady_clock::now();
  int sum = 0;
  for (int job = 1; job <= 4; ++job) sum += Work(job);
  Log("four jobs in " + Seconds(begin));
  return "the sum is " + std::to_string(sum);
}

std::string TwoWorkers() {
  ProcessPool pool(2);
  const auto begin = steady_clock::now();
  std::vector<Future<int>> results;
  for (int job = 1; job <= 4; ++job) results.push_back(pool.Submit<Work>(job));
  int sum = 0;
  for (const Future<int>& result : results) sum += result.Get();
  Log("four jobs in " + Seconds(begin));
  return "the sum is " + std::to_string(sum);
}

// ---- Arguments are copies ----

int doubled = 0;  // each process has its own

std::vector<int> Double(std::vector<int> numbers) {
  for (int& number : numbers) number *= 2;
  doubled += static_cast<int>(numbers.size());
  Log("doubled: " + std::to_string(doubled) + " so far");
  return numbers;
}

std::string Text(const std::vector<int>& numbers) {
  std::string text;
  for (const int number : numbers) text += (text.empty() ? "" : " ") + std::to_string(number);
  return text;
}

std::string Copies() {
  doubled = 0;
  ProcessPool pool(1);
  const std::vector<int> mine = {1, 2, 3};
  const std::vector<int> back = pool.Submit<Double>(mine).Get();
  Log("back: " + Text(back) + ", mine: " + Text(mine) + ", doubled: " + std::to_string(doubled));
  return mine[0] == 1 && doubled == 0 ? "the parent has seen nothing" : "the parent has seen it";
}

// ---- Results in order ----

int SleepSort(int seconds) {
  Compute(std::chrono::seconds(seconds));
  Log("the job of " + std::to_string(seconds) + " s is done");
  return seconds;
}

std::string InOrder() {
  ProcessPool pool(3);
  std::vector<int> results;
  for (int result : pool.Map<SleepSort>(std::vector<int>{3, 2, 1})) results.push_back(result);
  return "results " + Text(results);
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("35_process_pool", "Process pool: how does the work get onto every core?");
  lab.Scenario("in_one_process", InOneProcess)
      .Says("four jobs of 1 s each, one after the other")
      .Outcome("the sum is 30", "the sum is 30; a second core has had nothing to do.")
      .Takes(4s)
      .ShowsTimeline();
  lab.Scenario("two_workers", TwoWorkers)
      .Says("the same jobs on a pool of two worker processes")
      .Outcome("the sum is 30", "the sum is 30; each worker has done half of it.")
      .Takes(4s)
      .ShowsTimeline();
  lab.Scenario("copies", Copies)
      .Says("a worker doubles the numbers that it was given, and counts in a global variable")
      .Outcome("the parent has seen nothing",
               "arguments and globals are the worker's own; what comes back is the result.");
  lab.Scenario("in_order", InOrder)
      .Cores(3)
      .Says("Map over jobs of 3, 2 and 1 s, on three workers")
      .Outcome("results 3 2 1", "the last is done first, and its result is still the third.")
      .Takes(6s);
  AddArticles(lab);
  lab.Notice(
      "A worker process shares nothing: no locks, no races, and no news of what it does but the "
      "result.");
  lab.Try("--real --scenario=two_workers; .Cores(1); a lambda that captures.");
  lab.Next("36_worker_crash");
  return lab.Main(argc, argv);
}
