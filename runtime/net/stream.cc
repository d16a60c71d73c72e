// runtime/net/stream.cc

#include "runtime/net/stream.h"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

#include "runtime/async/sleep.h"
#include "runtime/net/connection.h"

namespace interleave {
namespace {

constexpr std::size_t kAny = std::numeric_limits<std::size_t>::max();

// The coroutines share the connection, so that the Stream may be moved or dropped meanwhile.
using Shared = std::shared_ptr<Connection>;

// Waits until more has come, or the end.
Task<void> Receive(Connection& connection) {
  while (!connection.TryReceive(kAny)) co_await connection.Readable();
}

// Where `separator` begins in what was received; npos at the end of the stream.
Task<std::size_t> Find(Connection& connection, std::string_view separator, std::size_t limit) {
  for (std::size_t searched = 0;;) {
    const std::size_t found = connection.received().view().find(separator, searched);
    const std::size_t size = connection.received().size();
    // A part of the separator may stand at the end.
    searched = size - std::min(size, separator.size() - 1);
    if (std::min(found, searched) > limit) {
      throw LineTooLong("a line from " + connection.peer().Text() + " is longer than " +
                        std::to_string(limit) + " bytes");
    }
    if (found != std::string::npos || connection.at_end()) co_return found;
    co_await Receive(connection);
  }
}

Task<std::string> ReadLineOf(Shared connection, std::size_t limit) {
  const Connection::Reading reading(*connection);
  const std::size_t end = co_await Find(*connection, "\n", limit);
  ByteQueue& received = connection->received();
  co_return received.TakeFirst(end == std::string::npos ? received.size() : end + 1);
}

// The stream is at its end, and what was asked for has not come.
[[noreturn]] void ThrowIncomplete(Connection& connection, const std::string& wanted) {
  ByteQueue& received = connection.received();
  const std::string what = connection.peer().Text() +
                           " ended the stream: " + std::to_string(received.size()) +
                           " bytes read " + wanted;
  throw IncompleteRead(what, received.TakeFirst(received.size()));
}

Task<std::string> ReadUntilOf(Shared connection, std::string separator, std::size_t limit) {
  if (separator.empty()) {
    throw std::invalid_argument("Stream::ReadUntil: the separator must not be empty");
  }
  const Connection::Reading reading(*connection);
  const std::size_t end = co_await Find(*connection, separator, limit);
  if (end == std::string::npos) ThrowIncomplete(*connection, "and no separator");
  co_return connection->received().TakeFirst(end + separator.size());
}

Task<std::string> ReadExactlyOf(Shared connection, std::ptrdiff_t wanted) {
  if (wanted < 0) {
    throw std::invalid_argument("Stream::ReadExactly: " + std::to_string(wanted) +
                                " bytes cannot be read");
  }
  const auto size = static_cast<std::size_t>(wanted);
  const Connection::Reading reading(*connection);
  ByteQueue& received = connection->received();
  while (received.size() < size && !connection->at_end()) co_await Receive(*connection);
  if (received.size() < size) {
    ThrowIncomplete(*connection, "on a total of " + std::to_string(size) + " expected bytes");
  }
  co_return received.TakeFirst(size);
}

Task<std::string> ReadSomeOf(Shared connection, std::size_t most) {
  const Connection::Reading reading(*connection);
  ByteQueue& received = connection->received();
  while (received.empty() && !connection->at_end() && most > 0) {
    // Not a coroutine of its own, unlike above: this is what many a server does all day.
    if (!connection->TryReceive(most)) co_await connection->Readable();
  }
  co_return received.TakeFirst(std::min(most, received.size()));
}

Task<std::string> ReadToEndOf(Shared connection, std::size_t most) {
  const Connection::Reading reading(*connection);
  ByteQueue& received = connection->received();
  while (!connection->at_end() && received.size() <= most) co_await Receive(*connection);
  if (received.size() > most) {
    throw LineTooLong(connection->peer().Text() + " sent more than " + std::to_string(most) +
                      " bytes");
  }
  co_return received.TakeFirst(received.size());
}

Task<void> WaitClosedOf(Shared connection) {
  if (!connection->closed()) co_await connection->Closed();
  connection->CheckSent();
}

Task<std::string_view> ReadIntoOf(Stream::ReadIntoRequest request) { co_return co_await request; }

Task<void> DrainOf(Stream::DrainRequest request) { co_await request; }

}  // namespace

Stream::Stream(Descriptor socket, Endpoint peer, const StreamLimits& limits)
    : connection_(
          std::make_shared<Connection>(std::move(socket), std::move(peer), limits.high_water)),
      line_limit_(limits.line) {}

Stream& Stream::operator=(Stream other) noexcept {
  std::swap(connection_, other.connection_);
  std::swap(line_limit_, other.line_limit_);
  return *this;
}

Stream::~Stream() {
  if (connection_ != nullptr) connection_->Close();
}

Task<std::string> Stream::ReadLine() { return ReadLineOf(connection_, line_limit_); }
Task<std::string> Stream::ReadUntil(std::string separator) {
  return ReadUntilOf(connection_, std::move(separator), line_limit_);
}
Task<std::string> Stream::ReadExactly(std::ptrdiff_t size) {
  return ReadExactlyOf(connection_, size);
}
Task<std::string> Stream::ReadSome(std::size_t most) { return ReadSomeOf(connection_, most); }
Stream::ReadIntoRequest Stream::ReadInto(std::span<char> memory) { return {connection_, memory}; }
Task<std::string> Stream::ReadToEnd(std::size_t most) { return ReadToEndOf(connection_, most); }

void Stream::Write(std::string_view bytes) { connection_->Write(bytes); }
Stream::DrainRequest Stream::Drain() { return {connection_}; }
void Stream::WriteEof() { connection_->WriteEof(); }

void Stream::Close() { connection_->Close(); }
Task<void> Stream::WaitClosed() { return WaitClosedOf(connection_); }
void Stream::Abort() { connection_->Abort(); }

const Endpoint& Stream::peer() const { return connection_->peer(); }
std::size_t Stream::unsent() const { return connection_->unsent(); }
bool Stream::is_closing() const { return connection_->closing(); }
bool Stream::at_end() const { return connection_->at_end() && connection_->received().empty(); }

// ReadInto.

bool ReadingInto::TryToRead() {
  Connection& connection = *request_.connection;
  const std::span<char> memory = request_.memory;
  if (ByteQueue& received = connection.received(); !received.empty()) {
    size_ = received.view().copy(memory.data(), memory.size());
    received.RemoveFirst(size_);
    return true;
  }
  if (memory.empty() || connection.at_end()) return true;
  const std::optional<std::size_t> size = connection.TryReceiveInto(memory.data(), memory.size());
  size_ = size.value_or(0);
  return size.has_value();
}

bool ReadingInto::await_ready() {
  request_.connection->BeginReading();
  reads_ = true;
  return TryToRead();
}

void ReadingInto::await_suspend(std::coroutine_handle<>) {
  request_.connection->Readable().list->Add(*this);
}

bool ReadingInto::StillBlocked() {
  try {
    if (TryToRead()) return false;
  } catch (const ConnectionError&) {
    error_ = std::current_exception();
    return false;
  }
  request_.connection->Readable().list->Add(*this);
  return true;
}

std::string_view ReadingInto::await_resume() {
  if (waited()) End();
  if (error_ != nullptr) std::rethrow_exception(error_);
  return {request_.memory.data(), size_};
}

ReadingInto::~ReadingInto() {
  if (reads_) request_.connection->EndReading();
}

TaskHandle<std::string_view> EnsureFuture(Stream::ReadIntoRequest request) {
  return Spawn(ReadIntoOf(std::move(request)));
}

// Drain.

bool Draining::await_ready() {
  connection_->CheckSent();
  if (connection_->MustDrain()) return false;
  yields_ = connection_->ShouldYield();
  return !yields_;
}

void Draining::await_suspend(std::coroutine_handle<>) {
  if (yields_) {
    running_now.loop->MakeReady(*running_now.task);  // as Yield does
  } else {
    connection_->drainers().Add(*this);
  }
}

void Draining::await_resume() {
  if (yields_) return ThrowIfCancelled();
  if (!waited()) return;
  End();
  connection_->CheckSent();
  connection_->CheckNotAborted();
}

TaskHandle<void> EnsureFuture(Stream::DrainRequest request) {
  return Spawn(DrainOf(std::move(request)));
}

}  // namespace interleave
