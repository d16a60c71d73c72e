// runtime/net/curl_loop.h
//
// libcurl's multi interface on an event loop: the part of a session (http_session.h) that speaks
// with libcurl. It is a matter of four calls:
//
//   libcurl says:  OnSocket(fd, what)       watch fd for reading or writing, or no longer
//                  OnTimer(milliseconds)    call me then at the latest
//   the loop says: curl_multi_socket_action(fd)                   fd is ready
//                  curl_multi_socket_action(CURL_SOCKET_TIMEOUT)  the time has come
//
// After each of the latter libcurl is asked which transfers are done.
//
// Between two requests libcurl wants a connection watched no longer, and a moment later watched
// again. Doing as it says would be two system calls a request, so an idle connection stays watched
// until it really becomes readable, which means that the server has closed it. For that we have to
// know when a descriptor is closed, and know it only of those that were opened here (OnOpen,
// OnClose); for others, such as a pipe from the thread that looks up names, libcurl's word is done
// at once.
//
// Threads: the loop's.

#ifndef INTERLEAVE_RUNTIME_NET_CURL_LOOP_H_
#define INTERLEAVE_RUNTIME_NET_CURL_LOOP_H_

#include <curl/curl.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "runtime/async/async_future.h"
#include "runtime/async/event_loop.h"
#include "runtime/net/http_transfer.h"

namespace interleave {

class CurlLoop {
 public:
  class Running;

  explicit CurlLoop(HttpOptions options);
  ~CurlLoop();
  CurlLoop(const CurlLoop&) = delete;
  CurlLoop& operator=(const CurlLoop&) = delete;

  void Close();
  std::size_t in_flight() const { return running_.size(); }
  bool IsOfRunningLoop() const { return EventLoop::Running() == &loop_ && loop_lives(); }

 private:
  struct CurlMultiDeleter {
    void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
  };
  struct Socket {
    bool is_ours = false;                          // opened by OnOpen, so OnClose will tell
    bool wants_read = false, wants_write = false;  // libcurl
    bool reads = false, writes = false;            // watched by the loop
  };

  static int OnSocket(CURL* handle, curl_socket_t fd, int what, void* self, void*);
  static int OnTimer(CURLM* multi, long milliseconds, void* self);
  static curl_socket_t OnOpen(void* self, curlsocktype purpose, curl_sockaddr* address);
  static int OnClose(void* self, curl_socket_t fd);

  void Watch(curl_socket_t fd, Socket& socket);
  void OnReady(curl_socket_t fd, int what);
  void Act(curl_socket_t fd, int what);
  bool loop_lives() const { return EventLoop::IsAlive(&loop_) && loop_.inbox() == inbox_; }

  EventLoop& loop_;
  const std::shared_ptr<LoopInbox> inbox_;  // by which loop_ is known from a later one at its place
  const HttpOptions options_;
  const CurlList connect_to_;
  std::map<curl_socket_t, Socket> sockets_;
  Handle timer_;
  std::unique_ptr<CURLM, CurlMultiDeleter> multi_;  // null once closed; after what it calls back to
  std::vector<CurlHandle> idle_;                    // handles for the next requests
  std::map<std::uint64_t, Running*> running_;       // by number: Close ends the oldest first
  std::uint64_t begun_ = 0;
  bool is_acting_ = false;  // within curl_multi_socket_action
};

// A request under way. It lives in the frame of the coroutine that waits for it, and its destructor
// takes it out of libcurl's hands: so cancelling the task ends the transfer.
class CurlLoop::Running {
 public:
  enum class HowItEnded { kNotYet, kDone, kTimedOut, kClosed };

  Running(std::shared_ptr<CurlLoop> curl, HttpRequest request);
  ~Running();
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  // Done when libcurl is done with it, the time is over, or the session was closed.
  const AsyncFuture<void>& done() const { return done_; }
  // REQUIRES: done.
  HttpResponse Finish();

 private:
  friend class CurlLoop;
  void End(HowItEnded how);
  void TakeOut();

  const std::shared_ptr<CurlLoop> curl_;
  const std::uint64_t number_;
  CurlHandle handle_;
  HttpTransfer transfer_;
  AsyncFuture<void> done_;
  // libcurl's own time-out of the whole would not expire while a request waits for a connection.
  Handle deadline_;
  HowItEnded how_ = HowItEnded::kNotYet;
  CURLcode code_ = CURLE_OK;  // of kDone
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_NET_CURL_LOOP_H_
