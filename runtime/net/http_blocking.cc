// runtime/net/http_blocking.cc

#include "runtime/net/http_blocking.h"

#include <utility>

#include "runtime/net/green_thread.h"

namespace interleave {

BlockingHttp::BlockingHttp(HttpOptions options)
    : options_(std::move(options)), connect_to_(ConnectToList(options_)) {}

BlockingHttp::~BlockingHttp() = default;

HttpResponse BlockingHttp::Request(HttpRequest request) {
  if (OnGreenThread()) return RequestOnGreenThread(std::move(request));
  // If it throws, the handle goes with its connections.
  CurlHandle handle = TakeHandle();
  HttpResponse response;
  {
    HttpTransfer transfer(handle.get(), std::move(request), connect_to_.get());
    transfer.SetTimeOut();
    response = transfer.Finish(curl_easy_perform(handle.get()));
  }
  GiveBack(std::move(handle));
  return response;
}

HttpResponse BlockingHttp::Get(std::string url) {
  return Request(HttpRequest{.url = std::move(url)});
}

HttpResponse BlockingHttp::RequestOnGreenThread(HttpRequest request) {
  return Await(SessionOfTheLoop().Request(std::move(request)));
}

HttpSession& BlockingHttp::SessionOfTheLoop() {
  const std::lock_guard lock(mutex_);
  std::unique_ptr<HttpSession>& session = sessions_[&EventLoop::Current()];
  // There may be one of an earlier loop that was at the same place.
  if (session == nullptr || !session->IsOfRunningLoop()) {
    session = std::make_unique<HttpSession>(options_);
  }
  return *session;
}

CurlHandle BlockingHttp::TakeHandle() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return NewCurlHandle();
  CurlHandle handle = std::move(idle_.back());
  idle_.pop_back();
  return handle;
}

void BlockingHttp::GiveBack(CurlHandle handle) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(handle));
}

}  // namespace interleave
