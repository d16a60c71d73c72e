// runtime/threads/map_results.h
//
// What ThreadPool::Map gives: the results of its jobs, in the order of the inputs, each as soon as
// it is there. To be gone through once:
//
//   for (int length : pool.Map(LengthOf, words, 2s)) Use(length);
//
// A job's exception is thrown when its turn comes; the results before it have been given by then.
// The time limit counts from the call of Map. When the loop ends early, by an exception or break,
// the jobs that have not begun are cancelled.
//
// Threads: the range belongs to one thread.

#ifndef RUNTIME_THREADS_MAP_RESULTS_H_
#define RUNTIME_THREADS_MAP_RESULTS_H_

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <iterator>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/threads/future.h"
#include "runtime/threads/future_state.h"

namespace interleave {

template <typename Result>
class MapResults {
  static_assert(!std::is_void_v<Result>, "Map is for jobs that return something; else Submit them");

 public:
  MapResults(std::vector<Future<Result>> futures, std::optional<std::chrono::nanoseconds> timeout)
      : futures_(std::move(futures)), deadline_(DeadlineAfter(timeout)) {}
  MapResults(MapResults&&) = default;
  MapResults& operator=(MapResults&&) = delete;
  ~MapResults() {
    for (const Future<Result>& future : futures_) future.Cancel();
  }

  class Iterator {
   public:
    using difference_type = std::ptrdiff_t;
    using value_type = Result;
    explicit Iterator(MapResults* results) : results_(results) {}
    Result operator*() const { return results_->TakeAt(index_); }  // once for each place
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return index_ == results_->futures_.size(); }

   private:
    MapResults* results_;
    std::size_t index_ = 0;
  };

  Iterator begin() { return Iterator(this); }
  std::default_sentinel_t end() const { return {}; }

 private:
  Result TakeAt(std::size_t index) {
    std::optional<std::chrono::nanoseconds> left;
    if (deadline_) left = std::max(*deadline_ - std::chrono::steady_clock::now(), {});
    return futures_[index].Take(left);
  }

  std::vector<Future<Result>> futures_;
  const Deadline deadline_;
};

}  // namespace interleave

#endif  // RUNTIME_THREADS_MAP_RESULTS_H_
