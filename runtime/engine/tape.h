// runtime/engine/tape.h
//
// Memory that a process and its forked child share: the child writes words and texts one after the
// other, and when it has ended, however it has ended, the parent reads what was published. What a
// dying child was just writing is not published and so does not exist.
//
//   child:   tape.Put(7); tape.PutText("counter 1"); tape.Publish();
//   parent:  tape.Rewind(); while (!tape.AtEnd()) ... tape.Get(); tape.GetText();
//
// The memory is reserved and not committed: only what was written takes up room.
#ifndef INTERLEAVE_RUNTIME_ENGINE_TAPE_H_
#define INTERLEAVE_RUNTIME_ENGINE_TAPE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace interleave::engine {

class Tape {
 public:
  Tape();  // Throws std::bad_alloc.
  ~Tape();
  Tape(const Tape&) = delete;
  Tape& operator=(const Tape&) = delete;

  // Before the fork.
  void Clear();

  // In the child. What does not fit any more ends the process.
  void Put(std::uint64_t word) {
    if (at_ == kWords) Full();
    words_[at_++] = word;
  }
  void PutText(std::string_view text);
  std::size_t Size() const { return at_; }  // words
  void Publish() { published().store(at_, std::memory_order_release); }

  // In the parent, when the child has ended.
  void Rewind();
  bool AtEnd() const { return at_ == end_; }
  // REQUIRES: the child has put one here.
  std::uint64_t Get() { return words_[at_++]; }
  std::string GetText();

 private:
  // A gigabyte of addresses: a run of a million choices among ten thousand threads.
  static constexpr std::size_t kWords = std::size_t{1} << 27;

  [[noreturn]] static void Full();

  // The first word.
  std::atomic_ref<std::uint64_t> published() { return std::atomic_ref(words_[0]); }

  std::uint64_t* words_;
  std::size_t at_ = 1;
  std::size_t end_ = 1;
};

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_TAPE_H_
