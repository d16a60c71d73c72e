// tests/net/green_http_test.cc
//
// The blocking style, a thousand times at once on one thread.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "runtime/async/run.h"
#include "runtime/net/course_server.h"
#include "runtime/net/green_thread.h"
#include "runtime/net/http_blocking.h"

namespace interleave {
namespace {

std::ptrdiff_t OpenDescriptors() {
  const std::filesystem::directory_iterator open("/proc/self/fd");
  return std::distance(begin(open), end(open));
}

TEST(GreenHttp, AThousandGetAtOnce) {
  constexpr int kThreads = 1000;
  int under_way = 0, most_under_way = 0, right = 0;
  auto get = [&](BlockingHttp& http, int number) {
    most_under_way = std::max(most_under_way, ++under_way);
    const HttpResponse response =
        http.Get("http://course.test/files/" + std::to_string(number) + "?size=100");
    if (response.status == 200 && response.body.size() == 100) ++right;
    --under_way;
  };
  const std::ptrdiff_t before = OpenDescriptors();
  {
    CourseServer server;
    BlockingHttp http(
        {.connect_to = {{"course.test", server.endpoint()}}, .connections_per_host = 100});
    interleave::Run(RunGreen([&] {
      std::vector<TaskHandle<void>> threads;
      for (int i = 0; i < kThreads; ++i) {
        threads.push_back(SpawnGreen([&, i] { get(http, i); }));
      }
      for (TaskHandle<void>& thread : threads) Await(thread);
    }));
    EXPECT_LE(server.Counts().connections, 100);
    EXPECT_EQ(server.Counts().requests, kThreads);
  }
  EXPECT_EQ(right, kThreads);
  EXPECT_EQ(most_under_way, kThreads);
  EXPECT_EQ(OpenDescriptors(), before);
}

// The answer to nobody: the transfer is broken off, and the session goes on.
TEST(GreenHttp, OneThatIsCancelledLeavesTheOthersAlone) {
  CourseServer server;
  BlockingHttp http({.connect_to = {{"course.test", server.endpoint()}}});
  interleave::Run(RunGreen([&] {
    TaskHandle<void> slow = SpawnGreen([&] { http.Get("http://course.test/delay/10"); });
    EXPECT_EQ(http.Get("http://course.test/").status, 200);
    slow.Cancel();
    EXPECT_THROW(Await(slow), TaskCancelled);
    EXPECT_EQ(http.Get("http://course.test/").status, 200);
  }));
}

}  // namespace
}  // namespace interleave
