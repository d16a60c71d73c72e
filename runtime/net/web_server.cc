// runtime/net/web_server.cc

#include "runtime/net/web_server.h"

#include <microhttpd.h>
#include <strings.h>

#include <stdexcept>

#include "runtime/net/web_connection.h"

namespace interleave {
namespace {

WebConnection* ConnectionOf(MHD_Connection* http) {
  return static_cast<WebConnection*>(
      MHD_get_connection_info(http, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context);
}

}  // namespace

// ---- What libmicrohttpd calls -----------------------------------------------

std::string WebRequest::Header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key.size() == name.size() && strncasecmp(key.data(), name.data(), name.size()) == 0) {
      return value;
    }
  }
  return "";
}

struct WebServer::Callbacks {
  static void NoteConnection(void* server, MHD_Connection* http, void** context,
                             MHD_ConnectionNotificationCode what) {
    auto& self = *static_cast<WebServer*>(server);
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
      auto* connection = new WebConnection(self, http);
      self.connections_.emplace(self.accepted_++, connection);
      ++self.open_;
      *context = connection;
    } else {
      auto* connection = static_cast<WebConnection*>(*context);
      std::erase_if(self.connections_, [&](const auto& one) { return one.second == connection; });
      --self.open_;
      delete connection;
    }
  }

  // The only place where the target is not decoded yet.
  static void* NoteTarget(void*, const char* target, MHD_Connection* http) {
    ConnectionOf(http)->NoteTarget(target);
    return nullptr;
  }

  // Is called when the headers are there, with pieces of the body, at the end of the body, and
  // whenever the connection was resumed.
  static MHD_Result Handle(void*, MHD_Connection* http, const char*, const char* method,
                           const char*, const char* upload, std::size_t* upload_size,
                           void** begun) {
    WebConnection& connection = *ConnectionOf(http);
    try {
      if (*begun == nullptr) {
        *begun = &connection;
        return connection.Begin(method) ? MHD_YES : MHD_NO;
      }
      if (*upload_size > 0) {
        connection.Receive({upload, *upload_size});
        *upload_size = 0;
        return MHD_YES;
      }
      return connection.Continue() ? MHD_YES : MHD_NO;
    } catch (...) {  // cannot leave C code; closes the connection
      return MHD_NO;
    }
  }

  static void NoteEnd(void*, MHD_Connection* http, void**, MHD_RequestTerminationCode) {
    ConnectionOf(http)->End();
  }
};

// ---- The server -------------------------------------------------------------

WebServer::WebServer(Handler handler, WebServerOptions options)
    : WebServer(std::move(handler), options,
                ListeningSocket({options.host, options.port}, options.backlog)) {}

WebServer::WebServer(Handler handler, WebServerOptions options, ListeningSocket socket)
    : loop_(EventLoop::Current()),
      handler_(std::move(handler)),
      options_(std::move(options)),
      endpoint_(socket.endpoint()) {
  // No Date: the same request gets the same bytes.
  const unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_SUPPRESS_DATE_NO_CLOCK;
  daemon_ =
      MHD_start_daemon(flags, 0, nullptr, nullptr, Callbacks::Handle, this,  //
                       MHD_OPTION_LISTEN_SOCKET, socket.get(),               //
                       MHD_OPTION_CONNECTION_LIMIT, static_cast<unsigned>(options_.max_connections),
                       MHD_OPTION_CONNECTION_MEMORY_LIMIT, options_.max_header,        //
                       MHD_OPTION_STRICT_FOR_CLIENT, 1,                                //
                       MHD_OPTION_URI_LOG_CALLBACK, Callbacks::NoteTarget, nullptr,    //
                       MHD_OPTION_NOTIFY_CONNECTION, Callbacks::NoteConnection, this,  //
                       MHD_OPTION_NOTIFY_COMPLETED, Callbacks::NoteEnd, nullptr, MHD_OPTION_END);
  if (daemon_ == nullptr) throw std::runtime_error("libmicrohttpd cannot start");
  socket.Take().Release();  // libmicrohttpd closes it
  loop_.AddReader(MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd,
                  [this] { Turn(); });
}

WebServer::~WebServer() {
  if (daemon_ == nullptr) return;
  closing_ = true;
  MHD_stop_daemon(daemon_);
}

WebCounts WebServer::Counts() const {
  return {.connections = accepted_,
          .open = open_,
          .requests = requests_,
          .in_progress = in_progress_,
          .most_in_progress = most_in_progress_,
          .abandoned = abandoned_};
}

Task<void> WebServer::Close() {
  if (daemon_ != nullptr) {
    closing_ = true;
    turn_.Cancel();
    loop_.RemoveReader(MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd);
    // It aborts if it is stopped while a connection is suspended.
    for (const auto& [number, connection] : connections_) connection->Drop();
    MHD_run(daemon_);
    MHD_stop_daemon(std::exchange(daemon_, nullptr));
  }
  if (handlers_ > 0) co_await no_handlers_.Wait();
}

void WebServer::Turn() {
  turn_.Cancel();
  turn_due_ = false;
  MHD_run(daemon_);
  // Time-outs are the connections' own (patience), so what is asked for here is another turn at
  // once or none.
  MHD_UNSIGNED_LONG_LONG milliseconds = 0;
  if (MHD_get_timeout(daemon_, &milliseconds) == MHD_YES) WantTurn();
}

void WebServer::WantTurn() {
  if (closing_ || std::exchange(turn_due_, true)) return;
  turn_ = loop_.CallSoon([this] { Turn(); });
}

void WebServer::NoteRequest() {
  ++requests_;
  ++in_progress_;
  if (in_progress_ > most_in_progress_) most_in_progress_ = in_progress_.load();
}

void WebServer::NoteHandlerEnded() {
  if (--handlers_ == 0 && closing_) no_handlers_.Set();
}

}  // namespace interleave
