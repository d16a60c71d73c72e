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
// Called on an event loop's thread it holds the loop, and everybody on it, until the answer is
// there. That is what HttpSession (http_session.h) is for.
//
// Threads: any.
//
// Errors: HttpError, of many kinds (http_errors.h). Cancellation: none; the time-outs end it.

#ifndef INTERLEAVE_RUNTIME_NET_HTTP_BLOCKING_H_
#define INTERLEAVE_RUNTIME_NET_HTTP_BLOCKING_H_

#include <curl/curl.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "runtime/net/http.h"
#include "runtime/net/http_transfer.h"

namespace interleave {

class BlockingHttp {
 public:
  // The limits of connections do not apply.
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
  CurlHandle TakeHandle();
  void GiveBack(CurlHandle handle);

  const CurlList connect_to_;
  std::mutex mutex_;              // guards what follows
  std::vector<CurlHandle> idle_;  // each with its connections; the last used is the last
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_NET_HTTP_BLOCKING_H_
