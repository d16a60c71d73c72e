// runtime/engine/fiber.h
//
// A simulated thread is a fiber: a stack of its own on the one OS thread, and what must change
// hands when another takes over: registers, thread-local image, errno.
//
// The switch of the stacks is our own and not Boost.Context's. Boost's is entered by a call and
// left by a jump, so the processor's stack of predicted return addresses is off by one from then
// on, and the returns that follow are mispredicted: a sched_yield took 75 ns with it and 35 ns
// without. This one is inline: there is no call to be off by, and the compiler saves only the
// registers it needs.
//
// Giving up a stack is free: it is prepared anew for the next thread. A run that ended in a
// deadlock leaves stacks that can't be unwound; what they owned leaks.
#ifndef INTERLEAVE_RUNTIME_ENGINE_FIBER_H_
#define INTERLEAVE_RUNTIME_ENGINE_FIBER_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "runtime/engine/sanitizer_fiber.h"
#include "runtime/engine/tls_image.h"

#ifndef __x86_64__
#error "Interleave's engine switches stacks on x86-64 only"
#endif

namespace interleave::engine {

// As on a real Linux; memory is taken up as it is touched. AddressSanitizer touches all of it.
#ifdef INTERLEAVE_ASAN
inline constexpr std::size_t kStackBytes = 1024 * 1024;
#else
inline constexpr std::size_t kStackBytes = 8 * 1024 * 1024;
#endif

// Mapped once and used again; the page below it is a guard, so an overflow is a fault.
class Stack {
 public:
  Stack();  // Throws std::bad_alloc if the system has no more memory.
  ~Stack();
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;

  std::byte* Top() const { return base_ + kStackBytes; }
  std::byte* Bottom() const { return base_; }
  bool GuardContains(const void* address) const;

 private:
  std::byte* base_;  // above the guard page
};

class Fiber {
 public:
  using Entry = void (*)(Fiber&);

  // The next switch to this fiber calls `entry` on an empty stack.
  void Prepare(Entry entry, const TlsLayout& layout);

  // For the stack that calls: it becomes a fiber to come back to.
  void Adopt(const TlsLayout& layout);

  // Stops `from`, which is running, and runs `to`. Returns when somebody switches back to `from`.
  [[gnu::always_inline]] static void Switch(Fiber& from, Fiber& to, const TlsLayout& layout) {
    layout.Exchange(from.image_.get(), to.image_.get());
    from.errno_ = *layout.Errno();
    *layout.Errno() = to.errno_;
    last_ = &from;
    running_ = &to;
    BeforeSwitch(from.sanitized_, to.sanitized_);
    SwitchStacks(&from.stack_pointer_, to.stack_pointer_);
    AfterSwitch(from.sanitized_, last_->sanitized_);
  }

  static Fiber* Running() { return running_; }

  const Stack* GetStack() const { return stack_.get(); }

 private:
  // Leaves on this stack where to go on and the control words of floating point (a thread's own,
  // and nearly always the same) and puts its address in `*from`; takes up what was left at `to`.
  // All other registers are the compiler's to save: it knows which it needs.
  [[gnu::always_inline]] static void SwitchStacks(void** from, void* to) {
    asm volatile(
        "leaq -128(%%rsp), %%rsp\n\t"  // the red zone
        "pushq %%rbp\n\t"
        "leaq 1f(%%rip), %%rax\n\t"
        "pushq %%rax\n\t"
        "subq $8, %%rsp\n\t"
        "stmxcsr (%%rsp)\n\t"
        "fnstcw 4(%%rsp)\n\t"
        "movl (%%rsp), %%eax\n\t"
        "movzwl 4(%%rsp), %%ecx\n\t"
        "movq %%rsp, (%0)\n\t"
        "movq %1, %%rsp\n\t"
        "xorl (%%rsp), %%eax\n\t"
        "andl $0xffc0, %%eax\n\t"  // the low bits are the exceptions so far, which nobody misses
        "jne 2f\n\t"
        "cmpw 4(%%rsp), %%cx\n\t"
        "je 3f\n"
        "2:\tldmxcsr (%%rsp)\n\t"
        "fldcw 4(%%rsp)\n"
        "3:\taddq $8, %%rsp\n\t"
        "popq %%rax\n\t"
        "jmp *%%rax\n"
        "1:\tpopq %%rbp\n\t"
        "leaq 128(%%rsp), %%rsp"
        : "+D"(from), "+S"(to)
        :
        : "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
          "memory", "cc");
  }

  static void Trampoline();
  void Reserve(const TlsLayout& layout);

  static inline Fiber* running_ = nullptr;
  static inline Fiber* last_ = nullptr;  // who ran before the last switch

  void* stack_pointer_ = nullptr;  // while it does not run
  std::unique_ptr<std::uint64_t[]> image_;
  std::size_t image_words_ = 0;
  int errno_ = 0;
  SanitizedStack sanitized_;
  Entry entry_ = nullptr;
  std::unique_ptr<Stack> stack_;
};

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_FIBER_H_
