// runtime/engine/thread_set.h
//
// A set of thread numbers, as bits: adding and removing are one instruction, walking is in order
// of the numbers (which makes a choice mean the same on every run), and ten thousand threads are
// 157 words.
#ifndef INTERLEAVE_RUNTIME_ENGINE_THREAD_SET_H_
#define INTERLEAVE_RUNTIME_ENGINE_THREAD_SET_H_

#include <algorithm>
#include <bit>
#include <cstdint>
#include <utility>
#include <vector>

namespace interleave::engine {

class ThreadSet {
 public:
  ThreadSet() = default;
  explicit ThreadSet(std::vector<std::uint64_t> words)
      : words_(std::move(words)), room_(64 * static_cast<std::uint32_t>(words_.size())) {
    for (std::uint64_t word : words_) size_ += Count(word);
  }

  // Thread t is bit t % 64 of word t / 64.
  const std::vector<std::uint64_t>& Words() const { return words_; }

  void Clear() {
    for (std::uint64_t& word : words_) word = 0;
    size_ = 0;
  }

  void Add(std::uint32_t thread) {
    if (thread >= room_) [[unlikely]]
      MakeRoom(thread / 64 + 1);
    std::uint64_t bit = std::uint64_t{1} << (thread % 64);
    std::uint64_t& word = words_[thread / 64];
    size_ += !(word & bit);
    word |= bit;
  }

  void Remove(std::uint32_t thread) {
    if (!Contains(thread)) return;
    words_[thread / 64] &= ~(std::uint64_t{1} << (thread % 64));
    --size_;
  }

  void AddAll(const ThreadSet& others) {
    if (room_ < others.room_) MakeRoom(others.words_.size());
    for (std::size_t w = 0; w < others.words_.size(); ++w) {
      size_ += Count(others.words_[w] & ~words_[w]);
      words_[w] |= others.words_[w];
    }
  }

  void RemoveAll(const ThreadSet& others) {
    const std::size_t words = std::min(words_.size(), others.words_.size());
    for (std::size_t w = 0; w < words; ++w) {
      size_ -= Count(others.words_[w] & words_[w]);
      words_[w] &= ~others.words_[w];
    }
  }

  bool Contains(std::uint32_t thread) const {
    return thread < room_ && (words_[thread / 64] >> (thread % 64) & 1);
  }

  std::uint32_t Size() const { return size_; }
  bool Empty() const { return size_ == 0; }

  // The smallest. REQUIRES: not empty.
  std::uint32_t First() const {
    std::uint32_t w = 0;
    while (words_[w] == 0) ++w;
    return w * 64 + static_cast<std::uint32_t>(std::countr_zero(words_[w]));
  }

  // The n-th smallest number, n < Size().
  std::uint32_t Nth(std::uint32_t n) const {
    std::uint32_t w = 0;
    if (room_ > 64) {
      for (std::uint32_t here; n >= (here = Count(words_[w])); ++w) n -= here;
    }
    std::uint64_t word = words_[w];
    for (; n > 0; --n) word &= word - 1;
    return w * 64 + static_cast<std::uint32_t>(std::countr_zero(word));
  }

  // The smallest number above `thread`, or, where there is none, the smallest of all.
  // REQUIRES: not empty.
  std::uint32_t After(std::uint32_t thread) const {
    std::uint32_t from = thread + 1;
    for (std::uint32_t w = from / 64; w < words_.size(); ++w) {
      std::uint64_t word = words_[w];
      if (w == from / 64) word &= ~std::uint64_t{0} << (from % 64);
      if (word != 0) return w * 64 + static_cast<std::uint32_t>(std::countr_zero(word));
    }
    return First();
  }

 private:
  static std::uint32_t Count(std::uint64_t word) {
    return static_cast<std::uint32_t>(std::popcount(word));
  }

  [[gnu::noinline, gnu::cold]] void MakeRoom(std::size_t words) {
    words_.resize(words);
    room_ = 64 * static_cast<std::uint32_t>(words);
  }

  std::vector<std::uint64_t> words_ = std::vector<std::uint64_t>(1);
  std::uint32_t room_ = 64;  // for so many threads
  std::uint32_t size_ = 0;
};

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_THREAD_SET_H_
