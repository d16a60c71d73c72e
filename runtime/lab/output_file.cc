// runtime/lab/output_file.cc
#include "runtime/lab/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>

namespace interleave::lab {
namespace {

int Open(const std::string& path, int flags) {
  return open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0666);
}

}  // namespace

std::string UsersPath(const std::string& path) {
  const char* folder = std::getenv("BUILD_WORKING_DIRECTORY");
  const bool as_it_is = folder == nullptr || path.starts_with('/');
  return as_it_is ? path : std::string(folder) + "/" + path;
}

std::string WhyNotWritable(const std::string& path) {
  const std::string file = UsersPath(path);
  struct stat status {};
  const bool exists = lstat(file.c_str(), &status) == 0;
  // Opening a pipe would wait for its reader.
  if (stat(file.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) {
    return "Not a regular file";
  }
  const int fd = Open(file, 0);
  if (fd == -1) return std::strerror(errno);
  close(fd);
  if (!exists) unlink(file.c_str());  // the run may end before there is something to write
  return "";
}

void WriteOutputFile(const std::string& path, std::string_view text) {
  const int fd = Open(UsersPath(path), O_TRUNC);
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
