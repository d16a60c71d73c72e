// tests/net/raw_client.h
//
// A client that speaks bytes, for what no decent client would send.

#ifndef INTERLEAVE_TESTS_NET_RAW_CLIENT_H_
#define INTERLEAVE_TESTS_NET_RAW_CLIENT_H_

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>

#include "runtime/net/endpoint.h"

namespace interleave {

class RawClient {
 public:
  explicit RawClient(const Endpoint& server) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(server.port);
    inet_pton(AF_INET, server.host.c_str(), &address.sin_addr);
    EXPECT_EQ(connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~RawClient() { close(fd_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  int fd() const { return fd_; }

  // False once the server has closed its end.
  bool Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }
  void SendEnd() { shutdown(fd_, SHUT_WR); }

  // Waits until the server closes its end, and gives what came before.
  std::string ReadToTheEnd() {
    std::string all;
    char buffer[4096];
    ssize_t count;
    while ((count = recv(fd_, buffer, sizeof buffer, 0)) > 0) {
      all.append(buffer, static_cast<std::size_t>(count));
    }
    return all;
  }
  // "HTTP/1.1 200 OK" of an answer to one request on one connection.
  std::string StatusOf(std::string_view request) {
    Send(request);
    const std::string answer = ReadToTheEnd();
    return answer.substr(0, answer.find('\r'));
  }
  bool IsClosedByServer() {
    char byte;
    const ssize_t count = recv(fd_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return count == 0 || (count < 0 && errno != EAGAIN);
  }

 private:
  int fd_;
};

}  // namespace interleave

#endif  // INTERLEAVE_TESTS_NET_RAW_CLIENT_H_
