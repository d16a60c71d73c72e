#include "runtime/engine/tape.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <new>

namespace interleave::engine {
namespace {
// What a run has written beyond this is given back after it.
constexpr std::size_t kKeptWords = 8192;
}  // namespace

Tape::Tape() {
  void* mapped = mmap(nullptr, kWords * sizeof(std::uint64_t), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  words_ = static_cast<std::uint64_t*>(mapped);
}

Tape::~Tape() { munmap(words_, kWords * sizeof(std::uint64_t)); }

void Tape::Clear() {
  if (end_ > kKeptWords) {
    madvise(words_ + kKeptWords, (kWords - kKeptWords) * sizeof(std::uint64_t), MADV_REMOVE);
  }
  at_ = end_ = 1;
  Publish();
}

void Tape::PutText(std::string_view text) {
  Put(text.size());
  if ((text.size() + 7) / 8 > kWords - at_) Full();
  std::memcpy(words_ + at_, text.data(), text.size());
  at_ += (text.size() + 7) / 8;
}

void Tape::Rewind() {
  at_ = 1;
  end_ = published().load(std::memory_order_acquire);
}

std::string Tape::GetText() {
  std::size_t size = Get();
  std::string text(reinterpret_cast<const char*>(words_ + at_), size);
  at_ += (size + 7) / 8;
  return text;
}

void Tape::Full() {
  constexpr std::string_view kSentence =
      "interleave: a forked run has made more choices than can be remembered\n";
  [[maybe_unused]] ssize_t written = ::write(2, kSentence.data(), kSentence.size());
  std::abort();
}

}  // namespace interleave::engine
