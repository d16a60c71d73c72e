// runtime/net/green_stack.cc

#include "runtime/net/green_stack.h"

#include <sys/mman.h>

#include <cerrno>
#include <system_error>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

namespace interleave {
namespace {

[[noreturn]] void Refuse() {
  throw std::system_error(errno, std::generic_category(),
                          "a green thread's stack (each takes two of the mappings that "
                          "vm.max_map_count allows)");
}

}  // namespace

GreenStack::GreenStack() {
  void* mapped = mmap(nullptr, kGuardBytes + kBytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (mapped == MAP_FAILED) Refuse();
  bottom_ = static_cast<std::byte*>(mapped) + kGuardBytes;
  if (mprotect(mapped, kGuardBytes, PROT_NONE) != 0) {
    const int error = errno;
    munmap(mapped, kGuardBytes + kBytes);
    errno = error;
    Refuse();
  }
#if defined(__SANITIZE_ADDRESS__)
  // What an earlier stack at these addresses was not to touch is no business of this one.
  __asan_unpoison_memory_region(bottom_, kBytes);
#endif
}

GreenStack::~GreenStack() { munmap(bottom_ - kGuardBytes, kGuardBytes + kBytes); }

}  // namespace interleave
