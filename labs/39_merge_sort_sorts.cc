// Lab 39: a merge sort as the article writes it, beside one as one should (39_merge_sort_well.h).
//
// The article's makes new lists at each call: 60,000 pieces of memory for a list of 30,000 numbers.
// And its merge asks at each number which of two is smaller, and goes where the answer says.
#include "labs/39_merge_sort_sorts.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <string>

#include "labs/39_merge_sort_lists.h"
#include "labs/39_merge_sort_well.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"

namespace {

std::vector<int> MergeAsPrinted(const std::vector<int>& l_1, const std::vector<int>& l_2) {
  std::vector<int> out;
  std::size_t key_1 = 0, key_2 = 0;
  for (std::size_t i = 0; i < l_1.size() + l_2.size(); ++i) {
    if (l_1[key_1] < l_2[key_2]) {
      out.push_back(l_1[key_1]);
      if (++key_1 == l_1.size()) {
        out.insert(out.end(), l_2.begin() + static_cast<std::ptrdiff_t>(key_2), l_2.end());
        break;
      }
    } else {
      out.push_back(l_2[key_2]);
      if (++key_2 == l_2.size()) {
        out.insert(out.end(), l_1.begin() + static_cast<std::ptrdiff_t>(key_1), l_1.end());
        break;
      }
    }
  }
  return out;
}

}  // namespace

std::vector<int> MergeSort(const std::vector<int>& list, int depth) {
  if (depth > 1000) throw std::runtime_error("maximum recursion depth exceeded");
  if (list.size() == 1) return list;
  const auto mid_point = list.begin() + static_cast<std::ptrdiff_t>((list.size() + 1) / 2);
  const std::vector<int> l_1 = MergeSort({list.begin(), mid_point}, depth + 1);
  const std::vector<int> l_2 = MergeSort({mid_point, list.end()}, depth + 1);
  return MergeAsPrinted(l_1, l_2);
}

void SortAsPrinted(std::span<int> list) {
  if (list.size() <= 1) return;
  const std::vector<int> sorted = MergeSort({list.begin(), list.end()});
  std::copy(sorted.begin(), sorted.end(), list.begin());
}

namespace {

using std::chrono::microseconds;

void SortAll(const Lists& all, microseconds stated, void (*sort)(std::span<int>)) {
  for (int i = 0; i < all.count(); ++i) {
    Charge(stated);
    sort(all[i]);
  }
}

std::string BetterSort() {
  // What a thousand lists took on a machine where nobody else was.
  Timed("as printed, in C++",
        [](const Lists& all) { SortAll(all, microseconds(2640), SortAsPrinted); });
  return Timed("as one should",
               [](const Lists& all) { SortAll(all, microseconds(750), SortWell); });
}

std::string EmptyList() {
  std::string what = "it ends";
  try {
    MergeSort({});
  } catch (const std::runtime_error& error) {
    what = error.what();
  }
  interleave::Print("as printed: " + what);
  SortAsPrinted({});
  interleave::Print("with its end at \"at most one\" instead of \"one\": it is sorted");
  return what;
}

}  // namespace

void AddSorts(interleave::Lab& lab) {
  lab.Scenario("better_sort", BetterSort)
      .Says("one thread, and another sort: no list is made twice, no branch is guessed wrong")
      .Outcome("all lists are sorted", "worth more than three cores.")
      .Takes(std::chrono::seconds(60));
  lab.Scenario("empty_list", EmptyList)
      .Says("merge_sort([]) has no end, so there is a limit, as Python has one")
      .Outcome("maximum recursion depth exceeded");
}
