// tests/net/http_blocking_test.cc
//
// The blocking client for real, on several threads, against a small server of the test's own.

#include "runtime/net/http_blocking.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "tests/net/raw_server.h"

namespace interleave {
namespace {

void AnswerPaths(Peer& peer) {
  for (std::string request; !(request = peer.Request()).empty();) {
    if (!peer.Answer(PathOf(request))) return;
  }
}

TEST(BlockingHttp, AConnectionIsUsedAgain) {
  RawServer server(AnswerPaths);
  {
    BlockingHttp http({.connect_to = {{"course.test", server.endpoint()}}});
    for (const std::string path : {"/a", "/b", "/c"}) {
      const HttpResponse response = http.Get("http://course.test" + path);
      EXPECT_EQ(response.status, 200);
      EXPECT_EQ(response.body, path);
      EXPECT_EQ(response.url, "http://course.test" + path);
    }
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST(BlockingHttp, ThreadsShareIt) {
  RawServer server(AnswerPaths);
  BlockingHttp http;
  std::vector<std::string> bodies(8);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    threads.emplace_back([&, i] {
      for (int k = 0; k < 20; ++k) bodies[i] += http.Get(server.Url("/" + std::to_string(i))).body;
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    std::string expected;
    for (int k = 0; k < 20; ++k) expected += "/" + std::to_string(i);
    EXPECT_EQ(bodies[i], expected);
  }
  EXPECT_LE(server.connections(), 8);
}

TEST(BlockingHttp, AFailureLeavesNoConnection) {
  const int before = OpenDescriptors();
  {
    RawServer server(AnswerPaths);
    BlockingHttp http;
    try {
      http.Get("http://127.0.0.1:" + std::to_string(FreePort()) + "/1");
      ADD_FAILURE() << "nobody listens there";
    } catch (const HttpConnectError& error) {
      EXPECT_EQ(std::string(error.what()),
                "GET " + error.url() + ": cannot connect: Connection refused");
    }
    EXPECT_EQ(http.Get(server.Url("/2")).body, "/2");
  }
  EXPECT_EQ(OpenDescriptors(), before);
}

}  // namespace
}  // namespace interleave
