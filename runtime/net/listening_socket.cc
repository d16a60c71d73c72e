// runtime/net/listening_socket.cc

#include "runtime/net/listening_socket.h"

#include <sys/socket.h>

#include <cerrno>
#include <system_error>

#include "runtime/net/resolve.h"
#include "runtime/net/socket_address.h"

namespace interleave {

ListeningSocket::ListeningSocket(const Endpoint& where, int backlog) {
  const auto check = [&](bool good) {
    if (!good) {
      throw std::system_error(errno, std::generic_category(), "cannot listen on " + where.Text());
    }
  };
  const SocketAddress address = ResolveBlocking(where).front();
  socket_ = Descriptor(socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  check(static_cast<bool>(socket_));
  // A server that is started again need not wait until the kernel has forgotten the old one.
  const int yes = 1;
  setsockopt(socket_.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  check(bind(socket_.get(), address.get(), address.size()) == 0);
  check(listen(socket_.get(), backlog) == 0);
  endpoint_ = SocketAddress::OfSocket(socket_.get())->endpoint();
}

}  // namespace interleave
