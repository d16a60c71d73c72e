// runtime/net/tcp_server.cc

#include "runtime/net/tcp_server.h"

#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <exception>
#include <map>
#include <stdexcept>
#include <utility>

#include "runtime/async/async_errors.h"
#include "runtime/async/spawn.h"
#include "runtime/net/connection.h"
#include "runtime/net/descriptor.h"
#include "runtime/net/descriptor_limit.h"
#include "runtime/net/listening_socket.h"
#include "runtime/net/socket_address.h"

namespace interleave {

using std::chrono_literals::operator""s;

// What the connections share with the server, and keep when it has gone.
class TcpServer::Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(Handler handler, TcpServerOptions options);
  void Listen();
  void Accept();
  void Close();
  void CancelConnections();
  Task<void> WaitClosed();
  const Endpoint& endpoint() const { return endpoint_; }
  std::size_t connections() const { return connections_.size(); }

 private:
  // Of a burst, as many are accepted before others have their turn.
  static constexpr int kAtOnce = 64;

  void Start(Descriptor socket, Endpoint peer);
  static Task<void> Serve(std::shared_ptr<Listener> self, Stream stream);
  void Ended(std::uint64_t number);
  // The kernel would tell of those in the backlog again and again.
  void StopAccepting();
  void GoOnAccepting();
  void CannotAccept(int error);

  EventLoop& loop_;
  const Handler handler_;
  const TcpServerOptions options_;
  Descriptor socket_;
  Endpoint endpoint_;
  bool accepting_ = false;
  bool reported_ = false;  // that it cannot accept, and those who wait have not all come in since
  Handle retry_;

  std::map<std::uint64_t, AnyTask> connections_;  // by number
  std::uint64_t next_number_ = 1;
  WaitingTasks closers_;
};

TcpServer::Listener::Listener(Handler handler, TcpServerOptions options)
    : loop_(EventLoop::Current()), handler_(std::move(handler)), options_(std::move(options)) {
  if (handler_ == nullptr) throw std::invalid_argument("TcpServer: there is no handler");
  if (options_.max_connections == 0) {
    throw std::invalid_argument("TcpServer: max_connections is 0, it must be at least 1");
  }
}

void TcpServer::Listener::Listen() {
  ListeningSocket socket({options_.host, options_.port}, options_.backlog);
  endpoint_ = socket.endpoint();
  socket_ = socket.Take();
  GoOnAccepting();
}

void TcpServer::Listener::GoOnAccepting() {
  if (accepting_ || !socket_) return;
  retry_.Cancel();
  loop_.AddReader(socket_.get(), [this] { Accept(); });
  accepting_ = true;
}

void TcpServer::Listener::StopAccepting() {
  if (!std::exchange(accepting_, false)) return;
  loop_.RemoveReader(socket_.get());
}

void TcpServer::Listener::Accept() {
  for (int i = 0; i < kAtOnce; ++i) {
    if (connections_.size() >= options_.max_connections) return StopAccepting();
    sockaddr_storage storage{};
    auto* address = reinterpret_cast<sockaddr*>(&storage);
    socklen_t size = sizeof storage;
    Descriptor accepted(accept4(socket_.get(), address, &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (accepted) {
      Start(std::move(accepted), SocketAddress(address, size).endpoint());
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      reported_ = false;
      return;
    } else if (errno != EINTR && errno != ECONNABORTED) {  // it has gone again: the next
      return CannotAccept(errno);
    }
  }
}

void TcpServer::Listener::CannotAccept(int error) {
  StopAccepting();
  retry_ = loop_.CallLater(1s, [this] { GoOnAccepting(); });
  if (std::exchange(reported_, true)) return;
  std::string message = "the server on " + endpoint_.Text() +
                        " cannot accept: " + std::generic_category().message(error);
  if (error == EMFILE) message += ", RLIMIT_NOFILE is " + std::to_string(DescriptorLimit());
  loop_.CallExceptionHandler({message, nullptr, ""});
}

void TcpServer::Listener::Start(Descriptor socket, Endpoint peer) {
  const std::uint64_t number = next_number_++;
  TaskHandle<void> task = interleave::Spawn(
      Serve(shared_from_this(), Stream(std::move(socket), std::move(peer), options_.limits)),
      "connection-" + std::to_string(number));
  connections_.emplace(number, task);
  // And not at the end of Serve, which never begins if it is cancelled before.
  task.AddDoneCallback([self = shared_from_this(), number] { self->Ended(number); });
}

Task<void> TcpServer::Listener::Serve(std::shared_ptr<Listener> self, Stream stream) {
  const std::shared_ptr<Connection> connection = stream.connection_;
  struct AbortIfCancelled {
    Connection& connection;
    ~AbortIfCancelled() { connection.Abort(); }
  } abort{*connection};
  try {
    co_await self->handler_(std::move(stream));
    if (!connection->closed()) co_await connection->Closed();
    if (!connection->told()) connection->CheckSent();
  } catch (const Interrupted&) {
    throw;
  } catch (const TaskCancelled&) {
    throw;
  } catch (...) {
    self->loop_.CallExceptionHandler({"Exception in the handler of " + connection->peer().Text(),
                                      std::current_exception(), CurrentTask().name()});
  }
  // The handler's own stream has gone, but what it wrote may still be under way.
  if (!connection->closed()) co_await connection->Closed();
}

void TcpServer::Listener::Ended(std::uint64_t number) {
  connections_.erase(number);
  GoOnAccepting();
  if (connections_.empty()) closers_.WakeAll();
}

void TcpServer::Listener::Close() {
  if (!socket_) return;
  retry_.Cancel();
  if (EventLoop::IsAlive(&loop_)) StopAccepting();
  socket_.Close();
}

void TcpServer::Listener::CancelConnections() {
  for (auto& [number, task] : connections_) task.Cancel();
}

Task<void> TcpServer::Listener::WaitClosed() {
  const std::shared_ptr<Listener> keep = shared_from_this();
  if (!connections_.empty()) {
    co_await Connection::Request{&closers_, "the last connection to end"};
  }
}

TcpServer::TcpServer(Handler handler, TcpServerOptions options)
    : listener_(std::make_shared<Listener>(std::move(handler), std::move(options))) {
  listener_->Listen();
}

TcpServer::~TcpServer() { Close(); }

const Endpoint& TcpServer::endpoint() const { return listener_->endpoint(); }
std::size_t TcpServer::connections() const { return listener_->connections(); }
void TcpServer::Close() { listener_->Close(); }
void TcpServer::CancelConnections() { listener_->CancelConnections(); }
Task<void> TcpServer::WaitClosed() { return listener_->WaitClosed(); }

}  // namespace interleave
