// tests/net/http_virtual_time_test.cc
//
// The HTTP clients in a simulation: real bytes over real sockets, libcurl as Debian has it, and
// times that are exact because they are virtual.

#include <gtest/gtest.h>

#include <chrono>
#include <exception>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "runtime/async/event_loop.h"
#include "runtime/async/gather.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/timeout.h"
#include "runtime/engine/explore.h"
#include "runtime/net/http_blocking.h"
#include "runtime/net/http_session.h"
#include "tests/net/raw_server.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;

std::string Outcome(const Body& body) {
  const RunReport report = Simulate(body);
  return report.ending == Ending::kReturned ? report.outcome : report.explanation;
}

// What happens when, in milliseconds.
class Log {
 public:
  void Add(const std::string& word) {
    const auto now = EventLoop::Clock::now() - start_;
    text_ << word << "@" << std::chrono::duration<double, std::milli>(now).count() << " ";
  }
  std::string text() const { return text_.str(); }

 private:
  const EventLoop::TimePoint start_ = EventLoop::Clock::now();
  std::ostringstream text_;
};

// Answers GET /N after N milliseconds.
void AnswerLater(Peer& peer) {
  for (std::string request; !(request = peer.Request()).empty();) {
    const std::string path = PathOf(request);
    std::this_thread::sleep_for(std::chrono::milliseconds(std::stoi(path.substr(1))));
    if (!peer.Answer(path)) return;
  }
}

Task<void> Fetch(HttpSession& session, Log& log, HttpRequest request) {
  try {
    const HttpResponse response = co_await session.Request(std::move(request));
    log.Add(response.body);
  } catch (const HttpError& error) {
    log.Add(error.what());
  }
}

Task<void> FetchAll(HttpOptions options, Log& log, std::vector<HttpRequest> requests) {
  HttpSession session(std::move(options));
  std::vector<Task<void>> tasks;
  for (HttpRequest& request : requests) tasks.push_back(Fetch(session, log, std::move(request)));
  co_await Gather(std::move(tasks));
}

HttpRequest Asking(const std::string& path, std::chrono::nanoseconds timeout = 5min) {
  return {.url = "http://course.test" + path, .timeout = timeout};
}

TEST(HttpVirtualTime, AnswersComeWhenTheyAreDue) {
  EXPECT_EQ(Outcome([] {
              Log log;
              RawServer server(AnswerLater);
              interleave::Run(FetchAll({.connect_to = {{"course.test", server.endpoint()}}}, log,
                                       {Asking("/250"), Asking("/80"), Asking("/3600000", 3h),
                                        Asking("/81"), Asking("/0")}));
              return log.text();
            }),
            "/0@0 /80@80 /81@81 /250@250 /3600000@3.6e+06 ");
}

TEST(HttpVirtualTime, WhoFindsNoFreeConnectionWaitsForOne) {
  EXPECT_EQ(
      Outcome([] {
        Log log;
        RawServer server(AnswerLater);
        interleave::Run(FetchAll(
            {.connect_to = {{"course.test", server.endpoint()}}, .connections_per_host = 2}, log,
            {Asking("/100"), Asking("/150"), Asking("/101"), Asking("/102"), Asking("/103")}));
        return log.text() + std::to_string(server.connections());
      }),
      "/100@100 /150@150 /101@201 /102@252 /103@304 2");
}

TEST(HttpVirtualTime, TheTimeOutIsTotalWaitingForAConnectionIncluded) {
  EXPECT_EQ(Outcome([] {
              Log log;
              RawServer server(AnswerLater);
              interleave::Run(FetchAll(
                  {.connect_to = {{"course.test", server.endpoint()}}, .connections_per_host = 1},
                  log, {Asking("/1000"), Asking("/1", 300ms), Asking("/2")}));
              return log.text();
            }),
            "GET http://course.test/1: no complete answer within 0.3 s, there was no connection "
            "yet@300 /1000@1000 /2@1002 ");
}

TEST(HttpVirtualTime, WaitingForAConnectionIsNotConnecting) {
  EXPECT_EQ(Outcome([] {
              Log log;
              RawServer server([](Peer& peer) {
                if (peer.Request().empty()) return;
                std::this_thread::sleep_for(60s);
                peer.Answer("a minute", "200 OK", "Connection: close\r\n");
              });
              interleave::Run(FetchAll(
                  {.connect_to = {{"course.test", server.endpoint()}}, .connections_per_host = 1},
                  log, {Asking("/"), Asking("/"), Asking("/")}));
              return log.text() + std::to_string(server.connections());
            }),
            "a minute@60000 a minute@120000 a minute@180000 3");
}

}  // namespace
}  // namespace interleave
