// runtime/net/socket_address.h
//
// An Endpoint as the kernel takes it: an address in numbers, IPv4 or IPv6.
//
//   const auto address = SocketAddress::FromNumbers({"127.0.0.1", 8080});
//   connect(fd, address->get(), address->size());
//
// A host that is an address already needs nobody's help. A name has to be looked up first, which
// can take long (resolve.h).
//
// Threads: values; any.

#ifndef INTERLEAVE_RUNTIME_NET_SOCKET_ADDRESS_H_
#define INTERLEAVE_RUNTIME_NET_SOCKET_ADDRESS_H_

#include <sys/socket.h>

#include <optional>

#include "runtime/net/endpoint.h"

namespace interleave {

class SocketAddress {
 public:
  // "127.0.0.1" or "::1"; nothing if the host is a name.
  static std::optional<SocketAddress> FromNumbers(const Endpoint& endpoint);
  // Of a socket's own end and of the other one; nothing if it is no network socket, or not
  // connected.
  static std::optional<SocketAddress> OfSocket(int fd);
  static std::optional<SocketAddress> OfPeer(int fd);

  // REQUIRES: size <= sizeof(sockaddr_storage).
  SocketAddress(const sockaddr* address, socklen_t size);

  Endpoint endpoint() const;
  int family() const { return storage_.ss_family; }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  socklen_t size() const { return size_; }

 private:
  sockaddr_storage storage_{};
  socklen_t size_;
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_NET_SOCKET_ADDRESS_H_
