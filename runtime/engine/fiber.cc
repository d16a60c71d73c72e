#include "runtime/engine/fiber.h"

#include <sys/mman.h>

#include <cstring>
#include <new>

#ifndef __x86_64__
#error "Interleave's engine switches stacks on x86-64 only"
#endif

asm(R"(
        .text
        .p2align 4
        .globl interleave_switch_stacks
        .type interleave_switch_stacks, @function
interleave_switch_stacks:
        pushq %rbp
        pushq %rbx
        pushq %r12
        pushq %r13
        pushq %r14
        pushq %r15
        subq $8, %rsp
        stmxcsr (%rsp)
        fnstcw 4(%rsp)
        movl (%rsp), %eax
        movl 4(%rsp), %ecx
        movq %rsp, (%rdi)
        movq %rsi, %rsp
        cmpl (%rsp), %eax
        jne 2f
        cmpw 4(%rsp), %cx
        jne 2f
1:      addq $8, %rsp
        popq %r15
        popq %r14
        popq %r13
        popq %r12
        popq %rbx
        popq %rbp
        ret
2:      ldmxcsr (%rsp)          # slow, and nearly always the same
        fldcw 4(%rsp)
        jmp 1b
        .size interleave_switch_stacks, . - interleave_switch_stacks
)");

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
  sanitized_ = {nullptr, stack_->Bottom(), kStackBytes};
  BeginStack(sanitized_);
  errno_ = 0;
  entry_ = entry;
  // What interleave_switch_stacks finds: control words of a new thread (x86-64 psABI 3.2.3), six
  // registers, where to return to; and above that a return address of 0, at which unwinding ends.
  auto* top = reinterpret_cast<std::uint64_t*>(stack_->Top());
  *--top = 0;
  *--top = reinterpret_cast<std::uint64_t>(&Fiber::Trampoline);
  for (int i = 0; i < 6; ++i) *--top = 0;
  *--top = std::uint64_t{0x037f} << 32 | 0x1f80;
  stack_pointer_ = top;
}

void Fiber::Trampoline() {
  AfterSwitch(running_->sanitized_, last_->sanitized_);
  running_->entry_(*running_);
}

}  // namespace interleave::engine
