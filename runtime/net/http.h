// runtime/net/http.h
//
// A request and its answer, whoever carries them: HttpSession (http_session.h) for coroutines,
// BlockingHttp (http_blocking.h) for threads.
//
//   HttpRequest request{.url = "http://course.test/files/big", .timeout = 5s};
//   request.to_file = "big.bin";
//   request.on_progress = [](const HttpProgress& p) { Show(p.received, p.total); };
//   HttpResponse response = co_await session.Request(std::move(request));
//   response.RaiseForStatus();
//
// Transport is libcurl's: HTTP/1.1, TLS with the certificate checked, redirects, connections that
// are used again. Nothing of it comes from the environment: no proxy, no .netrc.
//
// Threads: plain values. on_progress is called on the thread that carries the request.

#ifndef INTERLEAVE_RUNTIME_NET_HTTP_H_
#define INTERLEAVE_RUNTIME_NET_HTTP_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/net/endpoint.h"
#include "runtime/net/http_errors.h"

namespace interleave {

// In the order in which they were sent, names as they were written.
using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// How far the body has come.
struct HttpProgress {
  std::uint64_t received = 0;          // bytes
  std::optional<std::uint64_t> total;  // as announced; none if the server did not say
};

struct HttpRequest {
  using Duration = std::chrono::nanoseconds;

  std::string url = {};
  std::string method = "GET";
  HttpHeaders headers = {};
  std::string body = {};

  // From the call to the last byte, waiting for a free connection included. Both of these limits
  // are scaled as the delays of loops are (EventLoop::SetTimeScale).
  Duration timeout = std::chrono::minutes(5);
  // Until the connection stands, TLS included; as long as `timeout` if there is none.
  std::optional<Duration> connect_timeout = {};
  // With 0 a redirect is not followed, and is the answer.
  int max_redirects = 10;
  // Bytes; whoever sends more is not listened to any longer.
  std::uint64_t max_body = 64 * 1024 * 1024;
  // The certificates to trust, in PEM, instead of the system's.
  std::string ca_file = {};

  // Where the body goes if the answer is one of success (2xx); otherwise the file is left alone and
  // the body is in the response. What is there under this name is replaced when the last byte has
  // come, and not before (partial_file.h).
  std::string to_file = {};
  // After each piece of the body. An exception ends the request, and is what it throws.
  std::function<void(const HttpProgress&)> on_progress = {};
};

struct HttpResponse {
  int status = 0;
  HttpHeaders headers = {};
  std::string body = {};
  std::string url = {};  // after redirects
  // From the call to the last byte.
  std::chrono::nanoseconds elapsed = {};

  // 200 to 299.
  bool ok() const { return status >= 200 && status < 300; }
  // The first header of that name, in whatever case; none if there is none.
  std::optional<std::string> Header(std::string_view name) const;
  // The body, with keys in the order in which they were sent. Throws: HttpBadJson.
  nlohmann::ordered_json Json() const;
  // Throws: HttpStatusError for 400 and more.
  void RaiseForStatus() const;
  // "<Response [200]>"
  std::string Text() const;
};

// How a client is made; all of its requests have it in common.
struct HttpOptions {
  // For a host of this name, on whatever port, a connection goes to the endpoint instead. The URL
  // and what the server is told stay as they are.
  std::map<std::string, Endpoint> connect_to = {};
  // Of a session: who finds as many connections in use waits for one, first come, first served.
  int connections_per_host = 10;
  int connections = 100;  // to all hosts together
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_NET_HTTP_H_
