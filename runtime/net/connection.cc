// runtime/net/connection.cc

#include "runtime/net/connection.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "runtime/net/net_errors.h"

namespace interleave {
namespace {

// What one recv takes at most: on the stack, so that a connection that is silent has no buffer.
constexpr std::size_t kChunk = 16 * 1024;

// Who always finds something to receive would never let others have their turn.
constexpr int kTurns = 32;

bool WouldBlock(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

}  // namespace

Connection::Connection(Descriptor socket, Endpoint peer, std::size_t high_water)
    : loop_(EventLoop::Current()),
      socket_(std::move(socket)),
      peer_(std::move(peer)),
      high_water_(high_water) {
  const int flags = fcntl(fd(), F_GETFL);
  if (flags < 0 || fcntl(fd(), F_SETFL, flags | O_NONBLOCK) != 0) {
    throw std::system_error(errno, std::generic_category(), "the socket of " + peer_.Text());
  }
  // Small messages at once, instead of when the one before was acknowledged. No TCP, no matter.
  const int yes = 1;
  setsockopt(fd(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

Connection::~Connection() {
  Unwatch();
  lost_ += unsent_.size();
  if (lost_ == 0 || told_) return;
  std::string line = std::to_string(lost_) + " bytes were not sent to " + peer_.Text();
  if (send_error_ != 0) line += ": " + std::generic_category().message(send_error_);
  EventLoop::Report(line);
}

// Reading.

void Connection::BeginReading() {
  if (closing_) {
    throw std::logic_error("the stream of " + peer_.Text() + " was closed and cannot be read");
  }
  if (being_read_) {
    throw std::logic_error("another task reads from the stream of " + peer_.Text());
  }
  being_read_ = true;
}

std::optional<std::size_t> Connection::TryReceiveInto(char* to, std::size_t most) {
  if (closing_) {
    throw ConnectionError("the stream of " + peer_.Text() + " was closed while a task read");
  }
  // The kernel says it once, and would then speak of an end in order.
  if (receive_error_ != 0) ThrowConnectionError("cannot read from " + peer_.Text(), receive_error_);
  if (!maybe_more_ || without_waiting_ >= kTurns) return std::nullopt;
  ssize_t size;
  do {
    size = recv(fd(), to, most, 0);
  } while (size < 0 && errno == EINTR);
  if (size < 0) {
    maybe_more_ = false;
    if (WouldBlock(errno)) return std::nullopt;
    receive_error_ = errno;
    ThrowConnectionError("cannot read from " + peer_.Text(), receive_error_);
  }
  ++without_waiting_;
  at_end_ = size == 0;
  maybe_more_ = static_cast<std::size_t>(size) == most;
  return static_cast<std::size_t>(size);
}

bool Connection::TryReceive(std::size_t most) {
  std::array<char, kChunk> chunk;
  const std::optional<std::size_t> size =
      TryReceiveInto(chunk.data(), std::min(most, chunk.size()));
  if (size.has_value()) received_.Append({chunk.data(), *size});
  return size.has_value();
}

Connection::Request Connection::Readable() {
  without_waiting_ = 0;
  if (!watches_readable_) {
    loop_.WatchReadable(fd(), *this);
    watches_readable_ = true;
  }
  return {&readers_, "bytes to read"};
}

bool Connection::OnReadable() {
  maybe_more_ = true;
  // If nobody wants them now, the loop need not go on telling.
  watches_readable_ = !readers_.empty();
  readers_.WakeAll();
  return watches_readable_;
}

// Writing.

void Connection::Write(std::string_view bytes) {
  if (closing_ || ends_writing_) {
    throw std::logic_error("the stream of " + peer_.Text() + " was " +
                           (closing_ ? "closed" : "ended by WriteEof") +
                           " and cannot be written to");
  }
  // What waits goes first.
  if (unsent_.empty() && send_error_ == 0) bytes.remove_prefix(Send(bytes));
  if (bytes.empty()) return;
  if (send_error_ != 0) {
    lost_ += bytes.size();
    return;
  }
  const bool first = unsent_.empty();
  unsent_.Append(bytes);
  if (first) WatchWritable();
}

std::size_t Connection::Send(std::string_view bytes) {
  if (bytes.empty()) return 0;
  ssize_t size;
  do {
    // The end of a connection is an error here, not a signal that ends the program.
    size = send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  } while (size < 0 && errno == EINTR);
  if (size >= 0) return static_cast<std::size_t>(size);
  if (!WouldBlock(errno)) send_error_ = errno;
  return 0;
}

// Keeps the connection until all is sent, whoever else has dropped it.
void Connection::WatchWritable() {
  loop_.AddWriter(fd(), [self = shared_from_this()] { self->OnWritable(); });
}

void Connection::OnWritable() {
  unsent_.RemoveFirst(Send(unsent_.view()));
  if (send_error_ != 0) return SendFailed();
  if (unsent_.size() <= high_water_ / 4) drainers_.WakeAll();
  if (!unsent_.empty()) return;
  unsent_.Clear();
  const std::shared_ptr<Connection> keep = shared_from_this();
  loop_.RemoveWriter(fd());
  if (ends_writing_) shutdown(fd(), SHUT_WR);
  if (closing_) Finish();
}

void Connection::SendFailed() {
  const std::shared_ptr<Connection> keep = shared_from_this();
  lost_ += unsent_.size();
  unsent_.Clear();
  loop_.RemoveWriter(fd());
  drainers_.WakeAll();
  if (closing_) Finish();
}

void Connection::CheckSent() {
  if (send_error_ == 0) return;
  told_ = true;
  ThrowConnectionError("cannot write to " + peer_.Text(), send_error_);
}

void Connection::CheckNotAborted() const {
  if (aborted_) {
    throw ConnectionError("the stream of " + peer_.Text() + " was aborted while a task wrote");
  }
}

void Connection::WriteEof() {
  if (closing_ || ends_writing_) return;
  ends_writing_ = true;
  if (unsent_.empty()) shutdown(fd(), SHUT_WR);
}

bool Connection::ShouldYield() {
  if (++without_waiting_ < kTurns) return false;
  without_waiting_ = 0;
  return true;
}

// The end.

void Connection::Close() {
  if (closing_) return;
  closing_ = true;
  readers_.WakeAll();
  if (unsent_.empty()) Finish();
}

void Connection::Abort() {
  if (closed_) return;
  const std::shared_ptr<Connection> keep = shared_from_this();
  closing_ = aborted_ = true;
  unsent_.Clear();  // that is what was asked for
  // "Closes" with a reset, and forgets what the kernel has not sent yet.
  const linger now{1, 0};
  setsockopt(fd(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  readers_.WakeAll();
  drainers_.WakeAll();
  Finish();
}

// If bytes are left that nobody has read, the kernel closes with a reset, and the other side may
// lose what we sent last. So they are read, as many as came by now, within reason.
void Connection::Finish() {
  if (!at_end_ && !aborted_) {
    std::array<char, kChunk> chunk;
    for (int i = 0; i < 64 && recv(fd(), chunk.data(), chunk.size(), 0) > 0; ++i) {
    }
  }
  Unwatch();
  socket_.Close();
  closed_ = true;
  closers_.WakeAll();
}

// The loop may have gone before us, and its watches with it.
void Connection::Unwatch() {
  if (!socket_ || !EventLoop::IsAlive(&loop_)) return;
  loop_.UnwatchReadable(fd());
  loop_.RemoveWriter(fd());
  watches_readable_ = false;
}

}  // namespace interleave
