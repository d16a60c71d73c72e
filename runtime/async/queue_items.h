// runtime/async/queue_items.h
//
// What AsyncQueue, AsyncLifoQueue and AsyncPriorityQueue keep their items in. All of them reuse the
// room that they have, so that a queue in its steady state allocates nothing (a std::deque does, as
// it moves along).

#ifndef INTERLEAVE_RUNTIME_ASYNC_QUEUE_ITEMS_H_
#define INTERLEAVE_RUNTIME_ASYNC_QUEUE_ITEMS_H_

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace interleave {

// The oldest first: a ring.
template <typename T>
class FifoItems {
 public:
  std::size_t size() const { return size_; }
  void Push(T item) {
    if (size_ == ring_.size()) Grow();
    ring_[(first_ + size_) & (ring_.size() - 1)].emplace(std::move(item));
    ++size_;
  }
  // REQUIRES: size() > 0.
  T Pop() {
    std::optional<T>& place = ring_[first_];
    T item = std::move(*place);
    place.reset();
    first_ = (first_ + 1) & (ring_.size() - 1);
    --size_;
    return item;
  }

 private:
  void Grow() {
    std::vector<std::optional<T>> larger(std::max<std::size_t>(8, 2 * ring_.size()));
    for (std::size_t i = 0; i < size_; ++i) {
      larger[i] = std::move(ring_[(first_ + i) & (ring_.size() - 1)]);
    }
    ring_ = std::move(larger);
    first_ = 0;
  }

  std::vector<std::optional<T>> ring_;  // its size is 0 or a power of two
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

// The newest first.
template <typename T>
class LifoItems {
 public:
  std::size_t size() const { return items_.size(); }
  void Push(T item) { items_.push_back(std::move(item)); }
  T Pop() {
    T item = std::move(items_.back());
    items_.pop_back();
    return item;
  }

 private:
  std::vector<T> items_;
};

// The smallest first.
template <typename T>
class PriorityItems {
 public:
  std::size_t size() const { return heap_.size(); }
  void Push(T item) {
    heap_.push_back(std::move(item));
    std::push_heap(heap_.begin(), heap_.end(), Larger);
  }
  T Pop() {
    std::pop_heap(heap_.begin(), heap_.end(), Larger);
    T item = std::move(heap_.back());
    heap_.pop_back();
    return item;
  }

 private:
  static bool Larger(const T& a, const T& b) { return b < a; }
  std::vector<T> heap_;
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ASYNC_QUEUE_ITEMS_H_
