// runtime/lab/standard_output.cc
#include "runtime/lab/standard_output.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>

namespace interleave::lab {
namespace {

std::atomic<bool> stdout_is_muted{false};

// _exit and not exit: other threads still run, and nothing is left in a buffer of ours.
[[noreturn]] void GiveUp(int error) {
  if (error == EPIPE) _exit(kStatusOfClosedPipe);
  const std::string line = std::string("stdout: ") + std::strerror(error) + "\n";
  [[maybe_unused]] const ssize_t ignored = write(kStderr, line.data(), line.size());
  _exit(1);
}

}  // namespace

void PrepareStandardDescriptors() {
  for (int fd = 0; fd <= kStderr; ++fd) {
    // open takes the lowest free descriptor, which is this one.
    if (fcntl(fd, F_GETFD) == -1 && errno == EBADF) open("/dev/null", O_RDWR);
  }
  std::signal(SIGPIPE, SIG_IGN);
}

void Write(int fd, std::string_view text) {
  if (fd == kStdout && stdout_is_muted) return;
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      if (fd == kStderr && errno != EPIPE) return;  // where else to say so? The status still tells
      GiveUp(errno);
    }
  }
}

void WriteLine(int fd, std::string_view line) {
  std::string whole(line);
  whole += '\n';
  Write(fd, whole);
}

void MuteStdout(bool muted) { stdout_is_muted = muted; }

}  // namespace interleave::lab
