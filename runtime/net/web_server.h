// runtime/net/web_server.h
//
// An HTTP server on the running EventLoop. Each request is a task: its handler may sleep, await
// whatever there is, and returns the answer.
//
//   Task<WebAnswer> Hello(WebRequest request) {
//     co_await SleepFor(100ms);
//     co_return WebAnswer{.body = "hello " + request.target.path};
//   }
//   WebServer server(Hello, {.port = 8080});
//   ...
//   co_await server.Close();
//
// HTTP itself (parsing, keep-alive, chunks, HEAD) is done by libmicrohttpd, which has no thread
// here: its epoll set is one more descriptor that the loop watches. While a handler works, its
// connection is suspended; when the answer is there it is resumed.
//
// What a client may do to it is bounded: how many connect at once (the others wait in the kernel's
// queue), how large its headers and its body are, and how long it may take to send a request or to
// take the next piece of an answer. A client that leaves while its answer is prepared cancels the
// handler.
//
// Threads: the loop's own. Counts() may be called from any.

#ifndef INTERLEAVE_RUNTIME_NET_WEB_SERVER_H_
#define INTERLEAVE_RUNTIME_NET_WEB_SERVER_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/async/async_event.h"
#include "runtime/async/event_loop.h"
#include "runtime/async/task.h"
#include "runtime/net/body_stream.h"
#include "runtime/net/descriptor.h"
#include "runtime/net/endpoint.h"
#include "runtime/net/listening_socket.h"
#include "runtime/net/request_target.h"

struct MHD_Connection;
struct MHD_Daemon;

namespace interleave {

class WebConnection;

using WebHeaders = std::vector<std::pair<std::string, std::string>>;

struct WebRequest {
  std::string method;  // "GET"
  RequestTarget target;
  WebHeaders headers = {};  // as they came
  std::string body = {};

  // The first of that name, upper and lower case alike; "" if there is none.
  std::string Header(std::string_view name) const;
};

struct WebAnswer {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  WebHeaders headers = {};
  std::string body = {};
  // Instead of `body`: is read while it is sent.
  std::unique_ptr<BodyStream> stream = {};
};

struct WebServerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  // 0: one that is free
  int backlog = 1024;      // connections that wait to be accepted
  int max_connections = 1000;
  std::size_t max_header = 32 * 1024;  // of a request, all lines together
  std::size_t max_body = 1024 * 1024;
  // For a whole request to arrive, from the connection's beginning or the end of the last answer;
  // and for each 64 KiB of an answer to be taken.
  std::chrono::nanoseconds patience = std::chrono::seconds(30);
};

// What went on so far.
struct WebCounts {
  std::int64_t connections = 0;  // accepted
  std::int64_t open = 0;         // of them
  std::int64_t requests = 0;     // that were given to the handler
  std::int64_t in_progress = 0;  // of them: the answer was not sent completely
  std::int64_t most_in_progress = 0;
  std::int64_t abandoned = 0;  // the client left before the answer was there
};

class WebServer {
 public:
  using Handler = std::function<Task<WebAnswer>(WebRequest)>;

  // Throws: as ListeningSocket; std::logic_error if no loop runs.
  explicit WebServer(Handler handler, WebServerOptions options = {});
  // The same on a socket that listens already; host, port and backlog are not used.
  WebServer(Handler handler, WebServerOptions options, ListeningSocket socket);
  // REQUIRES: closed, or the loop runs no more.
  ~WebServer();
  WebServer(const WebServer&) = delete;
  WebServer& operator=(const WebServer&) = delete;

  const Endpoint& endpoint() const { return endpoint_; }
  WebCounts Counts() const;

  // Listens no more, cancels the handlers and waits until they have ended, drops the connections.
  Task<void> Close();

  // How it works: for WebConnection.
  EventLoop& loop() { return loop_; }
  const WebServerOptions& options() const { return options_; }
  const Handler& handler() const { return handler_; }
  bool closing() const { return closing_; }
  // Has NoteClientEnded called once the other end of `fd` is closed, even if something that it sent
  // before was not read yet.
  void WatchForEnd(int fd, std::int64_t connection);
  void StopWatching(int fd);
  // Something changed: libmicrohttpd shall look, in this iteration or the next.
  void WantTurn();
  void NoteRequest();
  void NoteAnswered() { --in_progress_; }
  void NoteAbandoned() { ++abandoned_; }
  void NoteHandlerBegan() { ++handlers_; }
  void NoteHandlerEnded();

 private:
  struct Callbacks;

  void Stop();
  void Turn();
  void TellWhoseClientsEnded();

  EventLoop& loop_;
  const Handler handler_;
  const WebServerOptions options_;
  const Endpoint endpoint_;
  MHD_Daemon* daemon_ = nullptr;  // null once closed
  Handle turn_;                   // the next Turn
  bool turn_due_ = false;
  bool closing_ = false;
  std::map<std::int64_t, WebConnection*> connections_;  // in the order in which they came
  Descriptor ends_;   // an epoll set: of all connections, for their clients' ends
  int handlers_ = 0;  // that have not ended
  AsyncEvent no_handlers_;

  // Written by the loop's thread only.
  std::atomic<std::int64_t> accepted_ = 0, open_ = 0, requests_ = 0;
  std::atomic<std::int64_t> in_progress_ = 0, most_in_progress_ = 0, abandoned_ = 0;
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_NET_WEB_SERVER_H_
