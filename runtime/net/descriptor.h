// runtime/net/descriptor.h
//
// A file descriptor that is closed when its owner goes, exactly once:
//
//   Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
//   if (!socket) throw ...;
//
// A number alone can be forgotten (the process runs out of descriptors) or closed twice (the second
// time it may be somebody else's, who got the same number meanwhile).
//
// Threads: as an int.

#ifndef INTERLEAVE_RUNTIME_NET_DESCRIPTOR_H_
#define INTERLEAVE_RUNTIME_NET_DESCRIPTOR_H_

#include <unistd.h>

#include <utility>

namespace interleave {

class Descriptor {
 public:
  Descriptor() = default;  // of nothing
  // Owns `fd` from here on; a negative one is nothing.
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() { Close(); }

  void Close() {
    if (fd_ >= 0) close(std::exchange(fd_, -1));
  }

  // Gives it to somebody else, who closes it.
  int Release() { return std::exchange(fd_, -1); }

  explicit operator bool() const { return fd_ >= 0; }
  int get() const { return fd_; }

 private:
  int fd_ = -1;
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_NET_DESCRIPTOR_H_
