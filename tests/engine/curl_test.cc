// tests/engine/curl_test.cc
//
// libcurl, as Debian has it, in a simulation: clients on threads, and one client with many
// transfers, against a small blocking server on further threads. Times are exact, for they are
// virtual.
#include <arpa/inet.h>
#include <curl/curl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <chrono>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "runtime/engine/explore.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;

std::string Clock() {
  auto now = std::chrono::steady_clock::now().time_since_epoch() - 1s;
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(now).count()) + "ms";
}

// Answers GET /N after N milliseconds, each connection on a thread of its own; ends after
// `connections` of them.
class Server {
 public:
  explicit Server(int connections) : listener_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(listener_, 64), 0);
    socklen_t size = sizeof address;
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, connections] {
      std::vector<std::thread> answers;
      for (int i = 0; i < connections; ++i) {
        int fd = accept(listener_, nullptr, nullptr);
        answers.emplace_back([fd] { Answer(fd); });
      }
      for (std::thread& answer : answers) answer.join();
    });
  }
  ~Server() {
    thread_.join();
    close(listener_);
  }

  std::string Url(int milliseconds, const std::string& host = "127.0.0.1") const {
    return "http://" + host + ":" + std::to_string(port_) + "/" + std::to_string(milliseconds);
  }

 private:
  static void Answer(int fd) {
    std::string request;
    char buffer[1024];
    while (request.find("\r\n\r\n") == std::string::npos) {
      ssize_t size = read(fd, buffer, sizeof buffer);
      if (size <= 0) break;
      request.append(buffer, static_cast<std::size_t>(size));
    }
    std::string delay = request.substr(5, request.find(' ', 5) - 5);
    std::this_thread::sleep_for(std::chrono::milliseconds(std::stoi(delay)));
    std::string body = "waited " + delay;
    std::string answer =
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
        "\r\n\r\n" + body;
    send(fd, answer.data(), answer.size(), MSG_NOSIGNAL);
    close(fd);
  }

  int listener_;
  int port_ = 0;
  std::thread thread_;
};

std::size_t Append(char* bytes, std::size_t size, std::size_t count, void* text) {
  static_cast<std::string*>(text)->append(bytes, size * count);
  return size * count;
}

CURL* Request(const std::string& url, std::string* body, long timeout_ms) {
  CURL* curl = curl_easy_init();
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, Append);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout_ms);
  return curl;
}

// "waited 30 at 30ms"
std::string Get(const std::string& url, long timeout_ms = 60'000) {
  std::string body;
  CURL* curl = Request(url, &body, timeout_ms);
  CURLcode code = curl_easy_perform(curl);
  curl_easy_cleanup(curl);
  return (code == CURLE_OK ? body : curl_easy_strerror(code)) + " at " + Clock();
}

class Curl : public testing::Test {
 protected:
  static void SetUpTestSuite() { curl_global_init(CURL_GLOBAL_DEFAULT); }
};

TEST_F(Curl, TenClientsOnTenThreads) {
  RunReport report = Simulate([] {
    Server server(10);
    std::string results[10];
    std::vector<std::thread> clients;
    for (int i = 0; i < 10; ++i) {
      clients.emplace_back([&, i] { results[i] = Get(server.Url(200 * (i + 1))); });
    }
    for (std::thread& client : clients) client.join();
    std::string all;
    for (const std::string& result : results) all += result + "\n";
    return all;
  });
  std::string expected;
  for (int i = 1; i <= 10; ++i) {
    expected += "waited " + std::to_string(200 * i) + " at " + std::to_string(200 * i) + "ms\n";
  }
  EXPECT_EQ(report.outcome, expected) << report.explanation;
  EXPECT_EQ(report.ended - report.began, 2s);
}

TEST_F(Curl, TimesOutInVirtualTime) {
  RunReport report = Simulate([] {
    Server server(1);
    return Get(server.Url(5000), 1500);
  });
  EXPECT_EQ(report.outcome, "Timeout was reached at 1500ms") << report.explanation;
}

// libcurl asks for addresses on a thread of its own.
TEST_F(Curl, ResolvesLocalNames) {
  RunReport report = Simulate([] {
    Server server(1);
    return Get(server.Url(30, "localhost"));
  });
  EXPECT_EQ(report.outcome, "waited 30 at 30ms") << report.explanation;
}

