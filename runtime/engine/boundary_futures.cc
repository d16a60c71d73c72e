// The boundary for what becomes ready at the end of a thread: std::promise's
// set_value_at_thread_exit and std::packaged_task's make_ready_at_thread_exit.
//
// libstdc++ does that within its shared library: a destructor of a thread-specific value stores
// "ready", and if somebody sleeps already, wakes him. No hook would see the store. Whoever looks at
// the future would know nothing of the thread that it comes from, and what was written before would
// race with what is read after; and the store would be no step, so that nobody could come before
// it. So the functions of the two that are not inline are written here once more, with the store
// made as the hooks make it.
//
// (std::notify_all_at_thread_exit unlocks a mutex and notifies, which is seen as it is. A state
// whose last owner is the thread itself, which the library may come to, is not among the
// schedules.)
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <future>
#include <memory>

#include "runtime/engine/boundary.h"
#include "runtime/engine/hooks.h"
#include "runtime/engine/scheduler.h"

namespace interleave::engine {
namespace {

// "Calls at the end of this thread", a member function of _Make_ready. It does nothing with its
// object but to link it into a list, so it does not mind what that is.
constinit Real<void(std::__at_thread_exit_elt*)> real_set{
    "_ZNSt13__future_base13_State_baseV211_Make_ready6_M_setEv"};

// What is linked in place of the library's own element: which that is, and where the program asked
// for it. The store has no place of its own in the program; it is told by the call.
struct AtExit : std::__at_thread_exit_elt {
  void* make_ready;
  std::uintptr_t place;
};

// The counter of weak owners. A weak_ptr is two pointers, the second of which leads to a virtual
// table and two counters.
template <typename T>
std::uint32_t* WeakCount(const std::weak_ptr<T>& weak) {
  struct {
    const void* object;
    struct {
      const void* functions;
      std::uint32_t owners, weak;
    } * counts;
  } parts;
  static_assert(sizeof parts == sizeof weak);
  std::memcpy(&parts, &weak, sizeof parts);
  return &parts.counts->weak;
}

}  // namespace
}  // namespace interleave::engine

using namespace interleave;
using namespace interleave::engine;

// Counted among the hooks of its line (call_sites.h).
__attribute__((section("interleave_hooks"), weak)) void
std::__future_base::_State_baseV2::_Make_ready::_M_set() {
  if (!Inside()) return real_set(this);
  auto* at_exit = new AtExit;
  at_exit->make_ready = this;
  at_exit->place = INTERLEAVE_PLACE;
  real_set(at_exit);
  at_exit->_M_cb = _S_run;
}

// The library counts itself among the state's owners until it has woken who waits, and may be the
// last one. Hooks see none of that; so here it is done while nobody else can run, between the stop
// and the end of the store, and is undone then. To wake them needs no state.
__attribute__((weak)) void std::__future_base::_State_baseV2::_Make_ready::_S_run(void* element) {
  const std::unique_ptr<AtExit> at_exit(static_cast<AtExit*>(element));
  std::unique_ptr<_Make_ready> self(static_cast<_Make_ready*>(at_exit->make_ready));
  const auto find_word = [&self]() -> unsigned* {  // null: nobody owns the state any more
    const auto state = self->_M_shared_state.lock();
    return state == nullptr ? nullptr : reinterpret_cast<unsigned*>(&state->_M_status);
  };
  constexpr unsigned kSomebodyWaits = 0x80000000;  // atomic_futex.h

  unsigned* word = find_word();
  const bool watched = Inside() && !scheduler.Alone();
  if (word != nullptr && watched) {
    StopBeforeAtomic(scheduler.Current(), StepKind::kAtomicUpdate, word, sizeof *word,
                     at_exit->place);
    word = find_word();
  }
  const auto exchange = [&](unsigned* at, unsigned value, MemoryOrder order) {
    return watched ? StoppedExchange(at, value, order, at_exit->place)
                   : __atomic_exchange_n(at, value, __ATOMIC_SEQ_CST);
  };
  unsigned before = 0;
  if (word != nullptr) before = exchange(word, _Status::__ready, MemoryOrder::kRelease);

  // The last weak one frees the memory, after all that the others did with it. So that this is
  // known, it is counted down where it is seen, and then once more by the library.
  std::uint32_t* weak = WeakCount(self->_M_shared_state);
  exchange(weak, *weak - 1, MemoryOrder::kAcqRel);
  ++*weak;
  self.reset();
  if ((before & kSomebodyWaits) != 0) __atomic_futex_unsigned_base::_M_futex_notify_all(word);
}
