// runtime/net/listening_socket.h
//
// A TCP socket that listens, and the port that it got.
//
//   ListeningSocket socket("127.0.0.1", 0, 100);    // 0: any port that is free
//   std::cout << socket.port();
//
// Threads: as an int.

#ifndef INTERLEAVE_RUNTIME_NET_LISTENING_SOCKET_H_
#define INTERLEAVE_RUNTIME_NET_LISTENING_SOCKET_H_

#include <cstdint>
#include <string>
#include <utility>

namespace interleave {

class ListeningSocket {
 public:
  // `host` is an address, or localhost. As many connections as `backlog` wait to be accepted.
  // Throws: std::runtime_error that names the address and says why.
  ListeningSocket(const std::string& host, int port, int backlog);
  ~ListeningSocket();
  ListeningSocket(ListeningSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

  std::uint16_t port() const;
  // Gives it away.
  int Release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_NET_LISTENING_SOCKET_H_
