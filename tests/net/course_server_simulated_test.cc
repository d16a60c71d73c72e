// tests/net/course_server_simulated_test.cc
//
// The course server in a simulation: real bytes, virtual time. What takes three seconds takes
// exactly three.

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "runtime/engine/explore.h"
#include "runtime/net/course_server.h"
#include "tests/net/curl_get.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;

std::string Outcome(const Body& body) {
  const RunReport report = Simulate(body);
  return report.ending == Ending::kReturned ? report.outcome : report.explanation;
}

std::string At() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch() - 1s;
  return " at " + std::to_string(now / 1ms) + "ms";
}

TEST(CourseServerSimulated, ADelayIsExact) {
  EXPECT_EQ(Outcome([] {
              CourseServer server;
              const CurlAnswer answer = CurlGet(server.url() + "/delay/3");
              return std::to_string(answer.status) + At();
            }),
            "200 at 3000ms");
}

// Ten threads ask for a character each; the order of the answers is that of the article's picture.
TEST(CourseServerSimulated, TheFirstTenCharactersComeInTheOrderOfThePicture) {
  EXPECT_EQ(Outcome([] {
              CourseServer server;
              std::string order;
              std::vector<std::thread> threads;
              for (int id = 1; id <= 10; ++id) {
                threads.emplace_back([&, id] {
                  CurlGet(server.url() + "/api/character/" + std::to_string(id));
                  order += std::to_string(id) + " ";
                });
              }
              for (std::thread& thread : threads) thread.join();
              return order + std::to_string(server.Counts().most_in_progress) + At();
            }),
            "3 9 1 10 4 8 2 6 7 5 10 at 248ms");
}

TEST(CourseServerSimulated, ASecondRequestUsesTheSameConnection) {
  EXPECT_EQ(Outcome([] {
              CourseServer server;
              CurlClient client;
              client.Get(server.url() + "/site/1");
              client.Get(server.url() + "/site/2");
              return std::to_string(server.Counts().connections) + " connection" + At();
            }),
            "1 connection at 6000ms");
}

TEST(CourseServerSimulated, AClientThatGivesUpCancelsTheHandler) {
  EXPECT_EQ(Outcome([] {
              CourseServer server;
              const CurlAnswer answer = CurlGet(server.url() + "/delay/10", 1500);
              const std::string text = answer.Text() + At();
              std::this_thread::sleep_for(1ms);
              const WebCounts counts = server.Counts();
              return text + ", " + std::to_string(counts.abandoned) + " abandoned, " +
                     std::to_string(counts.in_progress) + " in progress, " +
                     std::to_string(counts.open) + " open";
            }),
            "Timeout was reached at 1500ms, 1 abandoned, 0 in progress, 0 open");
}

TEST(CourseServerSimulated, TheServerEndsWhileItAnswers) {
  EXPECT_EQ(Outcome([] {
              std::string text;
              std::thread client;
              {
                CourseServer server;
                client = std::thread([&text, url = server.url()] {
                  text = CurlGet(url + "/delay/10").Text();
                  text += At();
                });
                std::this_thread::sleep_for(2s);
              }
              client.join();
              return text;
            }),
            "Server returned nothing (no headers, no data) at 2000ms");
}

TEST(CourseServerSimulated, IsTheSameInEveryRun) {
  std::set<std::string> outcomes, schedules;
  for (int i = 0; i < 20; ++i) {
    SimulateOptions options;
    options.random = true;
    options.seed = 7;
    const RunReport report = Simulate(
        [] {
          CourseServer server;
          std::string text;
          std::vector<std::thread> threads;
          for (int id = 1; id <= 4; ++id) {
            threads.emplace_back([&, id] {
              const CurlAnswer answer =
                  CurlGet(server.url() + "/api/character/" + std::to_string(id));
              text += answer.headers + answer.body + At() + "\n";
            });
          }
          for (std::thread& thread : threads) thread.join();
          return text;
        },
        options);
    outcomes.insert(report.outcome + report.explanation);
    schedules.insert(report.schedule);
  }
  EXPECT_EQ(outcomes.size(), 1u) << *outcomes.begin() << *outcomes.rbegin();
  EXPECT_EQ(schedules.size(), 1u);
}

}  // namespace
}  // namespace interleave
