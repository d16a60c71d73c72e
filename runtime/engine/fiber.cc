#include "runtime/engine/fiber.h"

#include <sys/mman.h>

#include <cstring>
#include <new>

namespace interleave::engine {
namespace {
constexpr std::size_t kGuardBytes = 16 * 1024;
}

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
  if (image_words_ == layout.Words() && image_ != nullptr) return;
  image_words_ = layout.Words();
  image_ = std::make_unique<std::uint64_t[]>(image_words_ + 1);
}

void Fiber::Adopt(const TlsLayout& layout) { Reserve(layout); }

void Fiber::Prepare(Entry entry, const TlsLayout& layout) {
  Reserve(layout);
  const std::uint64_t* pristine = layout.Pristine();
  for (std::size_t i = 0; i < image_words_; ++i) image_[i] = pristine[i];
  if (stack_ == nullptr) stack_ = std::make_unique<Stack>();
  errno_ = 0;
  entry_ = entry;
  context_ = boost::context::detail::make_fcontext(stack_->Top(), kStackBytes, &Fiber::Trampoline);
}

void Fiber::PrepareWithLiveImage(Entry entry, const TlsLayout& layout) {
  Prepare(entry, layout);
  layout.Save(image_.get());
}

void Fiber::Trampoline(boost::context::detail::transfer_t from) {
  static_cast<Fiber*>(from.data)->context_ = from.fctx;
  running_->entry_(*running_);
}

}  // namespace interleave::engine
