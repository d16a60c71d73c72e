// Lab 32: the system calls that every program with sockets begins with.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace {

void Check(int result, const char* call) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), call);
}

sockaddr_in Loopback(std::uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

}  // namespace

// A socket that listens on a free port, which the kernel chooses.
int Listen() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  Check(listener, "socket");
  const sockaddr_in address = Loopback(0);
  Check(bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind");
  Check(listen(listener, SOMAXCONN), "listen");
  return listener;
}

std::uint16_t PortOf(int listener) {
  sockaddr_in address = {};
  socklen_t size = sizeof address;
  Check(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), "getsockname");
  return ntohs(address.sin_port);
}
