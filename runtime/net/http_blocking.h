// runtime/net/http_blocking.h
//
// HTTP for threads: the call waits until the answer is there.
//
//   BlockingHttp http;
//   HttpResponse response = http.Get("http://course.test/api/character/1");
//   Print(response.Json()["name"]);
//
// Connections are kept and used again. Many threads may share one object: each request that is
// under way has a connection to itself, so as many are kept as there were requests at once.
//
// On a green thread (green_thread.h) the same call waits as green threads do: the request goes
// through a session of the loop (http_session.h), and others run meanwhile. In a coroutine or a
// callback it holds the loop, and everybody on it, until the answer is there.
//
// Threads: any. Once used on green threads it must outlive them, and be destroyed on their loop's
// thread or after the loop.
//
// Errors: HttpError, of many kinds (http_errors.h). Cancellation: none on a thread, where time-outs
// end it; on a green thread, as with any Await.

#ifndef INTERLEAVE_RUNTIME_NET_HTTP_BLOCKING_H_
#define INTERLEAVE_RUNTIME_NET_HTTP_BLOCKING_H_

#include <curl/curl.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "runtime/async/event_loop.h"
#include "runtime/net/http.h"
#include "runtime/net/http_session.h"
#include "runtime/net/http_transfer.h"

namespace interleave {

class BlockingHttp {
 public:
  // The limits of connections hold on green threads only: each thread that waits has a connection.
  explicit BlockingHttp(HttpOptions options = {});
  // REQUIRES: nobody is within Request.
  ~BlockingHttp();
  BlockingHttp(const BlockingHttp&) = delete;
  BlockingHttp& operator=(const BlockingHttp&) = delete;

  // The answer, whatever its status.
  // Throws: HttpError; what on_progress throws; std::invalid_argument for a request that cannot be
  // meant.
  HttpResponse Request(HttpRequest request);
  HttpResponse Get(std::string url);

 private:
  HttpResponse RequestOnGreenThread(HttpRequest request);
  HttpSession& SessionOfTheLoop();
  CurlHandle TakeHandle();
  void GiveBack(CurlHandle handle);

  const HttpOptions options_;
  const CurlList connect_to_;
  std::mutex mutex_;              // guards what follows
  std::vector<CurlHandle> idle_;  // each with its connections; the last used is the last
  // For green threads. Each is touched on its loop's thread only.
  std::map<const EventLoop*, std::unique_ptr<HttpSession>> sessions_;
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_NET_HTTP_BLOCKING_H_
