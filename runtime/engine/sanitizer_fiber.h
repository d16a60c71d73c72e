// runtime/engine/sanitizer_fiber.h
//
// AddressSanitizer watches the stack, so it must be told when a thread of the system goes on with
// another one. Without it these are nothing.
#ifndef INTERLEAVE_RUNTIME_ENGINE_SANITIZER_FIBER_H_
#define INTERLEAVE_RUNTIME_ENGINE_SANITIZER_FIBER_H_

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define INTERLEAVE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define INTERLEAVE_ASAN 1
#endif
#endif

#ifdef INTERLEAVE_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace interleave::engine {

// Where a fiber's stack is, as far as AddressSanitizer has to know.
struct SanitizedStack {
  void* fake = nullptr;  // its place for the locals of functions that have returned
  const void* bottom = nullptr;
  std::size_t size = 0;
};

// On the old stack, just before the switch; and on the new one, just after it.
#ifdef INTERLEAVE_ASAN
inline void BeforeSwitch(SanitizedStack& from, const SanitizedStack& to) {
  __sanitizer_start_switch_fiber(&from.fake, to.bottom, to.size);
}
inline void AfterSwitch(const SanitizedStack& to, SanitizedStack& from) {
  __sanitizer_finish_switch_fiber(to.fake, &from.bottom, &from.size);
}
// What a thread that was given up has left there is no more.
inline void BeginStack(const SanitizedStack& stack) {
  __asan_unpoison_memory_region(stack.bottom, stack.size);
}
#else
inline void BeforeSwitch(SanitizedStack&, const SanitizedStack&) {}
inline void AfterSwitch(const SanitizedStack&, SanitizedStack&) {}
inline void BeginStack(const SanitizedStack&) {}
#endif

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_SANITIZER_FIBER_H_
