// Lab 39: the merge sort of the article.
#ifndef INTERLEAVE_LABS_39_MERGE_SORT_SORTS_H_
#define INTERLEAVE_LABS_39_MERGE_SORT_SORTS_H_

#include <span>
#include <vector>

// The article's function, as it is: of an empty list it never ends. Python gives up a thousand
// calls deep, and so does this: it throws std::runtime_error.
std::vector<int> MergeSort(const std::vector<int>& list, int depth = 1);

// That, but for the empty list.
void SortAsPrinted(std::span<int> list);

#endif  // INTERLEAVE_LABS_39_MERGE_SORT_SORTS_H_
