// runtime/lab/output_file.cc
#include "runtime/lab/output_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>

namespace interleave::lab {
namespace {

int Open(const std::string& path, int flags) {
  const char* folder = std::getenv("BUILD_WORKING_DIRECTORY");
  const bool as_it_is = folder == nullptr || path.starts_with('/');
  const std::string full = as_it_is ? path : std::string(folder) + "/" + path;
  return open(full.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0666);
}

}  // namespace

std::string WhyNotWritable(const std::string& path) {
  const int fd = Open(path, 0);
  if (fd == -1) return std::strerror(errno);
  close(fd);
  return "";
}

void WriteOutputFile(const std::string& path, std::string_view text) {
  const int fd = Open(path, O_TRUNC);
  if (fd == -1) throw std::system_error(errno, std::generic_category(), path);
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      const int error = errno;
      close(fd);
      throw std::system_error(error, std::generic_category(), path);
    }
  }
  close(fd);
}

}  // namespace interleave::lab
