// tests/net/raw_server.h
//
// A server that does to each connection what the test says, with bare bytes: for what a decent one
// would never do.

#ifndef INTERLEAVE_TESTS_NET_RAW_SERVER_H_
#define INTERLEAVE_TESTS_NET_RAW_SERVER_H_

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <iterator>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/net/endpoint.h"

namespace interleave {

// One connection, on the server's side.
class Peer {
 public:
  explicit Peer(int fd) : fd_(fd) {}
  int fd() const { return fd_; }

  // The head of the next request; empty if the client has closed.
  std::string Request() {
    for (;;) {
      if (const std::size_t end = read_.find("\r\n\r\n"); end != std::string::npos) {
        const std::string head = read_.substr(0, end + 4);
        read_.erase(0, end + 4);
        return head;
      }
      char buffer[4096];
      const ssize_t size = recv(fd_, buffer, sizeof buffer, 0);
      if (size <= 0) return "";
      read_.append(buffer, static_cast<std::size_t>(size));
    }
  }
  // `size` bytes of a request's body.
  std::string Body(std::size_t size) {
    while (read_.size() < size) {
      char buffer[4096];
      const ssize_t got = recv(fd_, buffer, sizeof buffer, 0);
      if (got <= 0) return "";
      read_.append(buffer, static_cast<std::size_t>(got));
    }
    const std::string body = read_.substr(0, size);
    read_.erase(0, size);
    return body;
  }
  // False if the client has closed.
  bool Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t size = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (size <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(size));
    }
    return true;
  }
  bool Answer(std::string_view body, const std::string& status = "200 OK",
              const std::string& headers = "") {
    return Send("HTTP/1.1 " + status + "\r\n" + headers +
                "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body));
  }
  // Waits until the client closes.
  void Stall() {
    char byte;
    while (recv(fd_, &byte, 1, 0) > 0) {
    }
  }
  // The connection will end with a reset.
  void Reset() {
    const linger now{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }

 private:
  const int fd_;
  std::string read_;
};

// "/1" of "GET /1 HTTP/1.1..."
inline std::string PathOf(const std::string& request) {
  const std::size_t from = request.find(' ') + 1;
  return request.substr(from, request.find(' ', from) - from);
}

// Each connection has a thread of its own, which calls the handler; then the connection is closed.
// The destructor ends those that wait for their client.
class RawServer {
 public:
  using Handler = std::function<void(Peer&)>;

  explicit RawServer(Handler handler)
      : handler_(std::move(handler)), listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(listener_, 128), 0);
    socklen_t size = sizeof address;
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Accept(); });
  }
  ~RawServer() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    {
      const std::lock_guard lock(mutex_);
      for (const int fd : open_) shutdown(fd, SHUT_RDWR);
    }
    for (std::thread& peer : peers_) peer.join();
    close(listener_);
  }

  Endpoint endpoint() const { return {"127.0.0.1", port_}; }
  std::string Url(const std::string& path) const { return "http://" + endpoint().Text() + path; }
  int connections() {
    const std::lock_guard lock(mutex_);
    return connections_;
  }

 private:
  void Accept() {
    for (;;) {
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) return;
      const std::lock_guard lock(mutex_);
      ++connections_;
      open_.insert(fd);
      peers_.emplace_back([this, fd] {
        Peer peer(fd);
        handler_(peer);
        const std::lock_guard lock(mutex_);
        open_.erase(fd);
        close(fd);
      });
    }
  }

  const Handler handler_;
  const int listener_;
  std::uint16_t port_ = 0;
  std::thread thread_;
  std::mutex mutex_;  // guards what follows
  int connections_ = 0;
  std::set<int> open_;
  std::vector<std::thread> peers_;  // by the accepting thread; then by the destructor
};

// A port to which nobody listens.
inline std::uint16_t FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  socklen_t size = sizeof address;
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  close(fd);
  return ntohs(address.sin_port);
}

// Descriptors that this process has open.
inline int OpenDescriptors() {
  const std::filesystem::directory_iterator folder("/proc/self/fd");
  return static_cast<int>(std::distance(folder, {})) - 1;  // the folder itself
}

}  // namespace interleave

#endif  // INTERLEAVE_TESTS_NET_RAW_SERVER_H_
