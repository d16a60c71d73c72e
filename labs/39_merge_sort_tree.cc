// Lab 39: one list on all cores, as a tree of tasks with a cutoff.
//
// Two halves are two tasks, and so on down to `cutoff` numbers; what is shorter is sorted without
// dividing it into tasks. A task costs something, whatever is in it: with the smallest cutoff there
// are as many tasks as numbers, with the largest a single one, and one core works.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "labs/39_merge_sort_lists.h"
#include "labs/39_merge_sort_well.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/work_stealing_pool.h"

namespace {

using interleave::InSimulation;
using interleave::WorkStealingPool;
using std::chrono::nanoseconds;

// Stated, where the clock is virtual: what a task costs, and what merging a number does.
constexpr nanoseconds kTask{40}, kMergeOne{2};

nanoseconds CostOfSorting(std::size_t count) {
  const double levels = count < 2 ? 0 : std::ceil(std::log2(count));
  return static_cast<long>(count) * static_cast<long>(levels) * kMergeOne;
}

std::atomic<int> tasks;

void SortTree(WorkStealingPool& pool, std::span<int> list, std::span<int> other, bool to_other,
              std::size_t cutoff) {
  if (list.size() <= cutoff) {
    Charge(CostOfSorting(list.size()));
    return SortWell(list, other, to_other);
  }
  const std::size_t middle = list.size() / 2;
  pool.Invoke(
      [&] { SortTree(pool, list.first(middle), other.first(middle), !to_other, cutoff); },
      [&] { SortTree(pool, list.subspan(middle), other.subspan(middle), !to_other, cutoff); });
  tasks += 2;
  Charge(2 * kTask + static_cast<long>(list.size()) * kMergeOne);
  to_other ? Merge(list, other) : Merge(other, list);
}

std::string Cutoff() {
  const std::size_t count = InSimulation() ? 1024 : 262'144;
  std::vector<int> list(count), other(count);
  std::string outcome = "sorted each time";
  interleave::Print("cutoff      tasks      time");
  for (std::size_t cutoff = 1; cutoff <= count; cutoff *= 4) {
    std::mt19937 random(1);
    for (int& number : list) number = static_cast<int>(random() % 500'000);
    tasks = 0;
    WorkStealingPool pool(Workers());
    const auto began = std::chrono::steady_clock::now();
    pool.Run([&] { SortTree(pool, list, other, false, cutoff); });
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - began;
    if (!std::is_sorted(list.begin(), list.end())) outcome = "not sorted";
    char row[80];
    std::snprintf(row, sizeof row, "%6zu %10d %9.1f us", cutoff, tasks.load(), took.count());
    interleave::Print(row);
  }
  return outcome;
}

}  // namespace

void AddTree(interleave::Lab& lab) {
  lab.Scenario("cutoff", Cutoff)
      .Says("one list as a tree of tasks on four cores: down to how many numbers?")
      .Outcome("sorted each time",
               "too small a cutoff pays for tasks, too large a one leaves cores idle.")
      .Cores(4)
      .StepBudget(5'000'000)
      .Takes(std::chrono::seconds(20));
}
