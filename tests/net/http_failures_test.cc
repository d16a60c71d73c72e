// tests/net/http_failures_test.cc
//
// What the other side can do to a client: each is an exception that names the URL and says what
// happened, requests to others go on, and nothing is left open. For real, with both clients.

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "runtime/async/gather.h"
#include "runtime/async/run.h"
#include "runtime/net/http_blocking.h"
#include "runtime/net/http_session.h"
#include "tests/net/raw_server.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;

void AnswerPaths(Peer& peer) {
  for (std::string request; !(request = peer.Request()).empty();) {
    if (!peer.Answer(PathOf(request))) return;
  }
}

Task<std::string> BodyOf(HttpSession& session, std::string url) {
  const HttpResponse response = co_await session.Get(url);
  co_return response.body;
}

// The failing request between two that succeed, and one more on the same client when it has
// failed. What is asked for is bad.test.
Task<void> AskSession(HttpOptions options, HttpRequest request,
                      std::function<void(const HttpResponse&)> look) {
  HttpSession session(std::move(options));
  TaskHandle<std::string> before = Spawn(BodyOf(session, "http://good.test/before"));
  TaskHandle<HttpResponse> asked = Spawn(session.Request(std::move(request)));
  TaskHandle<std::string> beside = Spawn(BodyOf(session, "http://good.test/beside"));
  EXPECT_EQ(co_await before, "/before");
  EXPECT_EQ(co_await beside, "/beside");
  std::exception_ptr error;
  try {
    look(co_await asked);
  } catch (...) {
    error = std::current_exception();
  }
  EXPECT_EQ(co_await BodyOf(session, "http://good.test/after"), "/after");
  EXPECT_EQ(session.in_flight(), 0u);
  if (error != nullptr) std::rethrow_exception(error);
}

void AskBlocking(HttpOptions options, HttpRequest request,
                 std::function<void(const HttpResponse&)> look) {
  BlockingHttp http(std::move(options));
  std::thread beside([&] { EXPECT_EQ(http.Get("http://good.test/beside").body, "/beside"); });
  std::exception_ptr error;
  try {
    look(http.Request(std::move(request)));
  } catch (...) {
    error = std::current_exception();
  }
  beside.join();
  EXPECT_EQ(http.Get("http://good.test/after").body, "/after");
  if (error != nullptr) std::rethrow_exception(error);
}

class HttpFailures : public testing::TestWithParam<const char*> {
 protected:
  void Ask(
      Endpoint bad, HttpRequest request,
      std::function<void(const HttpResponse&)> look = [](const HttpResponse&) {}) {
    RawServer good(AnswerPaths);
    HttpOptions options{.connect_to = {{"bad.test", bad}, {"good.test", good.endpoint()}}};
    if (std::string(GetParam()) == "Session") {
      Run(AskSession(std::move(options), std::move(request), std::move(look)));
    } else {
      AskBlocking(std::move(options), std::move(request), std::move(look));
    }
  }

  // The words that follow "GET http://bad.test/x" in what is thrown, which must be an Error.
  template <typename Error>
  std::string Words(Endpoint bad, HttpRequest request) {
    const std::string what = "GET " + request.url;
    try {
      Ask(bad, std::move(request));
    } catch (const HttpError& error) {
      const std::string words = error.what();
      if (dynamic_cast<const Error*>(&error) == nullptr) return "another kind of error: " + words;
      EXPECT_EQ(words.substr(0, what.size()), what);
      return words.substr(std::min(what.size(), words.size()));
    }
    return "nothing was thrown";
  }
  template <typename Error>
  std::string Words(RawServer::Handler handler,
                    HttpRequest request = {.url = "http://bad.test/x"}) {
    const int before = OpenDescriptors();
    std::string words;
    {
      RawServer server(std::move(handler));
      words = Words<Error>(server.endpoint(), std::move(request));
    }
    EXPECT_EQ(OpenDescriptors(), before);
    return words;
  }

 private:
  static void Run(Task<void> task) { interleave::Run(std::move(task)); }
};

