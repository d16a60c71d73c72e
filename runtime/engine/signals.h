// runtime/engine/signals.h
//
// Signals between simulated threads. A handler runs on the stack of the simulated thread that takes
// the signal, at a point where that thread stops anyway, never in the middle of anything: before
// its next visible step, or at the end of a wait that the signal interrupts (a sleep, a read, a
// poll), which then fails with EINTR, or goes on where SA_RESTART says so. A thread that waits for
// a lock or on a condition variable takes its signals afterwards.
//
// Handlers and masks are this table's; the process keeps its own. A handler for a signal that can
// come from outside (Ctrl-C) is also made known to the kernel; what then comes is noted and taken
// at the next step.
#ifndef INTERLEAVE_RUNTIME_ENGINE_SIGNALS_H_
#define INTERLEAVE_RUNTIME_ENGINE_SIGNALS_H_

#include <signal.h>

#include <atomic>
#include <cstdint>
#include <vector>

#include "runtime/engine/thread.h"
#include "runtime/engine/vector_clock.h"

namespace interleave::engine {

// Signals 1 to 64, as bits.
using SignalSet = std::uint64_t;
inline SignalSet BitOf(int signal) { return SignalSet{1} << (signal - 1); }
SignalSet ToSignalSet(const sigset_t& set);
void FromSignalSet(SignalSet signals, sigset_t* set);

// There may be a handler to run, or one to route.
inline constinit std::atomic<bool> signals_due{false};

class Signals {
 public:
  static constexpr int kSignals = 64;

  void BeginRun();
  void EndRun();           // gives the kernel's handlers back
  void LeaveSimulation();  // in a child process: from here on the kernel has the program's handlers

  // A new thread has its creator's mask.
  void Created(const Thread& thread, const Thread& creator);

  // As sigaction: 0 or -1 with errno.
  int SetAction(int signal, const struct sigaction* action, struct sigaction* before);

  // Of the current thread. What this lets through is delivered by the next Deliver.
  SignalSet Mask();
  void SetMask(SignalSet mask);
  SignalSet Pending();

  // To one thread; null: to the process, which gives it to one that does not block it.
  void Send(const siginfo_t& info, Thread* to, std::uintptr_t place);

  // Runs the handlers of what has come for the current thread. False: a call that a signal has
  // interrupted fails; true: it goes on.
  bool Deliver();

  void TakeDue();

  // As sigtimedwait and pause: the signal, or -1 with errno.
  int Wait(SignalSet set, siginfo_t* info, Time deadline, std::uintptr_t place);
  int Pause(std::uintptr_t place);

  // As signalfd.
  int Open(int fd, SignalSet set, int flags);
  void Closed(int fd);

  // Gives what has come from the kernel to the threads. False: nothing has.
  bool TakeArrived();

 private:
  struct PerThread {
    SignalSet mask = 0;
    std::vector<siginfo_t> pending;
  };
  struct Reader {  // of a signalfd; to the kernel it is a pipe
    int fd;
    int other_end;
    SignalSet set;
  };
  struct Waiter {
    Thread* thread;
    SignalSet set;
  };

  PerThread& Of(const Thread& thread);
  bool IsIgnored(int signal) const;
  Thread& TakerOf(int signal);
  bool GiveToReader(const siginfo_t& info);
  bool Take(SignalSet set, siginfo_t* info);
  void Route(const siginfo_t& info, Thread* to);
  void Interrupt(Thread& thread);
  bool Handle(const siginfo_t& info);
  void ActByDefault(int signal);
  bool IsInstalled(int signal) const { return installed_ & BitOf(signal); }

  std::vector<PerThread> threads_;
  std::vector<siginfo_t> pending_;  // for the process
  std::vector<Reader> readers_;
  std::vector<Waiter> waiters_;
  struct sigaction actions_[kSignals + 1];
  struct sigaction before_[kSignals + 1];  // the kernel's
  SignalSet set_ = 0;                      // for which the run has set an action
  SignalSet installed_ = 0;                // of which the kernel knows
  VectorClock clock_;
};

extern Signals signals;

// At a point where the current thread may run handlers: does so if there is anything to do.
inline void TakeSignals() {
  if (!signals_due.load(std::memory_order_relaxed)) [[likely]]
    return;
  signals.TakeDue();
}

// The current thread sends itself a signal, as raise does. REQUIRES: not in an EngineScope.
void RaiseHere(int signal, std::uintptr_t place);

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_SIGNALS_H_
