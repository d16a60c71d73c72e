#include "runtime/engine/child_process.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

namespace interleave::engine {
namespace {

constexpr int kRunsPerProcessor = 256;

using RealClock = std::chrono::steady_clock;

// False: the time is over and the child is not. A descriptor of the child becomes readable when it
// ends, so nobody has to ask again and again.
bool IsOverBy(RealClock::time_point deadline, pid_t child, int also,
              const std::function<bool()>& read) {
  int descriptor = static_cast<int>(syscall(SYS_pidfd_open, child, 0));
  bool over = false;
  for (;;) {
    auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - RealClock::now()).count();
    // A kernel without such descriptors is asked every millisecond.
    pollfd wanted[2] = {{descriptor, POLLIN, 0}, {also, POLLIN, 0}};
    int pause = descriptor < 0 ? 1 : static_cast<int>(std::clamp<std::int64_t>(left, 0, 1 << 30));
    if (poll(wanted, 2, pause) < 0) continue;  // a signal came
    if (wanted[1].revents != 0) {
      if (!read()) also = -1;
      continue;
    }
    siginfo_t info = {};
    if (wanted[0].revents != 0 ||
        (descriptor < 0 &&
         waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == child)) {
      over = true;
      break;
    }
    if (left <= 0) break;
  }
  if (descriptor >= 0) close(descriptor);
  return over;
}

}  // namespace

std::string ChildEnd::Text(std::chrono::nanoseconds limit) const {
  if (killed_by_us) {
    char text[64];
    std::snprintf(text, sizeof text, "not over after %g s",
                  std::chrono::duration<double>(limit).count());
    return text;
  }
  if (signal == 0) return "exit status " + std::to_string(status);
  const char* name = sigabbrev_np(signal);
  return "killed by " +
         (name != nullptr ? "SIG" + std::string(name) : "signal " + std::to_string(signal));
}

OneProcessor::OneProcessor() {
  if (sched_getaffinity(0, sizeof all_, &all_) != 0) CPU_ZERO(&all_);
}

OneProcessor::~OneProcessor() { Leave(); }

void OneProcessor::Leave() {
  if (CPU_COUNT(&all_) > 0) sched_setaffinity(0, sizeof all_, &all_);
}

void OneProcessor::Stay() {
  if (++runs_ % kRunsPerProcessor == 0) {
    Leave();
  } else if (runs_ % kRunsPerProcessor == 1 && CPU_COUNT(&all_) > 0) {
    cpu_set_t here;
    CPU_ZERO(&here);
    CPU_SET(sched_getcpu(), &here);
    sched_setaffinity(0, sizeof here, &here);
  }
}

pid_t ForkChild(const std::function<void()>& work) {
  pid_t parent = getpid();
  pid_t child = fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child > 0) return child;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  // Past `_exit`, which may be the program's own business.
  if (getppid() == parent) work();
  for (;;) syscall(SYS_exit_group, 0);
}

ChildEnd WaitForChild(pid_t child, std::chrono::nanoseconds limit, int also,
                      const std::function<bool()>& read) {
  ChildEnd end;
  if (!IsOverBy(RealClock::now() + limit, child, also, read)) {
    end.killed_by_us = true;
    kill(child, SIGKILL);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
  if (WIFEXITED(status)) end.status = WEXITSTATUS(status);
  return end;
}

}  // namespace interleave::engine
