// runtime/net/http_session.h
//
// HTTP for coroutines. A request is a Task: while the answer is under way the loop runs others, so
// one thread has a hundred requests in flight. One session keeps the connections, and uses them
// again:
//
//   HttpSession session;
//   auto [first, second] = co_await Gather(session.Get("http://course.test/api/character/1"),
//                                          session.Get("http://course.test/api/character/2"));
//   Print(first.Json()["name"]);
//
// The work is done by libcurl. It says which sockets it wants watched and when it wants to be
// called at the latest; the loop watches them and calls it.
//
// Threads: a session belongs to the loop that runs when it is made, and to its thread.
//
// Errors: HttpError, of many kinds (http_errors.h). One request's failure leaves the others alone.
//
// Cancellation: cancelling a task that waits for an answer closes the connection, for nobody would
// read the rest. It takes no time.

#ifndef INTERLEAVE_RUNTIME_NET_HTTP_SESSION_H_
#define INTERLEAVE_RUNTIME_NET_HTTP_SESSION_H_

#include <cstddef>
#include <memory>
#include <string>

#include "runtime/async/task.h"
#include "runtime/net/http.h"

namespace interleave {

class CurlLoop;

class HttpSession {
 public:
  // Throws: std::logic_error if no loop runs in this thread; std::invalid_argument if a limit of
  // connections is less than 1.
  explicit HttpSession(HttpOptions options = {});
  // Close().
  ~HttpSession();
  HttpSession(const HttpSession&) = delete;
  HttpSession& operator=(const HttpSession&) = delete;

  // The answer, whatever its status.
  // Throws: HttpError; what on_progress throws; std::invalid_argument for a request that cannot be
  // meant; std::logic_error on another loop.
  Task<HttpResponse> Request(HttpRequest request);
  Task<HttpResponse> Get(std::string url);

  // Closes all connections. Requests that are under way throw HttpSessionClosed, and so do later
  // ones. May be repeated.
  void Close();

  // Requests that have begun and have no answer yet, those that wait for a connection included.
  std::size_t in_flight() const;

  // Whether Request would find the loop that it belongs to.
  bool IsOfRunningLoop() const;

 private:
  const std::shared_ptr<CurlLoop> curl_;  // outlives the session in requests under way
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_NET_HTTP_SESSION_H_
