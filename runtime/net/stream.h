// runtime/net/stream.h
//
// A connection as two streams of bytes, one each way. The bytes arrive in pieces that have nothing
// to do with how they were sent, so a program asks for what it wants: a line, 20 bytes, whatever is
// there.
//
//   Task<void> Greet(Endpoint server) {
//     Stream stream = co_await OpenConnection(server.host, server.port);
//     stream.Write("hello\n");
//     co_await stream.Drain();                       // waits if the other side does not keep up
//     std::string answer = co_await stream.ReadLine();
//     stream.Close();
//     co_await stream.WaitClosed();
//   }
//
// After Python's asyncio.StreamReader and StreamWriter; docs/python.md, section N, has the
// differences. Nothing is received before somebody asks, and Write keeps what the kernel does not
// take; who writes much awaits Drain now and then, or the memory grows.
//
// ReadInto and Drain are what a server does all day. They are no coroutines, so they need no frame,
// which is about a twentieth of an echo of 64 bytes. To spawn one, write a Task around it.
//
// Threads: a stream belongs to its loop's thread. One task may read while others write; two that
// read at once are refused with std::logic_error.
//
// Errors: net_errors.h. Each names the other side. What was received before an error or a
// cancellation stays, for the next read.

#ifndef INTERLEAVE_RUNTIME_NET_STREAM_H_
#define INTERLEAVE_RUNTIME_NET_STREAM_H_

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "runtime/async/event_loop.h"
#include "runtime/async/spawn.h"
#include "runtime/async/task.h"
#include "runtime/async/waiting_tasks.h"
#include "runtime/net/descriptor.h"
#include "runtime/net/endpoint.h"
#include "runtime/net/net_errors.h"

namespace interleave {

class Connection;

struct StreamLimits {
  std::size_t line = 64 * 1024;        // a longer one is LineTooLong
  std::size_t high_water = 64 * 1024;  // with more than this unsent, Drain waits
};

class ReadingInto;
class Draining;

class Stream {
 public:
  struct ReadIntoRequest;
  struct DrainRequest;

  // Of a connected stream socket, of the network or of socketpair. Belongs to the running loop.
  // Throws: std::logic_error if none runs; std::system_error if `socket` is no descriptor.
  Stream(Descriptor socket, Endpoint peer, const StreamLimits& limits = {});
  // What moves is the handle; a read or a Drain that waits is not disturbed.
  Stream(Stream&&) noexcept = default;
  Stream& operator=(Stream other) noexcept;
  // Close().
  ~Stream();

  // Reading. Throws: ConnectionError; std::logic_error after Close.

  // Up to and with "\n". At the end of the stream what is left, without one; then nothing.
  // Throws: LineTooLong.
  Task<std::string> ReadLine();
  // Up to and with `separator`. Throws: LineTooLong; IncompleteRead at the end of the stream, with
  // what was left; std::invalid_argument if `separator` is empty.
  Task<std::string> ReadUntil(std::string separator);
  // `size` bytes, whatever the limit. Throws: IncompleteRead at the end of the stream, with what
  // was left; std::invalid_argument if `size` is negative.
  Task<std::string> ReadExactly(std::ptrdiff_t size);
  // What is there, at least one byte and at most `most`; nothing at the end of the stream.
  Task<std::string> ReadSome(std::size_t most = 64 * 1024);
  // co_await: the same into memory of the caller's, which must stay until then: the part of it
  // that was filled, a std::string_view.
  ReadIntoRequest ReadInto(std::span<char> memory);
  // All until the end of the stream. Throws: LineTooLong if that is more than `most`.
  Task<std::string> ReadToEnd(std::size_t most);

  // Writing.

  // Sends what the kernel takes and keeps the rest. What goes wrong is told by Drain or WaitClosed,
  // or at last on stderr. Throws: std::logic_error after WriteEof or Close.
  void Write(std::string_view bytes);
  // co_await: waits while more than the high water is unsent, until a quarter of it is.
  // Throws: ConnectionError if what was written cannot be sent.
  DrainRequest Drain();
  // No more will be written: the other side reads the end of the stream when it has read the rest.
  // Reading goes on.
  void WriteEof();

  // Closes it when all is sent, in the background. A task that reads gets ConnectionError. May be
  // repeated.
  void Close();
  // Until it is closed. Throws: ConnectionError if bytes could not be sent.
  Task<void> WaitClosed();
  // Closes it at once, with a reset; what is unsent is lost.
  void Abort();

  const Endpoint& peer() const;
  // How many bytes the kernel has not taken yet.
  std::size_t unsent() const;
  // After Close or Abort.
  bool is_closing() const;
  // Nothing is left to be read, and nothing more will come.
  bool at_end() const;
  // False once it was moved from: then nothing else may be called.
  explicit operator bool() const { return connection_ != nullptr; }

 private:
  friend class TcpServer;
  std::shared_ptr<Connection> connection_;
  std::size_t line_limit_;
};

struct ConnectOptions {
  std::optional<EventLoop::Duration> timeout =
      {};  // for all of it; none: as long as the kernel tries
  StreamLimits limits = {};
};

// A connection to `host`, an address in numbers or a name; of several addresses the first that
// answers. Throws: NameNotFound, ConnectionRefused, ConnectionError; TimedOut.
// Cancellation: gives the attempt up at once.
Task<Stream> OpenConnection(std::string host, std::uint16_t port, ConnectOptions options = {});

// ---- How it works -----------------------------------------------------------
//
// The requests and their awaiters share the connection, so that the Stream may be moved or dropped
// meanwhile.

struct [[nodiscard]] Stream::ReadIntoRequest {
  using Result = std::string_view;
  std::shared_ptr<Connection> connection;
  std::span<char> memory;
  ReadingInto AwaitAt(unsigned line) const;
};

struct [[nodiscard]] Stream::DrainRequest {
  using Result = void;
  std::shared_ptr<Connection> connection;
  Draining AwaitAt(unsigned line) const;
};

// For WaitFor and Gather.
TaskHandle<std::string_view> EnsureFuture(Stream::ReadIntoRequest request);
TaskHandle<void> EnsureFuture(Stream::DrainRequest request);

class ReadingInto final : public WaitingTask {
 public:
  ReadingInto(const Stream::ReadIntoRequest& request, unsigned line)
      : WaitingTask(line), request_(request) {}
  ~ReadingInto();
  bool await_ready();
  void await_suspend(std::coroutine_handle<>);
  std::string_view await_resume();
  // Bytes were announced; perhaps there are none after all.
  bool StillBlocked() override;
  std::string Describe() const override { return "bytes to read"; }

 private:
  bool TryToRead();
  const Stream::ReadIntoRequest request_;
  bool reads_ = false;  // nobody else may
  std::size_t size_ = 0;
  std::exception_ptr error_;  // met by StillBlocked
};

class Draining final : public WaitingTask {
 public:
  Draining(const Stream::DrainRequest& request, unsigned line)
      : WaitingTask(line), connection_(request.connection) {}
  bool await_ready();
  void await_suspend(std::coroutine_handle<>);
  void await_resume();
  std::string Describe() const override { return "room to write"; }

 private:
  const std::shared_ptr<Connection> connection_;
  bool yields_ = false;
};

inline ReadingInto Stream::ReadIntoRequest::AwaitAt(unsigned line) const {
  return ReadingInto(*this, line);
}
inline Draining Stream::DrainRequest::AwaitAt(unsigned line) const { return Draining(*this, line); }

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_NET_STREAM_H_
