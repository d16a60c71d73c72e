// tests/net/curl_get.h
//
// A request by libcurl's easy interface, for tests of servers: blocking, and independent of what
// this project makes of libcurl.

#ifndef INTERLEAVE_TESTS_NET_CURL_GET_H_
#define INTERLEAVE_TESTS_NET_CURL_GET_H_

#include <curl/curl.h>

#include <string>
#include <vector>

namespace interleave {

struct CurlAnswer {
  CURLcode code = CURLE_OK;
  long status = 0;
  std::string body, headers;

  // "200 body", or curl's error.
  std::string Text() const {
    return code == CURLE_OK ? std::to_string(status) + " " + body : curl_easy_strerror(code);
  }
};

// One client, which keeps its connection from request to request.
class CurlClient {
 public:
  CurlClient() : curl_(curl_easy_init()) {}
  ~CurlClient() { curl_easy_cleanup(curl_); }
  CurlClient(const CurlClient&) = delete;
  CurlClient& operator=(const CurlClient&) = delete;

  // For what a test wants besides.
  CURL* curl() const { return curl_; }

  CurlAnswer Get(const std::string& url, long timeout_ms = 60'000) {
    CurlAnswer answer;
    curl_easy_setopt(curl_, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl_, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl_, CURLOPT_PROXY, "");
    curl_easy_setopt(curl_, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl_, CURLOPT_TIMEOUT_MS, timeout_ms);
    curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, Append);
    curl_easy_setopt(curl_, CURLOPT_WRITEDATA, &answer.body);
    curl_easy_setopt(curl_, CURLOPT_HEADERFUNCTION, Append);
    curl_easy_setopt(curl_, CURLOPT_HEADERDATA, &answer.headers);
    answer.code = curl_easy_perform(curl_);
    curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &answer.status);
    return answer;
  }

 private:
  static std::size_t Append(char* bytes, std::size_t size, std::size_t count, void* text) {
    static_cast<std::string*>(text)->append(bytes, size * count);
    return size * count;
  }

  CURL* curl_;
};

inline CurlAnswer CurlGet(const std::string& url, long timeout_ms = 60'000) {
  return CurlClient().Get(url, timeout_ms);
}

}  // namespace interleave

#endif  // INTERLEAVE_TESTS_NET_CURL_GET_H_
