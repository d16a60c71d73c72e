// runtime/net/web_server.cc

#include "runtime/net/web_server.h"

#include <microhttpd.h>
#include <strings.h>
#include <sys/epoll.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

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
      const std::int64_t number = self.accepted_++;
      auto* connection = new WebConnection(self, number, http);
      self.connections_.emplace(number, connection);
      ++self.open_;
      *context = connection;
    } else {
      auto* connection = static_cast<WebConnection*>(*context);
      std::erase_if(self.connections_, [&](const auto& one) { return one.second == connection; });
      --self.open_;
      delete connection;
      // At max_connections libmicrohttpd looks for new ones in its turn after next, but does not
      // ask for one.
      self.WantTurn();
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
      endpoint_(socket.endpoint()),
      ends_(epoll_create1(EPOLL_CLOEXEC)) {
  if (!ends_) throw std::system_error(errno, std::generic_category(), "epoll_create1");
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
  loop_.AddReader(ends_.get(), [this] { TellWhoseClientsEnded(); });
}

WebServer::~WebServer() { Stop(); }

WebCounts WebServer::Counts() const {
  return {.connections = accepted_,
          .open = open_,
          .requests = requests_,
          .in_progress = in_progress_,
          .most_in_progress = most_in_progress_,
          .abandoned = abandoned_};
}

Task<void> WebServer::Close() {
  Stop();
  if (handlers_ > 0) co_await no_handlers_.Wait();
}

void WebServer::Stop() {
  if (daemon_ == nullptr) return;
  closing_ = true;
  turn_.Cancel();
  loop_.RemoveReader(ends_.get());
  loop_.RemoveReader(MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd);
  // libmicrohttpd aborts if it is stopped while a connection is suspended. What this resumes is
  // closed in the turn below.
  for (const auto& [number, connection] : connections_) connection->Drop();
  MHD_run(daemon_);
  MHD_stop_daemon(std::exchange(daemon_, nullptr));
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

void WebServer::WatchForEnd(int fd, std::int64_t connection) {
  epoll_event event = {};
  event.events = EPOLLRDHUP | EPOLLET;
  event.data.u64 = static_cast<std::uint64_t>(connection);
  epoll_ctl(ends_.get(), EPOLL_CTL_ADD, fd, &event);
}

void WebServer::StopWatching(int fd) {
  epoll_event event = {};
  epoll_ctl(ends_.get(), EPOLL_CTL_DEL, fd, &event);
}

void WebServer::TellWhoseClientsEnded() {
  epoll_event events[64];
  const int count = epoll_wait(ends_.get(), events, 64, 0);
  // First what they sent before it.
  Turn();
  for (int i = 0; i < count; ++i) {
    const auto found = connections_.find(static_cast<std::int64_t>(events[i].data.u64));
    if (found != connections_.end()) found->second->NoteClientEnded();
  }
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
