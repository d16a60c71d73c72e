// Lab 39: merge sort
//
// How do you sort on every core?
//
// A thousand lists of 30,000 numbers. To sort one: sort both halves, then merge them. The lists
// have nothing to do with each other, so whole lists can be handed out, to processes as the article
// does, or to threads. Both take a quarter of the time on four cores. In Python only the processes
// do, because of the interpreter lock (lab 40); they pay for it by sending all numbers there and
// back. Here they lie in memory that the processes share.
//
// A single list can be shared as well: its halves are two pieces of work, and theirs are four. But
// each piece costs something besides what is in it. Down to which size should one divide?
// (39_merge_sort_tree.cc) And before you take more cores, look at the sort: the article's makes two
// lists at each step and forgets them again (39_merge_sort_sorts.cc).
//
// Run it:     bazel run //labs:39_merge_sort -- --real
//
// Notice:     In a simulation each list has a stated cost on one of four virtual cores: 123 ms
//             (the article's 123 s for a thousand). That these become 30 s with processes is then
//             no wonder: it had four cores. With --real nothing is stated, everything is sorted.
//
//             The article calls its second program asynchronous; nothing in it is. And it never
//             looks at a result. That "Sorting Completed" comes after the last one is no luck,
//             though: leaving the with-block waits for all.
//
// Try:        --real --lists=100 --scenario=S2.15: threads and processes on your machine
//             --real --scenario=better_sort: what is a better sort worth, in cores?
//             merge_sort([]): --scenario=empty_list
//
// Next:       40_amdahl
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "labs/39_merge_sort_lists.h"
#include "labs/39_merge_sort_sorts.h"
#include "runtime/lab/compute.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/process/process_pool.h"
#include "runtime/process/shared_memory.h"

void AddSorts(interleave::Lab& lab);  // in 39_merge_sort_sorts.cc
void AddTree(interleave::Lab& lab);   // in 39_merge_sort_tree.cc

namespace {

using interleave::Compute;
using interleave::Future;
using interleave::Log;
using interleave::ProcessPool;
using interleave::SharedArray;

constexpr std::chrono::milliseconds kPython{123};  // a list, in the article

void OnOneThread(const Lists& all) {
  for (int i = 0; i < all.count(); ++i) {
    Charge(kPython);
    SortAsPrinted(all[i]);
  }
}

void OnThreads(const Lists& all) {
  std::vector<std::thread> threads;
  for (int worker = 0; worker < Workers(); ++worker) {
    threads.emplace_back([&all, worker] {
      for (int i = worker; i < all.count(); i += Workers()) {
        Charge(kPython);
        SortAsPrinted(all[i]);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// What a worker is asked to do. What it gets is the memory in which the lists are, not the numbers.
void SortOne(const SharedArray<int>& lists, std::size_t at, std::size_t length,
             std::chrono::nanoseconds cost) {
  Compute(cost);
  SortAsPrinted({lists.begin() + at, length});
}

void InProcesses(const Lists& all) {
  ProcessPool pool(Workers());
  std::vector<Future<void>> sorted;
  for (int i = 0; i < all.count(); ++i) {
    sorted.push_back(pool.Submit<SortOne>(all.numbers(), all.at(i), all.length(), Stated(kPython)));
  }
  for (const Future<void>& one : sorted) one.Get();
}

std::string Article(void (*sort)(const Lists&)) {
  const Lists all;
  Log("Starting Sorting");
  sort(all);
  Log("Sorting Completed");
  return all.Checked();
}

std::string ThreadsAgainstProcesses() {
  Timed("one thread", OnOneThread);
  Timed("a process for each core", InProcesses);
  return Timed("a thread for each core", OnThreads);
}

}  // namespace

int main(int argc, char** argv) {
  using std::chrono::seconds;
  const char* sorted = "all lists are sorted";
  interleave::Lab lab("39_merge_sort", "Merge sort: how do you sort on every core?");
  lab.Flag("--lists=N", "how many to sort; 1000 unless given", TakeLists);
  lab.Scenario("one_process", [] { return Article(OnOneThread); })
      .Id("S2.12")
      .Says("1000 lists, one after the other: the published log")
      .Outcome(sorted)
      .StartsAt("21:24:07")
      .Cores(4)
      .Takes(seconds(124));
  lab.Scenario("processes", [] { return Article(InProcesses); })
      .Id("S2.13")
      .Says("1000 lists on a process for each of four cores: the published log")
      .Outcome(sorted)
      .StartsAt("21:29:33")
      .Cores(4)
      .StepBudget(200'000)
      .Takes(seconds(60));
  lab.Scenario("threads_and_processes", ThreadsAgainstProcesses)
      .Id("S2.15")
      .Says("what Python's threads cannot, C++ threads can")
      .Outcome(sorted, "threads as well as processes; nobody holds an interpreter lock.")
      .Cores(4)
      .StepBudget(200'000)
      .Takes(seconds(190));
  AddSorts(lab);
  AddTree(lab);
  lab.Notice(
      "What is independent can be handed out whole, to threads or to processes. Divide one piece "
      "of work only down to a size where the dividing does not count.");
  lab.Try("--real --lists=100; --real --scenario=better_sort; --real --scenario=cutoff.");
  lab.Next("40_amdahl");
  return lab.Main(argc, argv);
}
