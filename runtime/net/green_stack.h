// runtime/net/green_stack.h
//
// The memory of one green thread's stack. A real thread reserves 8 MB; of green threads there are
// to be thousands, so each has 256 KiB of addresses. Addresses are not memory: the system gives a
// page when it is first touched, and a thread that waits in a function or two has touched two.
//
//   [ guard, 64 KiB, no access | stack, 256 KiB, grows down <-- ]
//
// Whoever uses up the stack touches the guard and dies there of SIGSEGV, instead of writing into
// the neighbour. The guard is larger than a page because a function with large locals may jump over
// a page. What takes hundreds of KB of locals belongs on a thread: Offload it.
//
// Linux allows a process 65,530 mappings (vm.max_map_count), and a stack with its guard is two: so
// about 32,000 green threads at once.
//
// A thread keeps up to 64 stacks that are free. To map one, touch it and give it back takes 9 us,
// most of a short green thread's life; with a kept one all of that life takes 0.4 us.

#ifndef INTERLEAVE_RUNTIME_NET_GREEN_STACK_H_
#define INTERLEAVE_RUNTIME_NET_GREEN_STACK_H_

#include <cstddef>

namespace interleave {

class GreenStack {
 public:
  static constexpr std::size_t kGuardBytes = 64 * 1024;
#if defined(__SANITIZE_ADDRESS__)
  static constexpr std::size_t kBytes = 1024 * 1024;  // its frames are several times as large
#else
  static constexpr std::size_t kBytes = 256 * 1024;
#endif

  // Throws: std::system_error if the system gives no more.
  GreenStack();
  ~GreenStack();
  GreenStack(const GreenStack&) = delete;
  GreenStack& operator=(const GreenStack&) = delete;

  std::byte* top() const { return bottom_ + kBytes; }
  std::byte* bottom() const { return bottom_; }

 private:
  std::byte* bottom_;  // above the guard
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_NET_GREEN_STACK_H_
