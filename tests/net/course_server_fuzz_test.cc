// tests/net/course_server_fuzz_test.cc
//
// Nonsense, and requests with a few bytes changed: the server answers or closes, always, and is as
// good as before afterwards. The bytes follow from a seed, so what fails once fails again.

#include <gtest/gtest.h>
#include <sys/time.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "runtime/net/course_server.h"
#include "tests/net/curl_get.h"
#include "tests/net/raw_client.h"

namespace interleave {
namespace {

// Nothing that is slow by itself: who ends with a request for that is answered, slowly.
const std::vector<std::string> kRequests = {
    "GET / HTTP/1.1\r\nHost: course.test\r\nConnection: close\r\n\r\n",
    "GET /api/character/3 HTTP/1.0\r\n\r\n",
    "GET /api/books?bibkeys=ISBN:2852559617&format=json HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /files/a%20b?size=100000 HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /folder/%2e%2e/a HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET http://course.test/status/404 HTTP/1.1\r\nHost: course.test\r\n\r\n",
    "GET /broken/reset?after=10 HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /broken/short?after=20 HTTP/1.1\r\nHost: a\r\n\r\n",
    "HEAD /status/200 HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /redirect/3 HTTP/1.1\r\nHost: a\r\n\r\nGET /echo HTTP/1.1\r\nHost: a\r\n\r\n",
    "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello",
    "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nTrailer: t\r\n\r\n",
    "PUT /delay/0.001 HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\n"
    "Content-Length: 12\r\nCookie: a=b; c=\"d\"\r\nUpgrade: websocket\r\n\r\n--b\r\n\r\n--b--",
};

class Fuzzer {
 public:
  explicit Fuzzer(std::uint64_t seed) : random_(seed) {}

  std::string Next() {
    if (Below(4) == 0) return Noise(Below(300));
    std::string bytes = kRequests[Below(kRequests.size())];
    for (std::size_t changes = 1 + Below(6); changes > 0; --changes) Change(bytes);
    return bytes;
  }
  std::size_t Below(std::size_t bound) { return random_() % bound; }

 private:
  std::string Noise(std::size_t size) {
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random_());
    return bytes;
  }

  void Change(std::string& bytes) {
    const std::size_t at = Below(bytes.size() + 1);
    const std::size_t count = std::min(Below(20), bytes.size() - at);
    switch (Below(7)) {
      case 0:
        bytes.erase(at, count);
        break;
      case 1:
        bytes.insert(at, Noise(Below(20)));
        break;
      case 2:
        bytes.insert(at, bytes.substr(at, count));
        break;
      case 3:
        if (at < bytes.size()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << Below(8)));
        break;
      case 4:
        bytes.insert(at, std::string(Below(3000), "a\r\n: %0"[Below(7)]));
        break;
      case 5: {
        constexpr const char* kWords[] = {"\r\n", "\r\n\r\n", "0", "-1", "18446744073709551616",
                                          "%00",  "%",        "?", "&",  "Content-Length: 3\r\n"};
        bytes.insert(at, kWords[Below(std::size(kWords))]);
        break;
      }
      default:
        bytes += kRequests[Below(kRequests.size())];
    }
  }

  std::mt19937_64 random_;
};

// Sends it in a few parts, says that this was all, and waits for the server to end as well.
void Try(const Endpoint& server, const std::string& bytes, Fuzzer& fuzzer) {
  RawClient client(server);
  for (std::string_view rest = bytes; !rest.empty();) {
    const std::size_t count = std::min(rest.size(), 1 + fuzzer.Below(400));
    if (!client.Send(rest.substr(0, count))) break;
    rest.remove_prefix(count);
  }
  if (fuzzer.Below(8) == 0) return;  // leaves without a word
  client.SendEnd();
  // Longer than any answer takes, and shorter than the server's patience.
  const timeval limit = {.tv_sec = 20, .tv_usec = 0};
  setsockopt(client.fd(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  client.ReadToTheEnd();
  ASSERT_TRUE(client.IsClosedByServer()) << testing::PrintToString(bytes);
}

void Fuzz(std::uint64_t seed, int inputs) {
  EventLoop::SetTimeScale(0.01);  // characters and books take their time
  CourseServer server({.folder = testing::TempDir()});
  Fuzzer fuzzer(seed);
  for (int i = 1; i <= inputs; ++i) {
    const std::string bytes = fuzzer.Next();
    SCOPED_TRACE("seed " + std::to_string(seed) + ", input " + std::to_string(i));
    Try(server.endpoint(), bytes, fuzzer);
    if (testing::Test::HasFailure()) return;
    if (i % 100 == 0) {
      ASSERT_EQ(CurlGet(server.url() + "/status/200").status, 200);
    }
  }
}

TEST(CourseServerFuzz, AnswersOrClosesWhateverItIsSent) { Fuzz(1, 2000); }
TEST(CourseServerFuzz, AnswersOrClosesWhateverElseItIsSent) { Fuzz(2, 2000); }

}  // namespace
}  // namespace interleave
