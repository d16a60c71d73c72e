#include "runtime/engine/child_processes.h"

#include <signal.h>
#include <sys/wait.h>

#include <algorithm>

#include "runtime/engine/boundary.h"

namespace interleave::engine {

ChildProcesses child_processes;

namespace {

INTERLEAVE_REAL(waitpid);
INTERLEAVE_REAL(kill);

bool IsAlive(pid_t pid) {
  siginfo_t info = {};
  // Looks only: it stays to be waited for.
  int result = waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT);
  return result == 0 && info.si_pid == 0;
}

}  // namespace

void ChildProcesses::Started(pid_t pid) { children_.push_back(pid); }

void ChildProcesses::Reaped(pid_t pid) { std::erase(children_, pid); }

bool ChildProcesses::AnyAlive() { return std::any_of(children_.begin(), children_.end(), IsAlive); }

void ChildProcesses::EndRun() {
  for (pid_t pid : children_) {
    if (IsAlive(pid)) real_kill(pid, SIGKILL);
    real_waitpid(pid, nullptr, 0);
  }
  children_.clear();
}

}  // namespace interleave::engine