INSTANTIATE_TEST_SUITE_P(Of, HttpFailures, testing::Values("Session", "Blocking"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(HttpFailures, Refused) {
  const int before = OpenDescriptors();
  EXPECT_EQ(Words<HttpConnectError>({"127.0.0.1", FreePort()}, {.url = "http://bad.test/x"}),
            ": cannot connect: Connection refused");
  EXPECT_EQ(OpenDescriptors(), before);
}

TEST_P(HttpFailures, ResetInTheMidst) {
  EXPECT_EQ(Words<HttpConnectionLost>([](Peer& peer) {
              peer.Request();
              peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + std::string(100, 'x'));
              peer.Reset();
            }),
            ": the connection was lost: Connection reset by peer, 100 bytes of 1000 had come");
}

TEST_P(HttpFailures, ResetBeforeTheAnswer) {
  EXPECT_EQ(Words<HttpConnectionLost>([](Peer& peer) {
              peer.Request();
              peer.Reset();
            }),
            ": the connection was lost: Connection reset by peer, nothing had come");
}

TEST_P(HttpFailures, ClosedWithoutAnAnswer) {
  EXPECT_EQ(Words<HttpConnectionLost>([](Peer& peer) { peer.Request(); }),
            ": the connection was closed, nothing had come");
}

TEST_P(HttpFailures, FewerBytesThanAnnounced) {
  EXPECT_EQ(Words<HttpConnectionLost>([](Peer& peer) {
              peer.Request();
              peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort");
            }),
            ": the connection was closed, 5 bytes of 100 had come");
}

TEST_P(HttpFailures, ChunksWithoutAnEnd) {
  EXPECT_EQ(Words<HttpConnectionLost>([](Peer& peer) {
              peer.Request();
              peer.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n");
            }),
            ": the connection was closed, 5 bytes had come");
}

TEST_P(HttpFailures, MoreBytesThanAnnouncedAreNotForTheNextRequest) {
  RawServer server([](Peer& peer) {
    while (!peer.Request().empty()) {
      peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbodyHTTP/1.1 500 No\r\n\r\n");
    }
  });
  for (int i = 0; i < 2; ++i) {
    Ask(server.endpoint(), {.url = "http://bad.test/x"}, [](const HttpResponse& response) {
      EXPECT_EQ(response.status, 200);
      EXPECT_EQ(response.body, "body");
    });
  }
}

TEST_P(HttpFailures, NoHttpAtAll) {
  EXPECT_EQ(Words<HttpBadAnswer>([](Peer& peer) {
              peer.Request();
              peer.Send("220 mail.test ready for mail\r\n");
            }),
            ": what the server sent is no HTTP");
}

TEST_P(HttpFailures, HeadersWithoutAnEnd) {
  EXPECT_EQ(Words<HttpTooLarge>([](Peer& peer) {
              peer.Request();
              peer.Send("HTTP/1.1 200 OK\r\n");
              while (peer.Send("X-More: " + std::string(1000, 'x') + "\r\n")) {
              }
            }),
            ": the headers have more than 262144 bytes");
}

// How far it had come depends on the machine here; in a simulation it does not
// (http_virtual_time_test).
constexpr char kTooLate[] = ": no complete answer within 0.1 s, ";

TEST_P(HttpFailures, StalledBeforeTheAnswer) {
  const std::string words = Words<HttpTimedOut>(
      [](Peer& peer) {
        peer.Request();
        peer.Stall();
      },
      {.url = "http://bad.test/x", .timeout = 100ms});
  EXPECT_TRUE(words.starts_with(kTooLate)) << words;
}

TEST_P(HttpFailures, StalledInTheMidst) {
  const std::string words = Words<HttpTimedOut>(
      [](Peer& peer) {
        peer.Request();
        peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbegin");
        peer.Stall();
      },
      {.url = "http://bad.test/x", .timeout = 100ms});
  EXPECT_TRUE(words.starts_with(kTooLate)) << words;
}

TEST_P(HttpFailures, ADripIsNoReasonToWaitLonger) {
  const std::string words = Words<HttpTimedOut>(
      [](Peer& peer) {
        peer.Request();
        peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
        while (peer.Send(".")) std::this_thread::sleep_for(1ms);
      },
      {.url = "http://bad.test/x", .timeout = 100ms});
  EXPECT_TRUE(words.starts_with(kTooLate)) << words;
}

// Unscaled it would take longer than a test may.
TEST_P(HttpFailures, ATimeOutIsScaledAsTheDelaysOfLoopsAre) {
  EventLoop::SetTimeScale(0.01);
  const std::string words = Words<HttpTimedOut>(
      [](Peer& peer) {
        peer.Request();
        peer.Stall();
      },
      {.url = "http://bad.test/x", .timeout = 100s});
  EventLoop::SetTimeScale(1);
  EXPECT_TRUE(words.starts_with(": no complete answer within 100 s, ")) << words;
}

TEST_P(HttpFailures, RedirectsInACircle) {
  std::atomic<int> requests = 0;
  EXPECT_EQ(Words<HttpTooManyRedirects>(
                [&](Peer& peer) {
                  while (!peer.Request().empty()) {
                    ++requests;
                    peer.Answer("", "302 Found", "Location: /x\r\n");
                  }
                },
                {.url = "http://bad.test/x", .max_redirects = 5}),
            " (redirected to http://bad.test/x): more than 5 redirects");
  EXPECT_EQ(requests, 6);
}

TEST_P(HttpFailures, ARedirectToAFileIsNotFollowed) {
  EXPECT_EQ(Words<HttpBadUrl>([](Peer& peer) {
              peer.Request();
              peer.Answer("", "302 Found", "Location: file:///etc/hostname\r\n");
            }),
            " (redirected to file:///etc/hostname): that is no URL of http:// or https://");
}

TEST_P(HttpFailures, AGigabyteWhereAMegabyteIsAllowed) {
  std::atomic<long> sent = 0;
  EXPECT_EQ(Words<HttpTooLarge>(
                [&](Peer& peer) {
                  peer.Request();
                  peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n");
                  const std::string megabyte(1 << 20, 'x');
                  while (sent < 1024 && peer.Send(megabyte)) ++sent;
                },
                {.url = "http://bad.test/x", .max_body = 1'000'000}),
            ": the body has 1073741824 bytes, and max_body is 1000000");
  EXPECT_LT(sent, 100);  // the rest was not even sent; what was fits into the kernel's buffers
}

TEST_P(HttpFailures, AGigabyteThatWasNotAnnounced) {
  std::atomic<long> sent = 0;
  EXPECT_EQ(Words<HttpTooLarge>(
                [&](Peer& peer) {
                  peer.Request();
                  peer.Send("HTTP/1.1 200 OK\r\n\r\n");
                  const std::string megabyte(1 << 20, 'x');
                  while (sent < 1024 && peer.Send(megabyte)) ++sent;
                },
                {.url = "http://bad.test/x", .max_body = 1'000'000}),
            ": the body has more than 1000000 bytes, and max_body is 1000000");
  EXPECT_LT(sent, 100);
}

TEST_P(HttpFailures, ABodyOfExactlyMaxBodyIsTaken) {
  RawServer server([](Peer& peer) {
    peer.Request();
    peer.Answer("12345");
  });
  Ask(server.endpoint(), {.url = "http://bad.test/x", .max_body = 5},
      [](const HttpResponse& response) { EXPECT_EQ(response.body, "12345"); });
}

TEST_P(HttpFailures, ANameThatDoesNotResolve) {
  const int before = OpenDescriptors();
  const std::string words =
      Words<HttpError>({"127.0.0.1", 1}, {.url = "http://nowhere.invalid/x", .timeout = 20s});
  EXPECT_TRUE(words == ": the host's name does not resolve" ||
              words == ": no complete answer within 20 s, there was no connection yet")
      << words;
  EXPECT_EQ(OpenDescriptors(), before);
}

TEST_P(HttpFailures, WhatIsNoUrl) {
  for (const std::string url : {"", "course.test", "ftp://course.test/x", "http://",
                                "http://course test/", "http://course.test:99999/"}) {
    EXPECT_EQ(Words<HttpBadUrl>({"127.0.0.1", 1}, {.url = url}),
              ": that is no URL of http:// or https://")
        << url;
  }
}

TEST_P(HttpFailures, NotFoundIsAnAnswer) {
  RawServer server([](Peer& peer) {
    while (!peer.Request().empty()) {
      peer.Answer("{\"error\":\"Character not found\"}", "404 Not Found");
    }
  });
  Ask(server.endpoint(), {.url = "http://bad.test/x"}, [](const HttpResponse& response) {
    EXPECT_EQ(response.status, 404);
    EXPECT_FALSE(response.ok());
    EXPECT_EQ(response.body, "{\"error\":\"Character not found\"}");
    try {
      response.RaiseForStatus();
      ADD_FAILURE() << "404 is no success";
    } catch (const HttpStatusError& error) {
      EXPECT_EQ(error.status(), 404);
      EXPECT_EQ(std::string(error.what()),
                "http://bad.test/x: the server answered with status 404");
    }
  });
}

TEST_P(HttpFailures, ARequestThatCannotBeMeant) {
  const Endpoint nobody{"127.0.0.1", 1};
  const std::string url = "http://bad.test/x";
  EXPECT_THROW(Ask(nobody, {.url = url, .method = "get"}), std::invalid_argument);
  EXPECT_THROW(Ask(nobody, {.url = url, .timeout = 0s}), std::invalid_argument);
  EXPECT_THROW(Ask(nobody, {.url = url, .max_redirects = -1}), std::invalid_argument);
  EXPECT_THROW(Ask(nobody, {.url = url, .headers = {{"X", "1\r\nY: 2"}}}), std::invalid_argument);
  EXPECT_THROW(Ask(nobody, {.url = url, .headers = {{"X: Y", "1"}}}), std::invalid_argument);
}

TEST_P(HttpFailures, WhatOnProgressThrowsEndsTheRequest) {
  EXPECT_EQ(Words<HttpError>(
                [](Peer& peer) {
                  peer.Request();
                  peer.Answer("some body");
                },
                {.url = "http://bad.test/x",
                 .on_progress =
                     [](const HttpProgress& progress) {
                       throw HttpError(
                           "", "GET http://bad.test/x after " + std::to_string(progress.received));
                     }}),
            " after 9");
}

}  // namespace
}  // namespace interleave
