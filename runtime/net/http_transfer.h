// runtime/net/http_transfer.h
//
// One request on one of libcurl's handles: what it has to be told, where the answer is collected,
// and what its error codes mean in words. Shared by the session and the blocking client, which
// differ only in who drives the handle.
//
//   HttpTransfer transfer(handle, std::move(request), connect_to);
//   const CURLcode code = curl_easy_perform(handle.get());
//   HttpResponse response = transfer.Finish(code);     // or throws
//
// Threads: one at a time.

#ifndef INTERLEAVE_RUNTIME_NET_HTTP_TRANSFER_H_
#define INTERLEAVE_RUNTIME_NET_HTTP_TRANSFER_H_

#include <curl/curl.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/net/http.h"
#include "runtime/net/partial_file.h"

namespace interleave {

struct CurlEasyDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using CurlHandle = std::unique_ptr<CURL, CurlEasyDeleter>;

struct CurlListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using CurlList = std::unique_ptr<curl_slist, CurlListDeleter>;

// A new handle. Throws: std::bad_alloc.
CurlHandle NewCurlHandle();
// HttpOptions::connect_to as libcurl wants it.
CurlList ConnectToList(const HttpOptions& options);

class HttpTransfer {
 public:
  // `handle` may have been used before; `connect_to` lives as long as this.
  // Throws: std::invalid_argument for a request that cannot be meant.
  HttpTransfer(CURL* handle, HttpRequest request, curl_slist* connect_to);
  // Leaves nothing in the handle that points here.
  ~HttpTransfer();
  HttpTransfer(const HttpTransfer&) = delete;
  HttpTransfer& operator=(const HttpTransfer&) = delete;

  // Has libcurl watch the clock for the total time-out.
  void SetTimeOut();
  // The answer. Throws: HttpError; what on_progress threw.
  HttpResponse Finish(CURLcode code);
  // Throws HttpTimedOut, for who watches the clock instead.
  [[noreturn]] void ThrowTimedOut() const;
  // Throws HttpSessionClosed.
  [[noreturn]] void ThrowClosed() const;

  CURL* handle() const { return handle_; }
  const HttpRequest& request() const { return request_; }

 private:
  static std::size_t OnHeader(char* bytes, std::size_t size, std::size_t count, void* self);
  static std::size_t OnBody(char* bytes, std::size_t size, std::size_t count, void* self);
  void Check() const;
  void Prepare(curl_slist* connect_to);
  void PrepareWhatIsNotPlain();
  // Whether it leaves nothing in the handle that the next request does not set anew.
  bool IsPlain() const;
  void TakeHeader(std::string_view line);
  // Throws what ends the transfer.
  void TakeBody(std::string_view bytes);
  void OpenFile();
  [[noreturn]] void Throw(CURLcode code) const;
  // "GET http://course.test/1"
  std::string What() const;
  // "4096 bytes of 10000 had come"
  std::string Progress() const;
  template <typename Value>
  Value Info(CURLINFO info) const;

  CURL* const handle_;
  HttpRequest request_;
  HttpResponse response_;
  const std::chrono::steady_clock::time_point began_;
  std::size_t head_size_ = 0;        // bytes of headers
  std::uint64_t received_ = 0;       // bytes of the body
  std::optional<PartialFile> file_;  // of a success, if it goes to a file
  std::exception_ptr error_;         // why a callback ended the transfer
  CurlList headers_;                 // libcurl reads it during the transfer
  std::array<char, CURL_ERROR_SIZE> curls_words_ = {};
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_NET_HTTP_TRANSFER_H_
