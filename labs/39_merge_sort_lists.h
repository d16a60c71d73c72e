// Lab 39: what is sorted, and where the clock is virtual what that costs.
#ifndef INTERLEAVE_LABS_39_MERGE_SORT_LISTS_H_
#define INTERLEAVE_LABS_39_MERGE_SORT_LISTS_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <span>
#include <string>

#include "runtime/process/shared_memory.h"

// A thousand lists of 30,000 numbers below 500,000, the same each time, in memory that processes
// share. Where costs are stated the lists are shorter.
class Lists {
 public:
  Lists();
  int count() const;
  std::span<int> operator[](int i) const { return {numbers_.begin() + at(i), length_}; }

  // Where they are, for another process: one list after the other.
  const interleave::SharedArray<int>& numbers() const { return numbers_; }
  std::size_t at(int i) const { return length_ * static_cast<std::size_t>(i); }
  std::size_t length() const { return length_; }

  std::string Checked() const;  // "all lists are sorted"

 private:
  const std::size_t length_;
  const interleave::SharedArray<int> numbers_;
};

void TakeLists(const std::string& text);  // --lists=N

// In a simulation what is done next costs this. For real it costs what it costs, and this is 0.
std::chrono::nanoseconds Stated(std::chrono::nanoseconds cost);
void Charge(std::chrono::nanoseconds cost);

// Processors that this process has; four in a simulation.
int Workers();

// Prints how long it takes. What has become of the lists.
std::string Timed(const char* what, const std::function<void(const Lists&)>& sort);

#endif  // INTERLEAVE_LABS_39_MERGE_SORT_LISTS_H_
