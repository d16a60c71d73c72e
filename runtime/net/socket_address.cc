// runtime/net/socket_address.cc

#include "runtime/net/socket_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <cstring>

namespace interleave {

SocketAddress::SocketAddress(const sockaddr* address, socklen_t size) : size_(size) {
  std::memcpy(&storage_, address, size);
}

std::optional<SocketAddress> SocketAddress::FromNumbers(const Endpoint& endpoint) {
  sockaddr_in four{};
  if (inet_pton(AF_INET, endpoint.host.c_str(), &four.sin_addr) == 1) {
    four.sin_family = AF_INET;
    four.sin_port = htons(endpoint.port);
    return SocketAddress(reinterpret_cast<const sockaddr*>(&four), sizeof four);
  }
  sockaddr_in6 six{};
  if (inet_pton(AF_INET6, endpoint.host.c_str(), &six.sin6_addr) == 1) {
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(endpoint.port);
    return SocketAddress(reinterpret_cast<const sockaddr*>(&six), sizeof six);
  }
  return std::nullopt;
}

namespace {

std::optional<SocketAddress> Ask(int (*ask)(int, sockaddr*, socklen_t*), int fd) {
  sockaddr_storage storage{};
  auto* address = reinterpret_cast<sockaddr*>(&storage);
  socklen_t size = sizeof storage;
  if (ask(fd, address, &size) != 0) return std::nullopt;
  if (address->sa_family != AF_INET && address->sa_family != AF_INET6) return std::nullopt;
  return SocketAddress(address, size);
}

}  // namespace

std::optional<SocketAddress> SocketAddress::OfSocket(int fd) { return Ask(getsockname, fd); }
std::optional<SocketAddress> SocketAddress::OfPeer(int fd) { return Ask(getpeername, fd); }

Endpoint SocketAddress::endpoint() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (family() == AF_INET) {
    const auto& four = reinterpret_cast<const sockaddr_in&>(storage_);
    inet_ntop(AF_INET, &four.sin_addr, text.data(), text.size());
    return {text.data(), ntohs(four.sin_port)};
  }
  const auto& six = reinterpret_cast<const sockaddr_in6&>(storage_);
  inet_ntop(AF_INET6, &six.sin6_addr, text.data(), text.size());
  return {text.data(), ntohs(six.sin6_port)};
}

}  // namespace interleave
