#include "labs/38_shared_memory_race_processes.h"

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <string>
#include <system_error>

pid_t StartProcess(const std::function<int()>& work) {
  const pid_t process = fork();
  if (process < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (process == 0) _exit(work());
  return process;
}

int StatusOf(pid_t process) {
  int status = 0;
  while (waitpid(process, &status, 0) < 0) {
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "waitpid");
  }
  if (WIFSIGNALED(status)) {
    throw std::runtime_error("the child was killed by signal " + std::to_string(WTERMSIG(status)));
  }
  return WEXITSTATUS(status);
}

// The parent writes a byte for each turn, the child answers with a number. Who finds the other one
// gone ends.

void Turns::Wait() {
  char turn;
  if (recv(line_, &turn, 1, 0) != 1) _exit(1);
}

void Turns::Did(int value) {
  if (send(line_, &value, sizeof value, MSG_NOSIGNAL) != sizeof value) _exit(1);
}

SteppedProcess::SteppedProcess(void (*work)(Turns& turns)) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    throw std::system_error(errno, std::generic_category(), "socketpair");
  }
  process_ = StartProcess([&] {
    close(ends[0]);
    Turns turns(ends[1]);
    work(turns);
    return 0;
  });
  close(ends[1]);
  line_ = ends[0];
}

SteppedProcess::~SteppedProcess() {
  close(line_);  // a child that waits for its turn sees that, and ends
  StatusOf(process_);
}

int SteppedProcess::Step() {
  int value = 0;
  if (send(line_, "", 1, MSG_NOSIGNAL) != 1 ||
      recv(line_, &value, sizeof value, MSG_WAITALL) != sizeof value) {
    throw std::runtime_error("the child is gone");
  }
  return value;
}
