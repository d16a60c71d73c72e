// What a request costs, beside a bare loop on libcurl.
//
//   bazel run //tests/bench:http_bench -- --benchmark_enable_random_interleaving
//
//   Coroutines       a hundred coroutines on an HttpSession
//   GreenThreads     the same with a hundred green threads and BlockingHttp
//   BareMultiSocket  curl_multi_socket_action on an epoll of our own, the body thrown away
//   BareMultiPoll    curl_multi_poll, the same
//   BareEpoll        no libcurl: what a request costs at least
//
// Each is 20,000 GETs of a small body, a hundred of them in flight, on connections that stand. The
// server is a child process that answers from an epoll loop without reading closely; it and the
// client have a processor each, if there are two. The bare clients make each handle once, for one
// URL; the session takes any request, and gives out status, headers and body.
#include <arpa/inet.h>
#include <benchmark/benchmark.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "runtime/async/run.h"
#include "runtime/async/spawn.h"
#include "runtime/net/green_thread.h"
#include "runtime/net/http_blocking.h"
#include "runtime/net/http_session.h"

namespace {

using interleave::BlockingHttp;
using interleave::HttpOptions;
using interleave::HttpResponse;
using interleave::HttpSession;
using interleave::Runner;
using interleave::Spawn;
using interleave::SpawnGreen;
using interleave::Task;
using interleave::TaskHandle;

constexpr int kRequests = 20'000;
constexpr int kInFlight = 100;

[[noreturn]] void Fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

void RunOnProcessor(int number) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(number, &set);
  sched_setaffinity(0, sizeof set, &set);  // without it there is more noise, no more
}

// ---- The server: as many answers as there were ends of heads in what came.

[[noreturn]] void Serve(int listener) {
  const std::string answer =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 25\r\n\r\n"
      "{\"id\": 1, \"name\": \"Ada\"}\n";
  const int epoll = epoll_create1(0);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = listener;
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
  for (;;) {
    epoll_event ready[128];
    const int count = epoll_wait(epoll, ready, 128, -1);
    for (int i = 0; i < count; ++i) {
      if (ready[i].data.fd == listener) {
        event.data.fd = accept(listener, nullptr, nullptr);
        const int one = 1;
        setsockopt(event.data.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        epoll_ctl(epoll, EPOLL_CTL_ADD, event.data.fd, &event);
        continue;
      }
      char request[4096];
      const ssize_t size = recv(ready[i].data.fd, request, sizeof request, 0);
      if (size <= 0) {
        close(ready[i].data.fd);
      } else if (memcmp(request + size - 4, "\r\n\r\n", 4) == 0) {
        send(ready[i].data.fd, answer.data(), answer.size(), MSG_NOSIGNAL);
      }
    }
  }
}

// Forks the server, once; it ends with this process.
sockaddr_in ServerAddress() {
  static const sockaddr_in address = [] {
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        listen(listener, 128) != 0 ||
        getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      Fail("a server's socket");
    }
    const pid_t child = fork();
    if (child < 0) Fail("fork");
    if (child == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      RunOnProcessor(1);
      Serve(listener);
    }
    close(listener);
    RunOnProcessor(0);
    return address;
  }();
  return address;
}

std::string ServerUrl() {
  return "http://127.0.0.1:" + std::to_string(ntohs(ServerAddress().sin_port)) + "/api/character/1";
}

// ---- Coroutines.

Task<void> Worker(HttpSession& session, const std::string& url, int& left) {
  while (left > 0) {
    --left;
    const HttpResponse response = co_await session.Get(url);
    if (response.status != 200 || response.body.size() != 25) std::abort();
  }
}

Task<void> AllWorkers(HttpSession& session, const std::string& url, int left) {
  std::vector<TaskHandle<void>> workers;
  for (int i = 0; i < kInFlight; ++i) workers.push_back(Spawn(Worker(session, url, left)));
  for (TaskHandle<void>& worker : workers) co_await worker;
}

Task<std::unique_ptr<HttpSession>> MakeSession() {
  co_return std::make_unique<HttpSession>(HttpOptions{.connections_per_host = kInFlight});
}

void Coroutines(benchmark::State& state) {
  const std::string url = ServerUrl();
  Runner runner;
  const std::unique_ptr<HttpSession> session = runner.Run(MakeSession());
  runner.Run(AllWorkers(*session, url, 1000));  // the connections stand
  for (auto _ : state) runner.Run(AllWorkers(*session, url, kRequests));
  state.SetItemsProcessed(state.iterations() * kRequests);
}

// ---- Green threads, in the blocking style.

void GreenWorker(BlockingHttp& http, const std::string& url, int& left) {
  while (left > 0) {
    --left;
    const HttpResponse response = http.Get(url);
    if (response.status != 200 || response.body.size() != 25) std::abort();
  }
}

Task<void> AllGreenWorkers(BlockingHttp& http, const std::string& url, int left) {
  std::vector<TaskHandle<void>> workers;
  for (int i = 0; i < kInFlight; ++i) {
    workers.push_back(SpawnGreen([&] { GreenWorker(http, url, left); }));
  }
  for (TaskHandle<void>& worker : workers) co_await worker;
}

void GreenThreads(benchmark::State& state) {
  const std::string url = ServerUrl();
  BlockingHttp http({.connections_per_host = kInFlight});
  Runner runner;
  runner.Run(AllGreenWorkers(http, url, 1000));
  for (auto _ : state) runner.Run(AllGreenWorkers(http, url, kRequests));
  state.SetItemsProcessed(state.iterations() * kRequests);
}

// ---- libcurl by hand.

std::size_t Discard(char*, std::size_t size, std::size_t count, void*) { return size * count; }

