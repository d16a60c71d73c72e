// Lab 39: two merge sorts.
#ifndef INTERLEAVE_LABS_39_MERGE_SORT_SORTS_H_
#define INTERLEAVE_LABS_39_MERGE_SORT_SORTS_H_

#include <span>
#include <vector>

// The article's function, as it is: of an empty list it never ends. Python gives up a thousand
// calls deep, and so does this: it throws std::runtime_error.
std::vector<int> MergeSort(const std::vector<int>& list, int depth = 1);

// That, but for the empty list.
void SortAsPrinted(std::span<int> list);

void SortWell(std::span<int> list);

// The same in steps, for whoever sorts the halves elsewhere. `scratch` is as long as `list`.
void SortWell(std::span<int> list, std::span<int> scratch);
void MergeHalves(std::span<int> list, std::size_t middle, std::span<int> scratch);

#endif  // INTERLEAVE_LABS_39_MERGE_SORT_SORTS_H_
