// runtime/net/connect.cc
//
// OpenConnection of stream.h.

#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <sstream>
#include <string>
#include <system_error>
#include <utility>

#include "runtime/async/async_future.h"
#include "runtime/async/timeout.h"
#include "runtime/net/net_errors.h"
#include "runtime/net/resolve.h"
#include "runtime/net/socket_address.h"
#include "runtime/net/stream.h"

namespace interleave {
namespace {

// Until the kernel has connected `socket`, or has given up.
Task<void> WaitConnected(int socket) {
  AsyncFuture<void> writable;
  EventLoop& loop = EventLoop::Current();
  loop.AddWriter(socket, [writable]() mutable {
    if (!writable.done()) writable.SetResult();
  });
  struct AtEnd {
    EventLoop& loop;
    int socket;
    ~AtEnd() { loop.RemoveWriter(socket); }
  } at_end{loop, socket};
  co_await writable;
}

// The errno it ended with; `socket` is connected if that is 0.
Task<int> Connect(const Descriptor& socket, const SocketAddress& address) {
  if (connect(socket.get(), address.get(), address.size()) == 0) co_return 0;
  if (errno != EINPROGRESS && errno != EINTR) co_return errno;
  co_await WaitConnected(socket.get());
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  co_return error;
}

Task<Stream> Open(Endpoint endpoint, StreamLimits limits) {
  const std::vector<SocketAddress> addresses = co_await Resolve(endpoint);
  int error = 0;
  for (const SocketAddress& address : addresses) {
    Descriptor socket(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    error = socket ? co_await Connect(socket, address) : errno;
    if (error == 0) co_return Stream(std::move(socket), address.endpoint(), limits);
  }
  ThrowConnectionError("cannot connect to " + endpoint.Text(), error);
}

}  // namespace

Task<Stream> OpenConnection(std::string host, std::uint16_t port, ConnectOptions options) {
  const Endpoint endpoint{std::move(host), port};
  Timeout limit(options.timeout);
  try {
    co_return co_await limit.Run(Open(endpoint, options.limits));
  } catch (const TimedOut&) {
    std::ostringstream text;  // 0.5 s, and not 0.500000 s
    text << "no connection to " << endpoint.Text() << " within "
         << std::chrono::duration<double>(*options.timeout).count() << " s";
    throw TimedOut(text.str());
  }
}

}  // namespace interleave
