// runtime/net/web_connection.cc

#include "runtime/net/web_connection.h"

#include <microhttpd.h>
#include <poll.h>
#include <sys/socket.h>

#include <charconv>
#include <utility>

#include "runtime/net/web_answers.h"

namespace interleave {
namespace {

constexpr std::size_t kPiece = 64 * 1024;  // of a stream that is read at once

MHD_Result AddHeader(void* headers, MHD_ValueKind, const char* name, const char* value) {
  static_cast<WebHeaders*>(headers)->emplace_back(name, value == nullptr ? "" : value);
  return MHD_YES;
}

// A stream on its way, which libmicrohttpd keeps.
struct Sending {
  WebConnection* connection;
  std::unique_ptr<BodyStream> stream;
};

ssize_t ReadPiece(void* sending, std::uint64_t, char* to, std::size_t room) {
  auto& [connection, stream] = *static_cast<Sending*>(sending);
  try {
    return connection->NextPiece(*stream, to, room);
  } catch (...) {  // cannot leave C code; the client sees an answer that breaks off
    return MHD_CONTENT_READER_END_WITH_ERROR;
  }
}

void DeleteSending(void* sending) { delete static_cast<Sending*>(sending); }

MHD_Response* MakeResponse(WebConnection& connection, WebAnswer& answer) {
  MHD_Response* response;
  if (answer.stream != nullptr) {
    const std::uint64_t size = answer.stream->size().value_or(MHD_SIZE_UNKNOWN);
    response = MHD_create_response_from_callback(
        size, kPiece, ReadPiece, new Sending{&connection, std::move(answer.stream)}, DeleteSending);
  } else {
    response = MHD_create_response_from_buffer(answer.body.size(), answer.body.data(),
                                               MHD_RESPMEM_MUST_COPY);
  }
  if (response == nullptr) return nullptr;
  if (!answer.content_type.empty()) {
    MHD_add_response_header(response, "Content-Type", answer.content_type.c_str());
  }
  for (const auto& [name, value] : answer.headers) {
    MHD_add_response_header(response, name.c_str(), value.c_str());
  }
  return response;
}

bool HasEnded(int fd) {
  pollfd asked = {.fd = fd, .events = POLLRDHUP, .revents = 0};
  return poll(&asked, 1, 0) > 0;
}

int SocketOf(MHD_Connection* http) {
  return MHD_get_connection_info(http, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

}  // namespace

WebConnection::WebConnection(WebServer& server, std::int64_t number, MHD_Connection* http)
    : server_(server),
      http_(http),
      fd_(SocketOf(http)),
      self_(std::make_shared<WebConnection*>(this)) {
  server_.WatchForEnd(fd_, number);
  ArmPatience();
}

WebConnection::~WebConnection() {
  *self_ = nullptr;
  patience_.Cancel();
  pause_.Cancel();
  server_.StopWatching(fd_);
  if (handler_) handler_->Cancel();
  if (counted_) server_.NoteAnswered();
}

bool WebConnection::Begin(const char* method) {
  state_ = State::kArriving;
  method_ = method;
  body_.clear();
  too_large_ = false;
  const char* length = MHD_lookup_connection_value(http_, MHD_HEADER_KIND, "Content-Length");
  if (length == nullptr) return true;
  const std::string_view text(length);
  std::uint64_t size = 0;
  std::from_chars(text.data(), text.data() + text.size(), size);
  if (size <= server_.options().max_body) return true;
  // Answered before the body is sent; libmicrohttpd closes the connection behind it.
  too_large_ = true;
  return Continue();
}

void WebConnection::Receive(std::string_view bytes) {
  if (body_.size() + bytes.size() > server_.options().max_body) {
    too_large_ = true;  // read on and thrown away; patience ends it
    body_.clear();
  }
  if (!too_large_) body_ += bytes;
}

// The request is complete, or the handler has done its work.
bool WebConnection::Continue() {
  if (state_ == State::kDropped || server_.closing()) return false;
  if (state_ == State::kArriving) {
    if (too_large_) {
      return Send(Refuse(413, "a body of at most " + std::to_string(server_.options().max_body) +
                                  " bytes is taken here"));
    }
    try {
      StartHandler(TakeRequest());
    } catch (const BadTarget& error) {
      return Send(Refuse(400, error.what()));
    }
    return true;
  }
  return !answer_ || Send(*std::exchange(answer_, std::nullopt));
}

WebRequest WebConnection::TakeRequest() {
  WebRequest request{.method = method_, .target = ParseTarget(target_), .body = std::move(body_)};
  MHD_get_connection_values(http_, MHD_HEADER_KIND, AddHeader, &request.headers);
  body_.clear();
  return request;
}

void WebConnection::StartHandler(WebRequest request) {
  if (HasEnded(fd_)) client_ended_ = true;
  WaitForOurselves();
  state_ = State::kWorking;
  counted_ = true;
  server_.NoteRequest();
  const std::string name = request.method + " " + request.target.path;
  handler_ = SpawnOn(server_.loop(), server_.handler()(std::move(request)), name);
  // The server outlives its handlers; this connection may not.
  server_.NoteHandlerBegan();
  handler_->AddDoneCallback([server = &server_, self = self_, handler = *handler_] {
    if (*self != nullptr) (*self)->NoteHandlerDone(handler);
    server->NoteHandlerEnded();
  });
  Suspend();
}

void WebConnection::NoteHandlerDone(TaskHandle<WebAnswer> handler) {
  handler_.reset();
  if (state_ != State::kWorking) return;
  try {
    answer_ = std::move(handler.outcome()).value();
  } catch (const TaskCancelled&) {
    answer_ = Refuse(503, "the handler was cancelled");
  } catch (const std::exception& error) {
    answer_ = Refuse(500, error.what());
  }
  Resume();
}

bool WebConnection::Send(WebAnswer answer) {
  state_ = State::kSending;
  ArmPatience();
  MHD_Response* response = MakeResponse(*this, answer);
  if (response == nullptr) return false;
  const MHD_Result queued =
      MHD_queue_response(http_, static_cast<unsigned>(answer.status), response);
  MHD_destroy_response(response);  // its connection has a share
  return queued == MHD_YES;
}

ssize_t WebConnection::NextPiece(BodyStream& stream, char* to, std::size_t room) {
  if (state_ == State::kDropped || server_.closing()) return MHD_CONTENT_READER_END_WITH_ERROR;
  ArmPatience();
  const BodyPiece piece = stream.Next(to, room);
  switch (piece.kind) {
    case BodyPiece::kBytes:
      return static_cast<ssize_t>(piece.bytes);
    case BodyPiece::kWait:
      WaitForOurselves();
      if (piece.wait != std::chrono::nanoseconds::max()) {
        pause_ = server_.loop().CallLater(piece.wait, [this] { Resume(); });
      }
      Suspend();
      return 0;
    case BodyPiece::kEnd:
      return MHD_CONTENT_READER_END_OF_STREAM;
    case BodyPiece::kReset:
      Reset();
      break;
    case BodyPiece::kBreakOff:
      break;
  }
  return MHD_CONTENT_READER_END_WITH_ERROR;
}

// The answer was sent, or will not be.
void WebConnection::End() {
  if (std::exchange(counted_, false)) server_.NoteAnswered();
  if (state_ == State::kDropped) return;
  state_ = State::kIdle;
  if (client_ended_) ShowTheEnd();
  ArmPatience();
}

void WebConnection::Drop() {
  if (state_ == State::kDropped) return;
  state_ = State::kDropped;
  patience_.Cancel();
  pause_.Cancel();
  if (handler_) handler_->Cancel();
  handler_.reset();
  if (suspended_) {
    Resume();
  } else {
    shutdown(fd_, SHUT_RDWR);  // libmicrohttpd finds the end, and closes
  }
}

void WebConnection::Suspend() {
  suspended_ = true;
  MHD_suspend_connection(http_);
}

void WebConnection::Resume() {
  if (!std::exchange(suspended_, false)) return;
  MHD_resume_connection(http_);
  server_.WantTurn();
}

// There is no telling a client that has gone from one that only says that it will send no more. One
// that says so during the handler's work is taken for the former. One that said so before, with its
// request, is answered, but not for longer than the patience.
void WebConnection::NoteClientEnded() {
  if (std::exchange(client_ended_, true)) return;
  if (suspended_) {
    server_.NoteAbandoned();
    Drop();
  } else {
    ShowTheEnd();
  }
}

// If the end comes together with the last bytes, libmicrohttpd takes these for all that there is,
// and waits to be told of more. This has the kernel tell it once again.
void WebConnection::ShowTheEnd() { shutdown(fd_, SHUT_RD); }

void WebConnection::ArmPatience() {
  patience_.Cancel();
  // Of the clock, and not of SetTimeScale, which is for what a server does and not for what it puts
  // up with.
  patience_ =
      server_.loop().CallAt(server_.loop().Time() + server_.options().patience, [this] { Drop(); });
}

void WebConnection::WaitForOurselves() {
  if (!client_ended_) patience_.Cancel();
}

// To dissolve a connection is what the kernel does at once and by a reset, while to close it would
// first send what is queued and then say goodbye.
void WebConnection::Reset() {
  const sockaddr nowhere = {.sa_family = AF_UNSPEC, .sa_data = {}};
  connect(fd_, &nowhere, sizeof nowhere);
}

}  // namespace interleave
