// runtime/net/tcp_server.h
//
// Listens, and runs a coroutine for each connection that comes:
//
//   Task<void> Echo(Stream stream) {
//     while (true) {
//       const std::string bytes = co_await stream.ReadSome();
//       if (bytes.empty()) co_return;
//       stream.Write(bytes);
//       co_await stream.Drain();
//     }
//   }
//
//   TcpServer server(Echo);                    // on 127.0.0.1 and a free port: server.endpoint()
//   ...
//   server.Close();
//   co_await server.WaitClosed();
//
// A handler is a task of its own, connection-1, connection-2 ...; when it ends the stream is
// closed. What it throws is told to the loop's exception handler, with the other side's name, and
// concerns nobody else.
//
// There are at most max_connections at a time. Further ones are left to wait in the kernel's
// backlog, and so they are when the process is out of descriptors, which is reported once, by the
// name of the limit; accepting goes on when a connection has ended, or a second later.
//
// Threads: its loop's own.

#ifndef INTERLEAVE_RUNTIME_NET_TCP_SERVER_H_
#define INTERLEAVE_RUNTIME_NET_TCP_SERVER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "runtime/async/task.h"
#include "runtime/net/endpoint.h"
#include "runtime/net/stream.h"

namespace interleave {

struct TcpServerOptions {
  std::string host = "127.0.0.1";  // or "::1", or "0.0.0.0" for whoever can reach this machine
  std::uint16_t port = 0;          // 0: a free one
  int backlog = 128;  // how many the kernel lets wait; more are refused, or wait longer
  std::size_t max_connections = 1000;
  StreamLimits limits = {};
};

class TcpServer {
 public:
  using Handler = std::function<Task<void>(Stream)>;

  // Listens from now on, and accepts while the loop runs.
  // Throws: std::system_error, which names the endpoint, if that is not possible; NameNotFound;
  // std::logic_error if no loop runs.
  explicit TcpServer(Handler handler, TcpServerOptions options = {});
  // Close().
  ~TcpServer();
  TcpServer(const TcpServer&) = delete;
  TcpServer& operator=(const TcpServer&) = delete;

  // Where it listens, with the real port.
  const Endpoint& endpoint() const;
  std::size_t connections() const;

  // Listens no more. Connections go on. May be repeated.
  void Close();
  // Cancels the handlers. When one has ended its connection is closed, and what is unsent is lost.
  void CancelConnections();
  // After Close: until the last connection has ended. Before: until then, too.
  Task<void> WaitClosed();

 private:
  class Listener;
  std::shared_ptr<Listener> listener_;
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_NET_TCP_SERVER_H_
