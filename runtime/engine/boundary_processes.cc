// The boundary for processes. A child is real: it leaves the simulation in which it was born, at
// once, with the one thread that called fork, as on any system. The parent waits for it with the
// clock standing still (child_processes.h).
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <vector>

extern "C" {  // which this header says itself only since glibc 2.37
#include <sys/pidfd.h>
}

#include "runtime/engine/boundary.h"
#include "runtime/engine/child_processes.h"
#include "runtime/engine/descriptor_waits.h"
#include "runtime/engine/descriptors.h"
#include "runtime/engine/scheduler.h"
#include "runtime/engine/signals.h"

namespace interleave::engine {
namespace {

INTERLEAVE_REAL(fork);
constinit Real<pid_t(pid_t, int*, int, rusage*)> real_wait4{"wait4"};
INTERLEAVE_REAL(posix_spawn);
INTERLEAVE_REAL(posix_spawnp);
INTERLEAVE_REAL(pidfd_open);

void BeforeBirth(std::uintptr_t place) {
  EngineScope scope;
  scheduler.Visible(StepKind::kProcess, &child_processes, place);
  descriptors.ShareWithChild();
  std::fflush(nullptr);  // or the child would write once more what is not written yet
}

void AfterBirth(pid_t pid) {
  EngineScope scope;
  child_processes.Started(pid);
}

pid_t Wait(pid_t pid, int* status, int options, rusage* usage, std::uintptr_t place) {
  if (options & WNOHANG) {
    scheduler.Look(StepKind::kProcess, &child_processes, place);
  } else {
    const std::vector<pollfd> ends = child_processes.EndsOf(pid);
    // None: a child that libc has started, or nobody at all. There is nothing to wait for here.
    while (!ends.empty()) {
      DescriptorWaits::End end = descriptor_waits.StandBefore(
          StepKind::kProcess, &child_processes, place, ends.data(), ends.size(), kNever);
      if (end == DescriptorWaits::End::kReady) break;
      if (end == DescriptorWaits::End::kSignal && !signals.Deliver()) {
        errno = EINTR;
        return -1;
      }
    }
  }
  pid_t ended = real_wait4(pid, status, options, usage);
  if (ended <= 0) return ended;
  scheduler.Changed();
  child_processes.Reaped(ended);
  return ended;
}

template <typename RealSpawn>
int SpawnChild(RealSpawn& real, std::uintptr_t place, pid_t* pid, const char* file,
               const posix_spawn_file_actions_t* actions, const posix_spawnattr_t* attributes,
               char* const* arguments, char* const* environment) {
  pid_t started = 0;
  BeforeBirth(place);
  int error = real(&started, file, actions, attributes, arguments, environment);
  if (error != 0) return error;
  AfterBirth(started);
  if (pid != nullptr) *pid = started;
  return 0;
}

}  // namespace
}  // namespace interleave::engine

using namespace interleave;
using namespace interleave::engine;

INTERLEAVE_BOUNDARY pid_t fork() noexcept {
  if (!Inside()) return real_fork();
  BeforeBirth(INTERLEAVE_PLACE);
  pid_t pid = real_fork();
  if (pid > 0) AfterBirth(pid);
  if (pid == 0) {
    simulating.store(0, std::memory_order_relaxed);
    scheduler.LeaveSimulation();
    signals.LeaveSimulation();
  }
  return pid;
}

INTERLEAVE_BOUNDARY pid_t wait4(pid_t pid, int* status, int options, rusage* usage) noexcept {
  if (!Inside()) return real_wait4(pid, status, options, usage);
  EngineScope scope;
  return Wait(pid, status, options, usage, INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY pid_t waitpid(pid_t pid, int* status, int options) {
  if (!Inside()) return real_wait4(pid, status, options, nullptr);
  EngineScope scope;
  return Wait(pid, status, options, nullptr, INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY pid_t wait(int* status) {
  if (!Inside()) return real_wait4(-1, status, 0, nullptr);
  EngineScope scope;
  return Wait(-1, status, 0, nullptr, INTERLEAVE_PLACE);
}

INTERLEAVE_BOUNDARY int posix_spawn(pid_t* pid, const char* path,
                                    const posix_spawn_file_actions_t* actions,
                                    const posix_spawnattr_t* attributes, char* const* arguments,
                                    char* const* environment) {
  if (!Inside()) return real_posix_spawn(pid, path, actions, attributes, arguments, environment);
  return SpawnChild(real_posix_spawn, INTERLEAVE_PLACE, pid, path, actions, attributes, arguments,
                    environment);
}

INTERLEAVE_BOUNDARY int posix_spawnp(pid_t* pid, const char* file,
                                     const posix_spawn_file_actions_t* actions,
                                     const posix_spawnattr_t* attributes, char* const* arguments,
                                     char* const* environment) {
  if (!Inside()) return real_posix_spawnp(pid, file, actions, attributes, arguments, environment);
  return SpawnChild(real_posix_spawnp, INTERLEAVE_PLACE, pid, file, actions, attributes, arguments,
                    environment);
}

// Whoever waits for it waits for a child, so the clock stands still meanwhile.
INTERLEAVE_BOUNDARY int pidfd_open(pid_t pid, unsigned flags) noexcept {
  const int fd = real_pidfd_open(pid, flags);
  if (!Inside() || fd < 0) return fd;
  EngineScope scope;
  Channel& channel = descriptors.NewChannel(Channel::Kind::kOther);
  channel.shared = true;
  descriptors.Add(fd, channel, 0);
  return fd;
}
