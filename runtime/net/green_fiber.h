// runtime/net/green_fiber.h
//
// A function that can be stopped in the middle, with all the calls that it is in, and taken up
// again later: it has a stack of its own. Two can play at that, whoever resumes it and it:
//
//   GreenFiber fiber([&] {
//     Print("one");
//     fiber.Pause();        // back to whoever called Resume
//     Print("three");
//   });
//   fiber.Resume();         // one
//   Print("two");
//   fiber.Resume();         // three
//
// Green threads (green_thread.h) are made of this; nobody else needs it.
//
// What changes hands at a switch: the processor's registers, by Boost.Context's jump_fcontext; and
// the exceptions that are being handled or on their way, of which libstdc++ keeps account per
// thread of the system. Without the second, a fiber that pauses in a catch block would have the
// next one's `throw;` throw its exception.
//
// The end: a fiber that is destroyed before its function has returned is resumed a last time, and
// Pause throws TaskCancelled, so that destructors run. A function that catches it and pauses again
// gets it again; after a thousand times the program is aborted, for it would never end.
//
// Threads: a fiber is resumed on the thread that resumed it first. (A compiler may keep the address
// of a thread_local in a register over a call.)

#ifndef INTERLEAVE_RUNTIME_NET_GREEN_FIBER_H_
#define INTERLEAVE_RUNTIME_NET_GREEN_FIBER_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <utility>

#include "runtime/net/green_stack.h"

namespace interleave {

class GreenFiber {
 public:
  // Runs nothing yet. REQUIRES: body does not throw.
  explicit GreenFiber(std::function<void()> body) : body_(std::move(body)) {}
  ~GreenFiber();
  GreenFiber(const GreenFiber&) = delete;
  GreenFiber& operator=(const GreenFiber&) = delete;

  // Runs it until it pauses or has ended. REQUIRES: it is paused or has not begun.
  // Throws: std::system_error if there is no stack for it.
  void Resume();

  // Of the running one: stops here, until the next Resume.
  // Throws: TaskCancelled if it is to end.
  void Pause();
  // What Pause would throw. For who has something to do before it pauses.
  void ThrowIfUnwinding();

  bool ended() const { return state_ == State::kEnded; }

  // The one whose function the calling thread is in; null on a thread's own stack.
  static GreenFiber* Running();

 private:
  enum class State { kNew, kBegun, kEnded };
  // libstdc++'s account, a thread's __cxa_eh_globals (Itanium C++ ABI, 2.2.2).
  struct Exceptions {
    void* caught = nullptr;     // being handled, the latest first
    unsigned int uncaught = 0;  // thrown and not caught yet
  };
  // What the sanitizers are told at a switch; nothing without them.
  struct Watched {
    void* fake_stack = nullptr;            // AddressSanitizer's place for locals
    const void* outside_bottom = nullptr;  // the stack of whoever resumed it
    std::size_t outside_size = 0;
    void* fiber = nullptr;  // ThreadSanitizer's name for it, and for whoever resumed it
    void* outside = nullptr;
  };

  static Exceptions ExchangeExceptions(Exceptions exceptions);
  // The stack's first function. `transfer` is Boost's transfer_t.
  template <typename Transfer>
  static void Begin(Transfer transfer);
  void SwitchIn();
  void SwitchOut(bool for_ever);

  std::function<void()> body_;
  State state_ = State::kNew;
  int refused_pauses_ = -1;          // while it unwinds, how many; -1 before
  std::optional<GreenStack> stack_;  // from the first Resume on
  void* paused_at_ = nullptr;        // Boost's fcontext_t, while it does not run
  void* resumed_from_ = nullptr;     // while it runs
  Exceptions exceptions_;            // while it does not run
  Watched watched_;
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_NET_GREEN_FIBER_H_
