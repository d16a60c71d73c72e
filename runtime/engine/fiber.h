// runtime/engine/fiber.h
//
// A simulated thread is a fiber: a stack of its own on the one OS thread, and what must change
// hands when another takes over: registers, thread-local image, errno.
//
// The switch of the stacks is 20 instructions of our own and not Boost.Context's. Boost's leaves
// the old stack with a call and enters the new one with a jump, so the processor's stack of
// predicted return addresses is off by one from then on, and the three returns that follow each
// switch here are all mispredicted: a sched_yield took 75 ns with it and takes a third of that with
// a plain `ret`, which always goes where the last switch was called from.
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

// Stores the registers that a call must keep, and the stack pointer in `*from`; takes up what was
// stored at `to`.
extern "C" void interleave_switch_stacks(void** from, void* to);

namespace interleave::engine {

// As on a real Linux; memory is taken up as it is touched.
inline constexpr std::size_t kStackBytes = 8 * 1024 * 1024;

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
  static void Switch(Fiber& from, Fiber& to, const TlsLayout& layout) {
    layout.Exchange(from.image_.get(), to.image_.get());
    from.errno_ = *layout.Errno();
    *layout.Errno() = to.errno_;
    last_ = &from;
    running_ = &to;
    BeforeSwitch(from.sanitized_, to.sanitized_);
    interleave_switch_stacks(&from.stack_pointer_, to.stack_pointer_);
    AfterSwitch(from.sanitized_, last_->sanitized_);
  }

  static Fiber* Running() { return running_; }

  const Stack* GetStack() const { return stack_.get(); }

 private:
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