TEST_F(Curl, ManyTransfersOnPoll) {
  RunReport report = Simulate([] {
    Server server(5);
    CURLM* multi = curl_multi_init();
    std::string bodies[5];
    std::vector<CURL*> requests;
    for (int i = 0; i < 5; ++i) {
      requests.push_back(Request(server.Url(100 * (5 - i)), &bodies[i], 60'000));
      curl_multi_add_handle(multi, requests.back());
    }
    std::string text;
    for (int running = 5; running > 0;) {
      curl_multi_perform(multi, &running);
      int left;
      while (CURLMsg* message = curl_multi_info_read(multi, &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        for (int i = 0; i < 5; ++i) {
          if (requests[i] == message->easy_handle) text += bodies[i] + " at " + Clock() + "\n";
        }
      }
      if (running > 0) curl_multi_poll(multi, nullptr, 0, 10'000, nullptr);
    }
    for (CURL* request : requests) {
      curl_multi_remove_handle(multi, request);
      curl_easy_cleanup(request);
    }
    curl_multi_cleanup(multi);
    return text;
  });
  EXPECT_EQ(report.outcome,
            "waited 100 at 100ms\nwaited 200 at 200ms\nwaited 300 at 300ms\n"
            "waited 400 at 400ms\nwaited 500 at 500ms\n")
      << report.explanation;
}

// The multi interface on a loop of the program's own, as curl's documentation has it: libcurl says
// which sockets it wants watched and when it wants to be called at the latest.
class Loop {
 public:
  Loop() : epoll_(epoll_create1(0)), timer_(timerfd_create(CLOCK_MONOTONIC, 0)) {
    epoll_event event = {};
    event.events = EPOLLIN;
    event.data.fd = timer_;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, timer_, &event);
    multi_ = curl_multi_init();
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, OnSocket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, OnTimer);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  }
  ~Loop() {
    curl_multi_cleanup(multi_);
    close(timer_);
    close(epoll_);
  }
  CURLM* Multi() const { return multi_; }

  template <typename Done>
  void Run(int running, Done done) {
    while (running > 0) {
      epoll_event events[8];
      int count = epoll_wait(epoll_, events, 8, -1);
      for (int i = 0; i < count; ++i) {
        int fd = events[i].data.fd;
        if (fd == timer_) {
          std::uint64_t expirations;
          EXPECT_EQ(read(timer_, &expirations, 8), 8);
          curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
        } else {
          int what = (events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) |
                     (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0);
          curl_multi_socket_action(multi_, fd, what, &running);
        }
      }
      int left;
      while (CURLMsg* message = curl_multi_info_read(multi_, &left)) done(message->easy_handle);
    }
  }

 private:
  static int OnSocket(CURL*, curl_socket_t fd, int what, void* self, void*) {
    Loop& loop = *static_cast<Loop*>(self);
    epoll_event event = {};
    event.data.fd = fd;
    if (what == CURL_POLL_REMOVE) {
      loop.watched_.erase(fd);
      return epoll_ctl(loop.epoll_, EPOLL_CTL_DEL, fd, &event);
    }
    if (what & CURL_POLL_IN) event.events |= EPOLLIN;
    if (what & CURL_POLL_OUT) event.events |= EPOLLOUT;
    int operation = loop.watched_.insert(fd).second ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    return epoll_ctl(loop.epoll_, operation, fd, &event);
  }
  static int OnTimer(CURLM*, long milliseconds, void* self) {
    itimerspec value = {};
    if (milliseconds > 0) {
      value.it_value = {milliseconds / 1000, milliseconds % 1000 * 1'000'000};
    } else if (milliseconds == 0) {
      value.it_value.tv_nsec = 1;
    }
    return timerfd_settime(static_cast<Loop*>(self)->timer_, 0, &value, nullptr);
  }

  int epoll_;
  int timer_;
  CURLM* multi_;
  std::set<int> watched_;
};

TEST_F(Curl, ManyTransfersOnEpoll) {
  RunReport report = Simulate([] {
    Server server(5);
    std::string text;
    {
      Loop loop;
      std::string bodies[5];
      std::vector<CURL*> requests;
      for (int i = 0; i < 5; ++i) {
        requests.push_back(Request(server.Url(100 * (5 - i)), &bodies[i], i == 0 ? 450 : 60'000));
        curl_multi_add_handle(loop.Multi(), requests.back());
      }
      loop.Run(5, [&](CURL* done) {
        for (int i = 0; i < 5; ++i) {
          if (requests[i] == done) text += "\"" + bodies[i] + "\" at " + Clock() + "\n";
        }
      });
      for (CURL* request : requests) {
        curl_multi_remove_handle(loop.Multi(), request);
        curl_easy_cleanup(request);
      }
    }
    return text;
  });
  EXPECT_EQ(report.outcome,
            "\"waited 100\" at 100ms\n\"waited 200\" at 200ms\n\"waited 300\" at 300ms\n"
            "\"waited 400\" at 400ms\n\"\" at 450ms\n")
      << report.explanation;
}

TEST_F(Curl, IsTheSameInEveryRun) {
  SimulateOptions options;
  options.random = true;
  std::set<std::string> schedules;
  for (int i = 0; i < 20; ++i) {
    RunReport report = Simulate(
        [] {
          Server server(3);
          std::string results[3];
          std::vector<std::thread> clients;
          for (int i = 0; i < 3; ++i) {
            clients.emplace_back([&, i] { results[i] = Get(server.Url(10 * (i + 1))); });
          }
          for (std::thread& client : clients) client.join();
          return results[0] + ", " + results[1] + ", " + results[2];
        },
        options);
    EXPECT_EQ(report.outcome, "waited 10 at 10ms, waited 20 at 20ms, waited 30 at 30ms");
    schedules.insert(report.schedule);
  }
  EXPECT_EQ(schedules.size(), 1u);
}

}  // namespace
}  // namespace interleave
