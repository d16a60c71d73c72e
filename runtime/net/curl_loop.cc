// runtime/net/curl_loop.cc

#include "runtime/net/curl_loop.h"

#include <sys/socket.h>
#include <unistd.h>

#include <new>
#include <stdexcept>
#include <string>
#include <utility>

namespace interleave {

CurlLoop::CurlLoop(HttpOptions options)
    : loop_(EventLoop::Current()),
      inbox_(loop_.inbox()),
      options_(std::move(options)),
      connect_to_(ConnectToList(options_)),
      multi_(curl_multi_init()) {
  if (multi_ == nullptr) throw std::bad_alloc();
  if (options_.connections_per_host < 1 || options_.connections < 1) {
    throw std::invalid_argument("HttpSession: a limit of connections must be at least 1");
  }
  CURLM* multi = multi_.get();
  curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, long{options_.connections_per_host});
  curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, long{options_.connections});
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, long{options_.connections});
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, &CurlLoop::OnSocket);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, &CurlLoop::OnTimer);
  curl_multi_setopt(multi, CURLMOPT_TIMERDATA, this);
}

CurlLoop::~CurlLoop() { Close(); }

void CurlLoop::Close() {
  if (multi_ == nullptr) return;
  if (is_acting_) {
    throw std::logic_error("HttpSession::Close: called by on_progress, in the midst of a transfer");
  }
  while (!running_.empty()) running_.begin()->second->End(Running::HowItEnded::kClosed);
  multi_.reset();  // closes the connections: OnClose
  idle_.clear();
  if (loop_lives()) timer_.Cancel();
}

// libcurl says.

int CurlLoop::OnSocket(CURL*, curl_socket_t fd, int what, void* self, void*) {
  auto& curl = *static_cast<CurlLoop*>(self);
  Socket& socket = curl.sockets_[fd];
  socket.wants_read = what == CURL_POLL_IN || what == CURL_POLL_INOUT;
  socket.wants_write = what == CURL_POLL_OUT || what == CURL_POLL_INOUT;
  try {
    curl.Watch(fd, socket);
  } catch (...) {
    return -1;  // libcurl gives the transfers up
  }
  if (what == CURL_POLL_REMOVE && !socket.is_ours) curl.sockets_.erase(fd);
  return 0;
}

void CurlLoop::Watch(curl_socket_t fd, Socket& socket) {
  if (!loop_lives()) return;
  if (socket.wants_read && !socket.reads) {
    loop_.AddReader(fd, [this, fd] { OnReady(fd, CURL_CSELECT_IN); });
    socket.reads = true;
  }
  if (socket.wants_write && !socket.writes) {
    loop_.AddWriter(fd, [this, fd] { OnReady(fd, CURL_CSELECT_OUT); });
    socket.writes = true;
  }
  // A socket can nearly always be written to, so watching for that cannot be left on.
  if (!socket.wants_write && socket.writes) {
    loop_.RemoveWriter(fd);
    socket.writes = false;
  }
  const bool is_idle = !socket.wants_read && !socket.wants_write;
  if (socket.reads && !socket.wants_read && !(is_idle && socket.is_ours)) {
    loop_.RemoveReader(fd);
    socket.reads = false;
  }
}

int CurlLoop::OnTimer(CURLM*, long milliseconds, void* self) {
  auto& curl = *static_cast<CurlLoop*>(self);
  if (!curl.loop_lives()) return 0;
  curl.timer_.Cancel();
  if (milliseconds < 0) return 0;
  auto act = [&curl] { curl.Act(CURL_SOCKET_TIMEOUT, 0); };
  // Not at once: we are called by libcurl, which does not like to be called back.
  curl.timer_ = milliseconds == 0
                    ? curl.loop_.CallSoon(act)
                    : curl.loop_.CallAt(
                          EventLoop::Clock::now() + std::chrono::milliseconds(milliseconds), act);
  return 0;
}

