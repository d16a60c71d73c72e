#include "runtime/engine/fiber.h"

#include <sys/mman.h>

#include <cstring>
#include <new>

namespace interleave::engine {
namespace {
// Large, for a function with large locals may jump over a small one.
constexpr std::size_t kGuardBytes = 1024 * 1024;
}  // namespace

Stack::Stack() {
  void* mapped = mmap(nullptr, kGuardBytes + kStackBytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  mprotect(mapped, kGuardBytes, PROT_NONE);
  base_ = static_cast<std::byte*>(mapped) + kGuardBytes;
}

Stack::~Stack() { munmap(base_ - kGuardBytes, kGuardBytes + kStackBytes); }

bool Stack::GuardContains(const void* address) const {
  auto* byte = static_cast<const std::byte*>(address);
  return byte >= base_ - kGuardBytes && byte < base_;
}

void Fiber::Reserve(const TlsLayout& layout) {
  image_words_ = layout.Words();
  image_ = std::make_unique<std::uint64_t[]>(image_words_ + 1);
}

void Fiber::Adopt(const TlsLayout& layout) { Reserve(layout); }

void Fiber::Prepare(Entry entry, const TlsLayout& layout) {
  if (image_words_ != layout.Words() || image_ == nullptr) [[unlikely]]
    Reserve(layout);
  const std::uint64_t* pristine = layout.Pristine();
  std::uint64_t* word = image_.get();
  for (std::uint64_t* const end = word + image_words_; word != end;) *word++ = *pristine++;
  if (stack_ == nullptr) stack_ = std::make_unique<Stack>();
  sanitized_ = {nullptr, stack_->Bottom(), kStackBytes};
  BeginStack(sanitized_);
  errno_ = 0;
  entry_ = entry;
  // What SwitchStacks takes up: the control words of a new thread (x86-64 psABI 3.4.1) and where to
  // go. Above it a return address of 0, at which unwinding ends.
  auto* top = reinterpret_cast<std::uint64_t*>(stack_->Top());
  *--top = 0;
  *--top = reinterpret_cast<std::uint64_t>(&Fiber::Trampoline);
  *--top = std::uint64_t{0x037f} << 32 | 0x1f80;
  stack_pointer_ = top;
}

void Fiber::Trampoline() {
  AfterSwitch(running_->sanitized_, last_->sanitized_);
  running_->entry_(*running_);
}

}  // namespace interleave::engine
