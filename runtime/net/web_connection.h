// runtime/net/web_connection.h
//
// A part of WebServer: one client's connection, and the request on it that is being served.
//
//     idle -> arriving -> working -> sending -> idle ...
//               |           |          |
//               +-----------+----------+--> dropped: the client has gone, or is too slow
//
// libmicrohttpd calls when a piece of the request is there and when it wants a piece of the answer.
// While the handler works, and while a stream has nothing yet, the connection is suspended:
// libmicrohttpd doesn't look at it, so it is watched here whether the client is still there.
//
// Threads: the loop's own.

#ifndef INTERLEAVE_RUNTIME_NET_WEB_CONNECTION_H_
#define INTERLEAVE_RUNTIME_NET_WEB_CONNECTION_H_

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/async/event_loop.h"
#include "runtime/async/spawn.h"
#include "runtime/net/web_server.h"

namespace interleave {

class WebConnection {
 public:
  // `number` is its place among the server's connections.
  WebConnection(WebServer& server, std::int64_t number, MHD_Connection* http);
  ~WebConnection();
  WebConnection(const WebConnection&) = delete;
  WebConnection& operator=(const WebConnection&) = delete;

  // What libmicrohttpd tells and asks. Where a bool is returned, false closes the connection.
  void NoteTarget(const char* target) { target_ = target; }
  bool Begin(const char* method);
  void Receive(std::string_view bytes);
  bool Continue();
  ssize_t NextPiece(BodyStream& stream, char* to, std::size_t room);
  void End();

  // The client has closed its end.
  void NoteClientEnded();
  // Ends whatever goes on, and has libmicrohttpd close the connection.
  void Drop();

 private:
  enum class State { kIdle, kArriving, kWorking, kSending, kDropped };

  WebRequest TakeRequest();
  void StartHandler(WebRequest request);
  void NoteHandlerDone(TaskHandle<WebAnswer> handler);
  bool Send(WebAnswer answer);
  void Suspend();
  void Resume();
  void ShowTheEnd();
  // The client must do something within the server's patience.
  void ArmPatience();
  // It need not for now.
  void WaitForOurselves();
  void Reset();

  WebServer& server_;
  MHD_Connection* const http_;
  const int fd_;
  State state_ = State::kIdle;
  Handle patience_;  // while something is expected of the client
  Handle pause_;     // the end of a stream's wait

  std::string target_;  // as it came
  std::string method_;
  std::string body_;
  bool too_large_ = false;  // the body; what came besides was thrown away
  bool counted_ = false;    // the request, as one in progress

  bool suspended_ = false;
  bool client_ended_ = false;
  std::optional<TaskHandle<WebAnswer>> handler_;  // while it works
  std::optional<WebAnswer> answer_;               // between the handler and the sending
  // Is null for callbacks that come when the connection is gone.
  std::shared_ptr<WebConnection*> self_;
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_NET_WEB_CONNECTION_H_