curl_socket_t CurlLoop::OnOpen(void* self, curlsocktype, curl_sockaddr* address) {
  const int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (fd < 0) return CURL_SOCKET_BAD;
  static_cast<CurlLoop*>(self)->sockets_[fd] = {.is_ours = true};
  return fd;
}

int CurlLoop::OnClose(void* self, curl_socket_t fd) {
  auto& curl = *static_cast<CurlLoop*>(self);
  if (curl.loop_lives()) {
    curl.loop_.RemoveReader(fd);
    curl.loop_.RemoveWriter(fd);
  }
  curl.sockets_.erase(fd);
  return close(fd);
}

// The loop says.

void CurlLoop::OnReady(curl_socket_t fd, int what) {
  Socket& socket = sockets_.at(fd);
  if (what == CURL_CSELECT_IN && !socket.wants_read) {
    loop_.RemoveReader(fd);  // an idle connection that the server has closed
    socket.reads = false;
    return;
  }
  Act(fd, what);
}

void CurlLoop::Act(curl_socket_t fd, int what) {
  int still_running;
  is_acting_ = true;
  curl_multi_socket_action(multi_.get(), fd, what, &still_running);
  is_acting_ = false;
  int left;
  while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    void* transfer = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    Running& running = *static_cast<Running*>(transfer);
    running.code_ = message->data.result;
    running.End(Running::HowItEnded::kDone);
  }
}

// A request.

CurlLoop::Running::Running(std::shared_ptr<CurlLoop> curl, HttpRequest request)
    : curl_(std::move(curl)),
      number_(curl_->begun_++),
      handle_([&] {
        if (!curl_->IsOfRunningLoop()) {
          throw std::logic_error(
              "HttpSession: it belongs to another event loop than the one that runs");
        }
        if (curl_->idle_.empty()) return NewCurlHandle();
        CurlHandle handle = std::move(curl_->idle_.back());
        curl_->idle_.pop_back();
        return handle;
      }()),
      transfer_(handle_.get(), std::move(request), curl_->connect_to_.get()),
      done_(curl_->loop_) {
  if (curl_->multi_ == nullptr) transfer_.ThrowClosed();
  CURL* handle = handle_.get();
  curl_easy_setopt(handle, CURLOPT_PRIVATE, this);
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, &CurlLoop::OnOpen);
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, curl_.get());
  curl_easy_setopt(handle, CURLOPT_CLOSESOCKETFUNCTION, &CurlLoop::OnClose);
  curl_easy_setopt(handle, CURLOPT_CLOSESOCKETDATA, curl_.get());
  if (curl_multi_add_handle(curl_->multi_.get(), handle) != CURLM_OK) throw std::bad_alloc();
  curl_->running_.emplace(number_, this);
  deadline_ =
      curl_->loop_.CallLater(transfer_.request().timeout, [this] { End(HowItEnded::kTimedOut); });
}

CurlLoop::Running::~Running() {
  TakeOut();
  // Whatever went wrong, nothing of it is left in a handle that is used again. transfer_ still has
  // to clear this one, which happens before anybody can take it.
  if (how_ == HowItEnded::kDone && code_ == CURLE_OK && curl_->multi_ != nullptr) {
    curl_->idle_.push_back(std::move(handle_));
  }
}

void CurlLoop::Running::End(HowItEnded how) {
  TakeOut();
  how_ = how;
  if (!done_.done()) done_.SetResult();  // it may have been cancelled
}

void CurlLoop::Running::TakeOut() {
  if (curl_->running_.erase(number_) == 0) return;
  if (curl_->loop_lives()) deadline_.Cancel();
  curl_multi_remove_handle(curl_->multi_.get(), handle_.get());
}

HttpResponse CurlLoop::Running::Finish() {
  if (how_ == HowItEnded::kTimedOut) transfer_.ThrowTimedOut();
  if (how_ == HowItEnded::kClosed) transfer_.ThrowClosed();
  return transfer_.Finish(code_);
}

}  // namespace interleave
