// tests/net/http_session_test.cc
//
// The session for real, against a small server of the test's own.

#include "runtime/net/http_session.h"

#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "runtime/async/async_event.h"
#include "runtime/async/event_loop.h"
#include "runtime/async/gather.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "tests/net/raw_server.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;

// Answers each request of a connection with its path.
void AnswerPaths(Peer& peer) {
  for (std::string request; !(request = peer.Request()).empty();) {
    if (!peer.Answer(PathOf(request))) return;
  }
}

TEST(HttpSession, GetGivesStatusHeadersAndBody) {
  RawServer server([](Peer& peer) {
    peer.Request();
    peer.Answer("{\"name\": \"Ada\", \"id\": 1}", "200 OK",
                "Content-Type: application/json\r\nX-Empty:\r\n");
  });
  interleave::Run([](RawServer& server) -> Task<void> {
    HttpSession session;
    const HttpResponse response = co_await session.Get(server.Url("/1"));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.Text(), "<Response [200]>");
    EXPECT_EQ(response.url, server.Url("/1"));
    EXPECT_EQ(response.Header("content-type"), "application/json");
    EXPECT_EQ(response.Header("x-empty"), "");
    EXPECT_EQ(response.Header("nothing"), std::nullopt);
    EXPECT_EQ(response.Json()["name"], "Ada");
    EXPECT_EQ(response.Json().dump(), "{\"name\":\"Ada\",\"id\":1}");
    EXPECT_GT(response.elapsed, 0ns);
  }(server));
}

TEST(HttpSession, ABodyThatIsNoJson) {
  RawServer server([](Peer& peer) {
    peer.Request();
    peer.Answer("<h1>Internal Server Error</h1>\n<p>It is not your fault, it is ours.",
                "500 Internal Server Error");
  });
  interleave::Run([](RawServer& server) -> Task<void> {
    HttpSession session;
    const HttpResponse response = co_await session.Get(server.Url("/x"));
    try {
      response.Json();
      ADD_FAILURE() << "that is HTML";
    } catch (const HttpBadJson& error) {
      EXPECT_EQ(std::string(error.what()), server.Url("/x") +
                                               ": the answer, with status 500, is no JSON: "
                                               "'<h1>Internal Server Error</h1>?<p>It is ...'");
    }
  }(server));
}

TEST(HttpSession, AConnectionIsUsedAgain) {
  RawServer server(AnswerPaths);
  interleave::Run([](RawServer& server) -> Task<void> {
    HttpSession session;
    for (int i = 0; i < 5; ++i) {
      const HttpResponse response = co_await session.Get(server.Url("/" + std::to_string(i)));
      EXPECT_EQ(response.body, "/" + std::to_string(i));
    }
  }(server));
  EXPECT_EQ(server.connections(), 1);
}

TEST(HttpSession, ConnectToLeavesTheUrlAndTheHostAsTheyAre) {
  RawServer server([](Peer& peer) { peer.Answer(peer.Request()); });
  interleave::Run([](RawServer& server) -> Task<void> {
    HttpSession session({.connect_to = {{"course.test", server.endpoint()}}});
    const HttpResponse response = co_await session.Get("http://course.test/x");
    EXPECT_EQ(response.body, "GET /x HTTP/1.1\r\nHost: course.test\r\nAccept: */*\r\n\r\n");
    EXPECT_EQ(response.url, "http://course.test/x");
  }(server));
}

TEST(HttpSession, ManyAtOnceKeepTheirAnswersApart) {
  RawServer server(AnswerPaths);
  interleave::Run([](RawServer& server) -> Task<void> {
    HttpSession session({.connections_per_host = 7});
    std::vector<Task<HttpResponse>> requests;
    for (int i = 0; i < 100; ++i) {
      requests.push_back(session.Get(server.Url("/" + std::to_string(i))));
    }
    const std::vector<HttpResponse> responses = co_await Gather(std::move(requests));
    for (int i = 0; i < 100; ++i) EXPECT_EQ(responses[i].body, "/" + std::to_string(i));
    EXPECT_EQ(session.in_flight(), 0u);
  }(server));
  EXPECT_EQ(server.connections(), 7);
}

TEST(HttpSession, CloseEndsRequestsInTheOrderInWhichTheyBegan) {
  RawServer server([](Peer& peer) { peer.Request(); });
  interleave::Run([](RawServer& server) -> Task<void> {
    HttpSession session;
    std::vector<int> ended, began;
    std::vector<Task<void>> requests;
    const auto request = [&](int number) -> Task<void> {
      try {
        co_await session.Get(server.Url("/"));
      } catch (const HttpSessionClosed&) {
        ended.push_back(number);
      }
    };
    for (int i = 0; i < 20; ++i) {
      began.push_back(i);
      requests.push_back(request(i));
    }
    AsyncFuture<void> all = Gather(std::move(requests));
    co_await SleepFor(0ms);  // now each of them has begun
    session.Close();
    co_await all;
    EXPECT_EQ(ended, began);
  }(server));
}

}  // namespace
}  // namespace interleave
