// Lab 39: merge sort as one should.
//
// Three things are different from the article's (39_merge_sort_sorts.cc):
//
//   memory      One other list, as long as the first, for all levels. What a level merges goes from
//               one into the other, what the next one merges goes back, and nothing is copied.
//   no branch   Which of two numbers is smaller is a coin toss that the processor would have to
//               guess; wrong every second time, and each time some fifteen steps of work are thrown
//               away. So the answer is no branch here, it is a number: it is added to the pointers.
//               And each merge goes on at both ends, the smallest first and the largest last: two
//               answers that need not wait for each other.
//   short ones  are left to an insertion sort, which nothing beats there.
//
// tests/bench:sort_bench says what it is worth.
#ifndef INTERLEAVE_LABS_39_MERGE_SORT_WELL_H_
#define INTERLEAVE_LABS_39_MERGE_SORT_WELL_H_

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

inline void InsertionSort(std::span<int> list) {
  for (std::size_t i = 1; i < list.size(); ++i) {
    const int number = list[i];
    std::size_t at = i;
    for (; at > 0 && number < list[at - 1]; --at) list[at] = list[at - 1];
    list[at] = number;
  }
}

// Merges two halves that are sorted. Nobody has to ask where a half ends: all numbers that come
// before the middle of the result may be from one half, and it has as many.
inline void Merge(std::span<const int> halves, std::span<int> to) {
  const int* left = halves.data();
  const int* right = left + halves.size() / 2;
  const int* last_left = right - 1;
  const int* last_right = left + halves.size() - 1;
  int* __restrict first = to.data();
  int* __restrict last = first + to.size() - 1;
  for (std::size_t i = 0; i < to.size() / 2; ++i) {
    const bool take_right = *right < *left;
    *first++ = take_right ? *right : *left;
    right += take_right;
    left += !take_right;
    const bool take_last_left = *last_right < *last_left;
    *last-- = take_last_left ? *last_left : *last_right;
    last_left -= take_last_left;
    last_right -= !take_last_left;
  }
  if (to.size() % 2 == 1) *first = left <= last_left ? *left : *right;
}

// Sorts `list`. The result is in `other` if `to_other`, and whichever has it not is scratch.
inline void SortWell(std::span<int> list, std::span<int> other, bool to_other) {
  constexpr std::size_t kShort = 16;
  if (list.size() <= kShort) {
    InsertionSort(list);
    if (to_other) std::copy(list.begin(), list.end(), other.begin());
    return;
  }
  const std::size_t middle = list.size() / 2;
  SortWell(list.first(middle), other.first(middle), !to_other);
  SortWell(list.subspan(middle), other.subspan(middle), !to_other);
  to_other ? Merge(list, other) : Merge(other, list);
}

inline void SortWell(std::span<int> list) {
  std::vector<int> other(list.size());
  SortWell(list, other, false);
}

#endif  // INTERLEAVE_LABS_39_MERGE_SORT_WELL_H_
