// runtime/net/partial_file.cc

#include "runtime/net/partial_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

namespace interleave {
namespace {

[[noreturn]] void Throw(int error, const std::string& name) {
  throw std::system_error(error, std::generic_category(), "'" + name + "' cannot be written");
}

}  // namespace

PartialFile::PartialFile(std::string name) : name_(std::move(name)) {
  partial_name_ = name_ + ".part";
  for (int number = 1; fd_ < 0; ++number) {
    fd_ = open(partial_name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd_ >= 0) break;
    if (errno != EEXIST) Throw(errno, name_);
    partial_name_ = name_ + ".part" + std::to_string(number);
  }
}

PartialFile::~PartialFile() {
  if (fd_ >= 0) close(fd_);
  if (!partial_name_.empty()) unlink(partial_name_.c_str());
}

void PartialFile::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) Throw(errno, name_);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void PartialFile::Commit() {
  // Some file systems say only now that the disk is full.
  if (close(std::exchange(fd_, -1)) != 0) Throw(errno, name_);
  if (rename(partial_name_.c_str(), name_.c_str()) != 0) Throw(errno, name_);
  partial_name_.clear();
}

}  // namespace interleave