class BareMulti {
 public:
  explicit BareMulti(bool sockets)
      : sockets_(sockets), epoll_(epoll_create1(0)), multi_(curl_multi_init()), url_(ServerUrl()) {
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, 200L);
    curl_multi_setopt(multi_, CURLMOPT_PIPELINING, 0L);
    if (sockets) {
      curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, OnSocket);
      curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
      curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, OnTimer);
      curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
    }
  }
  ~BareMulti() {
    for (CURL* handle : idle_) curl_easy_cleanup(handle);
    curl_multi_cleanup(multi_);
    close(epoll_);
  }

  void Run(int requests) {
    int left = requests, to_start = requests, running = 0;
    for (int i = 0; i < kInFlight; ++i, --to_start) curl_multi_add_handle(multi_, TakeHandle());
    while (left > 0) {
      if (sockets_) {
        Wait();
      } else {
        curl_multi_perform(multi_, &running);
      }
      Reap(left, to_start);
      if (!sockets_ && left > 0) curl_multi_poll(multi_, nullptr, 0, 1000, nullptr);
    }
  }

 private:
  static int OnSocket(CURL*, curl_socket_t fd, int what, void* self, void* known) {
    auto& bare = *static_cast<BareMulti*>(self);
    epoll_event event{};
    event.data.fd = fd;
    if (what == CURL_POLL_REMOVE) {
      epoll_ctl(bare.epoll_, EPOLL_CTL_DEL, fd, nullptr);
      curl_multi_assign(bare.multi_, fd, nullptr);
      return 0;
    }
    event.events = (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
    epoll_ctl(bare.epoll_, known != nullptr ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
    curl_multi_assign(bare.multi_, fd, self);
    return 0;
  }
  static int OnTimer(CURLM*, long milliseconds, void* self) {
    static_cast<BareMulti*>(self)->timeout_ = static_cast<int>(milliseconds);
    return 0;
  }

  CURL* TakeHandle() {
    if (!idle_.empty()) {
      CURL* handle = idle_.back();
      idle_.pop_back();
      return handle;
    }
    CURL* handle = curl_easy_init();
    curl_easy_setopt(handle, CURLOPT_URL, url_.c_str());
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, Discard);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_NOPROXY, "*");
    return handle;
  }

  void Wait() {
    int running;
    epoll_event ready[128];
    const int count = epoll_wait(epoll_, ready, 128, timeout_ < 0 ? 1000 : timeout_);
    if (count == 0 || timeout_ == 0) {
      timeout_ = -1;
      curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    for (int i = 0; i < count; ++i) {
      const int what = ((ready[i].events & (EPOLLIN | EPOLLHUP)) != 0 ? CURL_CSELECT_IN : 0) |
                       ((ready[i].events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0);
      curl_multi_socket_action(multi_, ready[i].data.fd, what, &running);
    }
  }

  void Reap(int& left, int& to_start) {
    int queued;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &queued)) {
      CURL* handle = message->easy_handle;
      long status = 0;
      curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
      if (message->data.result != CURLE_OK || status != 200) std::abort();
      curl_multi_remove_handle(multi_, handle);
      idle_.push_back(handle);
      --left;
      if (to_start == 0) continue;
      --to_start;
      curl_multi_add_handle(multi_, TakeHandle());
    }
  }

  const bool sockets_;
  const int epoll_;
  CURLM* const multi_;
  const std::string url_;
  int timeout_ = -1;
  std::vector<CURL*> idle_;
};

void RunBareMulti(benchmark::State& state, bool sockets) {
  BareMulti bare(sockets);
  bare.Run(1000);
  for (auto _ : state) bare.Run(kRequests);
  state.SetItemsProcessed(state.iterations() * kRequests);
}
void BareMultiSocket(benchmark::State& state) { RunBareMulti(state, true); }
void BareMultiPoll(benchmark::State& state) { RunBareMulti(state, false); }

// ---- Two system calls a request.

void BareEpoll(benchmark::State& state) {
  const sockaddr_in address = ServerAddress();
  const std::string request = "GET /api/character/1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
  const int epoll = epoll_create1(0);
  std::vector<int> connections;
  for (int i = 0; i < kInFlight; ++i) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(event.data.fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      Fail("connect");
    }
    const int one = 1;
    setsockopt(event.data.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    epoll_ctl(epoll, EPOLL_CTL_ADD, event.data.fd, &event);
    connections.push_back(event.data.fd);
  }
  for (auto _ : state) {
    int left = kRequests, to_start = kRequests - kInFlight;
    for (const int fd : connections) send(fd, request.data(), request.size(), MSG_NOSIGNAL);
    while (left > 0) {
      epoll_event ready[128];
      const int count = epoll_wait(epoll, ready, 128, 1000);
      for (int i = 0; i < count; ++i) {
        char answer[4096];
        const ssize_t size = recv(ready[i].data.fd, answer, sizeof answer, 0);
        if (size < 12 || memcmp(answer, "HTTP/1.1 200", 12) != 0) std::abort();
        --left;
        if (to_start == 0) continue;
        --to_start;
        send(ready[i].data.fd, request.data(), request.size(), MSG_NOSIGNAL);
      }
    }
  }
  for (const int fd : connections) close(fd);
  close(epoll);
  state.SetItemsProcessed(state.iterations() * kRequests);
}

BENCHMARK(Coroutines)->Unit(benchmark::kMillisecond);
BENCHMARK(GreenThreads)->Unit(benchmark::kMillisecond);
BENCHMARK(BareMultiSocket)->Unit(benchmark::kMillisecond);
BENCHMARK(BareMultiPoll)->Unit(benchmark::kMillisecond);
BENCHMARK(BareEpoll)->Unit(benchmark::kMillisecond);

}  // namespace
