// runtime/net/green_stack.cc

#include "runtime/net/green_stack.h"

#include <sys/mman.h>

#include <array>
#include <cerrno>
#include <system_error>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

namespace interleave {
namespace {

constexpr std::size_t kAllBytes = GreenStack::kGuardBytes + GreenStack::kBytes;
constexpr std::size_t kKept = 64;  // by each thread

[[noreturn]] void Refuse() {
  throw std::system_error(errno, std::generic_category(),
                          "a green thread's stack (each takes two of the mappings that "
                          "vm.max_map_count allows)");
}

std::byte* Map() {
  void* mapped = mmap(nullptr, kAllBytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (mapped == MAP_FAILED) Refuse();
  if (mprotect(mapped, GreenStack::kGuardBytes, PROT_NONE) != 0) {
    const int error = errno;
    munmap(mapped, kAllBytes);
    errno = error;
    Refuse();
  }
  return static_cast<std::byte*>(mapped) + GreenStack::kGuardBytes;
}

void Unmap(std::byte* bottom) { munmap(bottom - GreenStack::kGuardBytes, kAllBytes); }

// The stacks that a thread has left over.
class Spare {
 public:
  ~Spare() {
    while (std::byte* bottom = Take()) Unmap(bottom);
    full_at_ = 0;  // what comes now is not kept: a loop may be destroyed after this
  }
  std::byte* Take() { return count_ == 0 ? nullptr : bottoms_[--count_]; }
  bool Keep(std::byte* bottom) {
    if (count_ == full_at_) return false;
    bottoms_[count_++] = bottom;
    return true;
  }

 private:
  std::array<std::byte*, kKept> bottoms_ = {};
  std::size_t count_ = 0;
  std::size_t full_at_ = kKept;
};

constinit thread_local Spare spare;

}  // namespace

GreenStack::GreenStack() : bottom_(spare.Take()) {
  if (bottom_ == nullptr) bottom_ = Map();
#if defined(__SANITIZE_ADDRESS__)
  // What an earlier stack at these addresses was not to touch is no business of this one.
  __asan_unpoison_memory_region(bottom_, kBytes);
#endif
}

GreenStack::~GreenStack() {
  if (!spare.Keep(bottom_)) Unmap(bottom_);
}

}  // namespace interleave
