// runtime/engine/descriptor_waits.h
//
// Who waits for a descriptor. A simulated thread may not wait in the kernel, for all of them share
// one OS thread; so it stands here, the kernel is asked without waiting (poll with a time-out of
// zero), and a thread is ready when one of its descriptors is.
//
// The kernel is asked after every step that may have changed something (Refresh), so that a reader
// can be chosen right after the write; and once more when nobody is ready (Scheduler::PassTime),
// because not everything passes the boundary: libc's own calls, the kernel's timers for TCP, other
// processes, a person at the keyboard.
#ifndef INTERLEAVE_RUNTIME_ENGINE_DESCRIPTOR_WAITS_H_
#define INTERLEAVE_RUNTIME_ENGINE_DESCRIPTOR_WAITS_H_

#include <poll.h>

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/engine/descriptors.h"
#include "runtime/engine/explore.h"
#include "runtime/engine/thread.h"

namespace interleave::engine {

class DescriptorWaits {
 public:
  void BeginRun() { waits_.clear(); }
  bool Empty() const { return waits_.empty(); }

  // How a wait ended: one of the descriptors is ready, its time ran out, a signal came.
  enum class End { kReady, kTimeOut, kSignal };

  // Stops the current thread before an operation on `object` that needs one of `wanted` to be ready
  // and returns when it is its turn.
  End StandBefore(StepKind kind, const void* object, std::uintptr_t place, const pollfd* wanted,
                  std::size_t count, Time deadline);

  // One of `wanted` is ready now.
  bool AreReady(const pollfd* wanted, std::size_t count);

  bool Has(const Thread& thread) const;

  // A signal has come for `thread`: ends its wait. False: it does not wait here.
  bool Interrupt(const Thread& thread);

  // Asks the kernel who can go on now. True if somebody can who could not before.
  bool Refresh();

  // Nobody can go on, and the clock is about to move by `ahead` (kNever: there is no deadline).
  // Waits for real while something that comes from outside may still change that. True if somebody
  // can go on now.
  bool AwaitOthers(Time ahead);

  // A descriptor for whose events somebody waits, also by way of an epoll set.
  bool Watches(int fd) const;

  // "waits to read descriptor 5 (pipe 1)"; empty if `thread` does not wait here.
  std::string Describe(const Thread& thread) const;

 private:
  struct Wait {
    Thread* thread;
    const pollfd* wanted;
    std::size_t count;
    bool ready;
    bool interrupted = false;
  };
  bool Ask(Time time);
  bool WaitsForAny(bool (*is_meant)(const Channel&)) const;

  std::vector<Wait> waits_;  // in order of arrival
  std::vector<pollfd> all_;  // what all of them want
};

extern DescriptorWaits descriptor_waits;

}  // namespace interleave::engine

#endif  // INTERLEAVE_RUNTIME_ENGINE_DESCRIPTOR_WAITS_H_
