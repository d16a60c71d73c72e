#include "runtime/engine/child_processes.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "runtime/engine/boundary.h"
#include "runtime/engine/descriptors.h"
#include "runtime/engine/worker_processes.h"

namespace interleave::engine {

ChildProcesses child_processes;

namespace {

INTERLEAVE_REAL(waitpid);
INTERLEAVE_REAL(kill);
INTERLEAVE_REAL(close);

bool IsAlive(pid_t pid) {
  siginfo_t info = {};
  // Looks only: it stays to be waited for.
  int result = waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT);
  return result == 0 && info.si_pid == 0;
}

// Its number is high, so that those of the program are what they would be.
int OpenEnd(pid_t pid) {
  int low = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (low < 0) return -1;
  int fd = fcntl(low, F_DUPFD_CLOEXEC, 512);
  real_close(low);
  if (fd < 0) return -1;
  Channel& channel = descriptors.NewChannel(Channel::Kind::kOther);
  channel.shared = true;
  descriptors.Add(fd, channel, 0);
  return fd;
}

}  // namespace

void ChildProcesses::Started(pid_t pid) { children_.push_back({pid, OpenEnd(pid)}); }

void ChildProcesses::LetClockRun(pid_t pid) {
  for (Child& child : children_) child.lets_clock_run |= child.pid == pid;
}

void ChildProcesses::AwaitEndOfKilled(pid_t pid) const {
  for (const Child& child : children_) {
    if (child.pid != pid) continue;
    siginfo_t info;
    waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT);
  }
}

void ChildProcesses::Reaped(pid_t pid) {
  for (const Child& child : children_) {
    if (child.pid != pid || child.end < 0) continue;
    real_close(child.end);
    descriptors.Forget(child.end);
  }
  std::erase_if(children_, [&](const Child& child) { return child.pid == pid; });
}

bool ChildProcesses::AnyAlive() const {
  return std::any_of(children_.begin(), children_.end(), [](const Child& child) {
    return !child.lets_clock_run && IsAlive(child.pid);
  });
}

std::vector<pollfd> ChildProcesses::EndsOf(pid_t pid) const {
  std::vector<pollfd> ends;
  for (const Child& child : children_) {
    if (child.end >= 0 && (pid <= 0 || child.pid == pid)) ends.push_back({child.end, POLLIN, 0});
  }
  return ends;
}

void ChildProcesses::EndRun() {
  for (const Child& child : children_) {
    if (IsAlive(child.pid)) real_kill(child.pid, SIGKILL);
    real_waitpid(child.pid, nullptr, 0);
  }
  children_.clear();
}

}  // namespace interleave::engine

namespace interleave {

void LetClockRun(pid_t child) { engine::child_processes.LetClockRun(child); }

}  // namespace interleave
