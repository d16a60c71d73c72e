// runtime/net/listening_socket.cc

#include "runtime/net/listening_socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <stdexcept>

namespace interleave {
namespace {

[[noreturn]] void CannotListen(const std::string& host, int port, const std::string& why) {
  throw std::runtime_error("cannot listen on " + host + ":" + std::to_string(port) + ": " + why);
}

}  // namespace

ListeningSocket::ListeningSocket(const std::string& host, int port, int backlog) : fd_(-1) {
  addrinfo hints = {};
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV | (host == "localhost" ? 0 : AI_NUMERICHOST);
  hints.ai_family = host == "localhost" ? AF_INET : AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0) CannotListen(host, port, gai_strerror(error));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> address(found, freeaddrinfo);
  fd_ = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ == -1) CannotListen(host, port, std::strerror(errno));
  // A port whose last connections are not forgotten yet may be taken again at once.
  const int yes = 1;
  setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(fd_, address->ai_addr, address->ai_addrlen) != 0 || listen(fd_, backlog) != 0) {
    const int why = errno;
    close(fd_);
    CannotListen(host, port, std::strerror(why));
  }
}

ListeningSocket::~ListeningSocket() {
  if (fd_ != -1) close(fd_);
}

std::uint16_t ListeningSocket::port() const {
  sockaddr_storage address = {};
  socklen_t size = sizeof address;
  getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
  // The port stands at the same place in both.
  return ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(address).sin6_port
                                             : reinterpret_cast<sockaddr_in&>(address).sin_port);
}

}  // namespace interleave
