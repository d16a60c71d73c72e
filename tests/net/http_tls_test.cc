// tests/net/http_tls_test.cc
//
// Certificates that are to be trusted and others, with both clients.

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include "runtime/async/run.h"
#include "runtime/net/http_blocking.h"
#include "runtime/net/http_session.h"
#include "tests/net/tls_server.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;

void AnswerPaths(SSL* connection, Peer&) {
  for (std::string request; !(request = TlsRequest(connection)).empty();) {
    TlsAnswer(connection, PathOf(request));
  }
}

// A file with these bytes, as long as the object lives.
class TextFile {
 public:
  explicit TextFile(const std::string& text) : name_(testing::TempDir() + "http_tls_test.pem") {
    std::ofstream(name_) << text;
  }
  ~TextFile() { std::filesystem::remove(name_); }
  const std::string& name() const { return name_; }

 private:
  const std::string name_;
};

class HttpTls : public testing::TestWithParam<const char*> {
 protected:
  // The body, or what was thrown, which must be an HttpTlsError. course.test is the server.
  std::string Ask(Endpoint server, HttpRequest request) {
    HttpOptions options{.connect_to = {{"course.test", server}}};
    try {
      if (std::string(GetParam()) == "Blocking") {
        return BlockingHttp(std::move(options)).Request(std::move(request)).body;
      }
      return interleave::Run(AskSession(std::move(options), std::move(request)));
    } catch (const HttpTlsError& error) {
      return error.what();
    } catch (const HttpError& error) {
      return std::string("another kind of error: ") + error.what();
    }
  }

 private:
  static Task<std::string> AskSession(HttpOptions options, HttpRequest request) {
    HttpSession session(std::move(options));
    const HttpResponse response = co_await session.Request(std::move(request));
    co_return response.body;
  }
};

INSTANTIATE_TEST_SUITE_P(Of, HttpTls, testing::Values("Session", "Blocking"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(HttpTls, AServerWhoseCertificateIsTrusted) {
  const int before = OpenDescriptors();
  {
    TlsServer server("course.test", AnswerPaths);
    const TextFile trusted(server.certificate());
    EXPECT_EQ(Ask(server.endpoint(), {.url = "https://course.test/1", .ca_file = trusted.name()}),
              "/1");
  }
  EXPECT_EQ(OpenDescriptors(), before);
}

TEST_P(HttpTls, ACertificateThatNobodyHasSigned) {
  const int before = OpenDescriptors();
  {
    TlsServer server("course.test", AnswerPaths);
    EXPECT_EQ(Ask(server.endpoint(), {.url = "https://course.test/1"}),
              "GET https://course.test/1: SSL certificate problem: self-signed certificate");
  }
  EXPECT_EQ(OpenDescriptors(), before);
}

TEST_P(HttpTls, ACertificateForAnotherHost) {
  TlsServer server("other.test", AnswerPaths);
  const TextFile trusted(server.certificate());
  EXPECT_EQ(
      Ask(server.endpoint(), {.url = "https://course.test/1", .ca_file = trusted.name()}),
      "GET https://course.test/1: SSL: no alternative certificate subject name matches target "
      "host name 'course.test'");
}

TEST_P(HttpTls, AnotherCertificateIsTrusted) {
  TlsServer server("course.test", AnswerPaths);
  TlsServer other("course.test", AnswerPaths);
  const TextFile trusted(other.certificate());
  EXPECT_EQ(Ask(server.endpoint(), {.url = "https://course.test/1", .ca_file = trusted.name()}),
            "GET https://course.test/1: SSL certificate problem: self-signed certificate");
}

TEST_P(HttpTls, ACaFileThatIsNotThere) {
  TlsServer server("course.test", AnswerPaths);
  EXPECT_EQ(Ask(server.endpoint(), {.url = "https://course.test/1", .ca_file = "/nowhere.pem"}),
            "GET https://course.test/1: '/nowhere.pem' holds no certificates to trust");
}

TEST_P(HttpTls, AServerThatSpeaksNoTls) {
  RawServer server([](Peer& peer) { peer.Answer("no TLS here"); });
  const std::string what = Ask(server.endpoint(), {.url = "https://course.test/1"});
  const std::string expected = "GET https://course.test/1: ";
  EXPECT_EQ(what.substr(0, expected.size()), expected);
  EXPECT_EQ(what.find(std::to_string(server.endpoint().port)), std::string::npos) << what;
}

TEST_P(HttpTls, AHandshakeThatIsNeverAnswered) {
  RawServer server([](Peer& peer) { peer.Stall(); });
  EXPECT_EQ(Ask(server.endpoint(), {.url = "https://course.test/1", .connect_timeout = 50ms}),
            "another kind of error: GET https://course.test/1: no connection within 0.05 s");
}

// A write to a connection that was reset would end the process with SIGPIPE.
TEST_P(HttpTls, AResetWhileTheRequestIsSent) {
  TlsServer server("course.test", [](SSL* connection, Peer& peer) {
    TlsRequest(connection);
    peer.Reset();
  });
  const TextFile trusted(server.certificate());
  const std::string what = Ask(server.endpoint(), {.url = "https://course.test/1",
                                                   .method = "POST",
                                                   .body = std::string(10'000'000, 'x'),
                                                   .ca_file = trusted.name()});
  const std::string expected =
      "another kind of error: POST https://course.test/1: the connection was lost";
  EXPECT_EQ(what.substr(0, expected.size()), expected);
}

}  // namespace
}  // namespace interleave
