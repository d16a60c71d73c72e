// runtime/net/http_session.cc

#include "runtime/net/http_session.h"

#include <utility>

#include "runtime/net/curl_loop.h"

namespace interleave {

HttpSession::HttpSession(HttpOptions options)
    : curl_(std::make_shared<CurlLoop>(std::move(options))) {}

HttpSession::~HttpSession() { Close(); }

namespace {

Task<HttpResponse> Carry(std::shared_ptr<CurlLoop> curl, HttpRequest request) {
  CurlLoop::Running running(std::move(curl), std::move(request));
  co_await running.done();
  co_return running.Finish();
}

}  // namespace

Task<HttpResponse> HttpSession::Request(HttpRequest request) {
  return Carry(curl_, std::move(request));
}

Task<HttpResponse> HttpSession::Get(std::string url) {
  return Request(HttpRequest{.url = std::move(url)});
}

void HttpSession::Close() { curl_->Close(); }

bool HttpSession::IsOfRunningLoop() const { return curl_->IsOfRunningLoop(); }

std::size_t HttpSession::in_flight() const { return curl_->in_flight(); }

}  // namespace interleave
