// The boundary for exceptions that several threads own (std::exception_ptr).
//
// libstdc++ counts the owners within its shared library, and the last one destroys the exception.
// What the others did with it is before that, but no hook sees the count: the destructor would race
// with every `what()` in another thread. So whoever lets go tells it here: it learns what those
// knew that did so before, and passes on what it knows, as an acq_rel decrement does.
#include <unwind.h>

#include <cstdint>
#include <exception>

#include "runtime/engine/atomics.h"
#include "runtime/engine/boundary.h"
#include "runtime/engine/scheduler.h"

namespace interleave::engine {
namespace {

constinit Real<void(std::exception_ptr*)> real_release{
    "_ZNSt15__exception_ptr13exception_ptr10_M_releaseEv"};
INTERLEAVE_REAL(_Unwind_DeleteException);

// The byte before the exception is in the library's own header, so it is nobody's atomic.
void LetGo(void* exception) {
  if (!Inside() || scheduler.Alone()) return;
  EngineScope scope;
  const void* count = static_cast<char*>(exception) - 1;
  atomics.Update(scheduler.Current(), count, MemoryOrder::kAcqRel);
}

// What a catch block is about to leave (Itanium C++ ABI 2.2.1, and libstdc++'s unwind-cxx.h). The
// exception stands behind the unwinder's header; or, if it was thrown out of an exception_ptr,
// somewhere else, and the first of what stands before the header tells where. Null: not of C++.
void* ExceptionOf(_Unwind_Exception* header) {
  constexpr std::uint64_t kCpp = 0x474e5543432b2b00;  // "GNUCC++\0"
  constexpr std::ptrdiff_t kBeforeHeader = 80;
  if ((header->exception_class & ~std::uint64_t{1}) != kCpp) return nullptr;
  if ((header->exception_class & 1) == 0) return header + 1;
  return *reinterpret_cast<void**>(reinterpret_cast<char*>(header) - kBeforeHeader);
}

}  // namespace
}  // namespace interleave::engine

using namespace interleave::engine;

__attribute__((weak)) void std::__exception_ptr::exception_ptr::_M_release() noexcept {
  LetGo(_M_exception_object);
  real_release(this);
}

INTERLEAVE_BOUNDARY void _Unwind_DeleteException(_Unwind_Exception* header) {
  if (Inside()) {
    if (void* exception = ExceptionOf(header)) LetGo(exception);
  }
  real__Unwind_DeleteException(header);
}
