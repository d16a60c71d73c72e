// runtime/net/http_errors.h
//
// What can become of a request besides an answer. Each is an exception whose what() is one sentence
// that names the method and the URL:
//
//   GET http://course.test/api/character/1: cannot connect: Connection refused
//   GET http://course.test/files/big: no complete answer within 1.5 s, 4096 bytes of 1000000 had
//   come
//
// Catch HttpError for all of them, or one kind. An answer with the status 404 or 500 is an answer,
// and no exception, until somebody calls HttpResponse::RaiseForStatus.
//
// The sentences name no port and no duration that was measured: the same failure gives the same
// words in each run.

#ifndef INTERLEAVE_RUNTIME_NET_HTTP_ERRORS_H_
#define INTERLEAVE_RUNTIME_NET_HTTP_ERRORS_H_

#include <stdexcept>
#include <string>
#include <utility>

namespace interleave {

class HttpError : public std::runtime_error {
 public:
  HttpError(std::string url, const std::string& sentence)
      : std::runtime_error(sentence), url_(std::move(url)) {}
  // As it was asked for.
  const std::string& url() const { return url_; }

 private:
  std::string url_;
};

// No URL of http or https.
class HttpBadUrl : public HttpError {
 public:
  using HttpError::HttpError;
};

// The host's name does not resolve.
class HttpNameError : public HttpError {
 public:
  using HttpError::HttpError;
};

// No connection: refused, unreachable.
class HttpConnectError : public HttpError {
 public:
  using HttpError::HttpError;
};

// The connection ended before the answer did: reset, closed, fewer bytes than announced.
class HttpConnectionLost : public HttpError {
 public:
  using HttpError::HttpError;
};

// What the server sent is not HTTP.
class HttpBadAnswer : public HttpError {
 public:
  using HttpError::HttpError;
};

// HttpRequest::timeout or connect_timeout is over.
class HttpTimedOut : public HttpError {
 public:
  using HttpError::HttpError;
};

// The body has more bytes than HttpRequest::max_body, or the headers more than 256 KiB.
class HttpTooLarge : public HttpError {
 public:
  using HttpError::HttpError;
};

class HttpTooManyRedirects : public HttpError {
 public:
  using HttpError::HttpError;
};

// The certificate is not to be trusted, or the other side speaks no TLS.
class HttpTlsError : public HttpError {
 public:
  using HttpError::HttpError;
};

// HttpRequest::to_file cannot be written.
class HttpFileError : public HttpError {
 public:
  using HttpError::HttpError;
};

// The body is not the JSON that HttpResponse::Json was to read.
class HttpBadJson : public HttpError {
 public:
  using HttpError::HttpError;
};

// The session was closed while the request was under way.
class HttpSessionClosed : public HttpError {
 public:
  using HttpError::HttpError;
};

// Thrown by HttpResponse::RaiseForStatus.
class HttpStatusError : public HttpError {
 public:
  HttpStatusError(std::string url, const std::string& sentence, int status)
      : HttpError(std::move(url), sentence), status_(status) {}
  int status() const { return status_; }

 private:
  int status_;
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_NET_HTTP_ERRORS_H_
