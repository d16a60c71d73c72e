// tests/engine/sockets.h
//
// What tests of sockets need: a listener on a free port of 127.0.0.1, whole messages, and the
// virtual clock in milliseconds.
#ifndef INTERLEAVE_TESTS_ENGINE_SOCKETS_H_
#define INTERLEAVE_TESTS_ENGINE_SOCKETS_H_

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <string_view>

namespace interleave {

inline std::string Clock() {
  auto now = std::chrono::steady_clock::now().time_since_epoch() - std::chrono::seconds(1);
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(now).count()) + "ms";
}

class Listener {
 public:
  Listener() : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(fd_, 16), 0);
    socklen_t size = sizeof address_;
    EXPECT_EQ(getsockname(fd_, reinterpret_cast<sockaddr*>(&address_), &size), 0);
  }
  ~Listener() { close(fd_); }

  int Accept() const {
    int fd = accept(fd_, nullptr, nullptr);
    EXPECT_GE(fd, 0) << errno;
    return fd;
  }
  int Connect() const {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    EXPECT_EQ(ConnectTo(fd), 0) << errno;
    return fd;
  }
  int ConnectTo(int fd) const {
    return connect(fd, reinterpret_cast<const sockaddr*>(&address_), sizeof address_);
  }
  int Fd() const { return fd_; }

 private:
  int fd_;
  sockaddr_in address_;
};

inline std::string ReceiveAll(int fd) {
  std::string all;
  char buffer[256];
  for (;;) {
    ssize_t size = recv(fd, buffer, sizeof buffer, 0);
    if (size <= 0) return size == 0 ? all : all + " error " + std::to_string(errno);
    all.append(buffer, static_cast<std::size_t>(size));
  }
}

inline void SendAll(int fd, std::string_view text) {
  EXPECT_EQ(send(fd, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
}

}  // namespace interleave

#endif  // INTERLEAVE_TESTS_ENGINE_SOCKETS_H_
