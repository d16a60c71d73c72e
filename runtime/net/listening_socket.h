// runtime/net/listening_socket.h
//
// A TCP socket that listens, and where: port 0 stands for any that is free.
//
//   ListeningSocket socket({"127.0.0.1", 0}, 100);
//   std::cout << socket.endpoint().Text();           // 127.0.0.1:40123
//
// Threads: as an int.

#ifndef INTERLEAVE_RUNTIME_NET_LISTENING_SOCKET_H_
#define INTERLEAVE_RUNTIME_NET_LISTENING_SOCKET_H_

#include <utility>

#include "runtime/net/descriptor.h"
#include "runtime/net/endpoint.h"

namespace interleave {

class ListeningSocket {
 public:
  // As many connections as `backlog` wait to be accepted; the kernel may have a limit below that.
  // Throws: std::system_error that names the place; NameNotFound for a host that has no address.
  ListeningSocket(const Endpoint& where, int backlog);

  const Endpoint& endpoint() const { return endpoint_; }
  // Non-blocking.
  int get() const { return socket_.get(); }
  Descriptor Take() { return std::move(socket_); }

 private:
  Descriptor socket_;
  Endpoint endpoint_;
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_NET_LISTENING_SOCKET_H_
