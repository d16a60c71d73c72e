// runtime/engine/tls_image.h
//
// Simulated threads share one OS thread, and so its thread-local storage. Each has an image of what
// it would find there; a switch stores the one and loads the other: the thread_locals of the
// program and of every library but libc, which covers libstdc++'s state of exceptions and of
// call_once. A few dozen bytes in most programs. libc's own block holds what belongs to the OS
// thread; only errno of it is swapped (fiber.h).
//
// Limitation: a thread_local has the same address in each simulated thread, so a pointer to another
// thread's variable reads the reader's own.
#ifndef INTERLEAVE_RUNTIME_ENGINE_TLS_IMAGE_H_
#define INTERLEAVE_RUNTIME_ENGINE_TLS_IMAGE_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace interleave::engine {

// The thread-local blocks of this OS thread. Words, not bytes: a copy loop of ten words is a third
// of the time of the calls to memcpy.
class TlsLayout {
 public:
  // Finds them anew; libraries may have been loaded since.
  void Find();

  std::size_t Words() const { return pristine_.size(); }

  // What a new thread starts with.
  const std::uint64_t* Pristine() const { return pristine_.data(); }

  // Stores what is live in `from` and makes `to` live, in one pass.
  void Exchange(std::uint64_t* from, const std::uint64_t* to) const {
    for (const Block* block = first_; block != last_; ++block) {
      std::uint64_t* live = block->live;
      for (std::uint64_t* const end = live + block->words; live != end; ++live) {
        *from++ = *live;
        *live = *to++;
      }
      if (block->tail != 0) {
        std::memcpy(from++, live, block->tail);
        std::memcpy(live, to++, block->tail);
      }
    }
  }

  // Of this OS thread; finding it again takes a call.
  int* Errno() const { return errno_; }

  // Every simulated thread sees its own variable here, so two of them can't race on it.
  bool Contains(std::uintptr_t address) const { return address - low_ < high_ - low_; }

 private:
  struct Block {
    std::uint64_t* live;
    std::size_t words;
    std::size_t tail;  // bytes behind the last whole word: what follows them is not ours
  };
  std::vector<Block> blocks_;
  const Block* first_ = nullptr;
  const Block* last_ = nullptr;
  std::vector<std::uint64_t> pristine_;
  std::uintptr_t low_ = 0, high_ = 0;
  int* errno_ = nullptr;
};

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_TLS_IMAGE_H_
