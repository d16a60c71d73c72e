// tests/net/course_server_simulated_test.cc
//
// The course server in a simulation: real bytes, virtual time. What takes three seconds takes
// exactly three.

#include <gtest/gtest.h>

#include <chrono>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "runtime/engine/explore.h"
#include "runtime/net/course_files.h"
#include "runtime/net/course_server.h"
#include "tests/async/timed_words.h"
#include "tests/net/curl_get.h"
#include "tests/net/raw_client.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;

std::string At() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch() - 1s;
  return " at " + std::to_string(now / 1ms) + "ms";
}

TEST(CourseServerSimulated, ADelayIsExact) {
  EXPECT_EQ(OutcomeOf([] {
              CourseServer server;
              const CurlAnswer answer = CurlGet(server.url() + "/delay/3");
              return std::to_string(answer.status) + At();
            }),
            "200 at 3000ms");
}

// Ten threads ask for a character each; the order of the answers is that of the article's picture.
TEST(CourseServerSimulated, TheFirstTenCharactersComeInTheOrderOfThePicture) {
  EXPECT_EQ(OutcomeOf([] {
              CourseServer server;
              std::mutex mutex;
              std::string order;
              std::vector<std::thread> threads;
              for (int id = 1; id <= 10; ++id) {
                threads.emplace_back([&, id] {
                  CurlGet(server.url() + "/api/character/" + std::to_string(id));
                  const std::lock_guard lock(mutex);
                  order += std::to_string(id) + " ";
                });
              }
              for (std::thread& thread : threads) thread.join();
              return order + std::to_string(server.Counts().most_in_progress) + At();
            }),
            "3 9 1 10 4 8 2 6 7 5 10 at 248ms");
}

TEST(CourseServerSimulated, ASecondRequestUsesTheSameConnection) {
  EXPECT_EQ(OutcomeOf([] {
              CourseServer server;
              CurlClient client;
              client.Get(server.url() + "/site/1");
              client.Get(server.url() + "/site/2");
              return std::to_string(server.Counts().connections) + " connection" + At();
            }),
            "1 connection at 6000ms");
}

TEST(CourseServerSimulated, AClientThatGivesUpCancelsTheHandler) {
  EXPECT_EQ(OutcomeOf([] {
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
  EXPECT_EQ(OutcomeOf([] {
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

TEST(CourseServerSimulated, AFileComesAtItsRate) {
  EXPECT_EQ(OutcomeOf([] {
              CourseServer server;
              const CurlAnswer answer =
                  CurlGet(server.url() + "/files/music.zip?size=1234567&rate=1000000");
              std::string expected(1'234'567, '\0');
              FillCourseFile("music.zip", 0, expected);
              return (answer.body == expected ? "whole" : "not whole") + At();
            }),
            "whole at 1234ms");
}

// When bytes come at 3 a second: one at each third, as far as tenths of seconds have thirds.
TEST(CourseServerSimulated, ASlowFileComesByteByByte) {
  EXPECT_EQ(OutcomeOf([] {
              CourseServer server;
              RawClient client(server.endpoint());
              client.Send("GET /files/a?size=4&rate=3 HTTP/1.0\r\n\r\n");
              std::string text;
              char byte;
              for (int line_ends = 0; recv(client.fd(), &byte, 1, 0) == 1;) {
                if (line_ends == 4) text += "byte" + At() + " ";
                if (line_ends < 4) line_ends = byte == '\r' || byte == '\n' ? line_ends + 1 : 0;
              }
              return text + "end" + At();
            }),
            "byte at 400ms byte at 700ms byte at 1000ms byte at 1333ms end at 1333ms");
}

TEST(CourseServerSimulated, EveryFailureIsWhatItSays) {
  const auto failure = [](const std::string& how) {
    return OutcomeOf([how] {
      CourseServer server;
      const CurlAnswer answer = CurlGet(server.url() + "/broken/" + how, 12'000);
      return std::to_string(answer.status) + ", " + std::to_string(answer.body.size()) +
             " bytes, " + curl_easy_strerror(answer.code) + At();
    });
  };
  EXPECT_EQ(failure("reset"), "200, 1000 bytes, Failure when receiving data from the peer at 0ms");
  EXPECT_EQ(failure("reset?after=0"),
            "200, 0 bytes, Failure when receiving data from the peer at 0ms");
  EXPECT_EQ(failure("short"), "200, 1000 bytes, Transferred a partial file at 0ms");
  EXPECT_EQ(failure("short?after=1999"), "200, 1999 bytes, Transferred a partial file at 0ms");
  EXPECT_EQ(failure("stall?after=3"), "200, 3 bytes, Timeout was reached at 12000ms");
  EXPECT_EQ(failure("silent"), "0, 0 bytes, Timeout was reached at 12000ms");
  EXPECT_EQ(failure("json"), "500, 58 bytes, No error at 0ms");
  EXPECT_EQ(failure("drip"), "200, 10 bytes, No error at 10000ms");
  EXPECT_EQ(failure("loop"), "302, 0 bytes, No error at 0ms");
  EXPECT_EQ(failure("stall?after=2000"), "400, 51 bytes, No error at 0ms");
}

TEST(CourseServerSimulated, BooksFailWhenTheyAreToldTo) {
  EXPECT_EQ(OutcomeOf([] {
              CourseServer server({.books_fail_after = 1});
              CurlClient client;
              const std::string url = server.url() + "/api/books?format=json&bibkeys=ISBN:1";
              std::string text = std::to_string(client.Get(url).status);
              text += " " + std::to_string(client.Get(url).status);
              return text;
            }),
            "200 500");
}

TEST(CourseServerSimulated, BooksRecoverAfterAsManyFailuresAsTheyWereTold) {
  EXPECT_EQ(OutcomeOf([] {
              CourseServer server({.books_fail_after = 1, .books_failures = 2});
              CurlClient client;
              const std::string url = server.url() + "/api/books?format=json&bibkeys=ISBN:1";
              std::string text;
              for (int i = 0; i < 5; ++i) text += std::to_string(client.Get(url).status) + " ";
              return text;
            }),
            "200 500 500 200 200 ");
}

// As many as may connect at once are answered, the others after them; none is turned away.
TEST(CourseServerSimulated, MoreClientsThanConnectionsWait) {
  EXPECT_EQ(OutcomeOf([] {
              CourseServer server({.web = {.max_connections = 2}});
              std::mutex mutex;
              std::string text;
              std::vector<std::thread> clients;
              for (int i = 0; i < 5; ++i) {
                clients.emplace_back([&] {
                  const CurlAnswer answer = CurlGet(server.url() + "/delay/1");
                  const std::lock_guard lock(mutex);
                  text += std::to_string(answer.status) + At() + " ";
                });
              }
              for (std::thread& client : clients) client.join();
              return text + std::to_string(server.Counts().most_in_progress) + " at a time";
            }),
            "200 at 1000ms 200 at 1000ms 200 at 2000ms 200 at 2000ms 200 at 3000ms 2 at a time");
}

// A client that sends a byte now and then, for ever, would have the connection for ever.
TEST(CourseServerSimulated, ARequestMustArriveWithinThePatience) {
  EXPECT_EQ(OutcomeOf([] {
              CourseServer server;
              RawClient client(server.endpoint());
              const std::string slow = "GET / HTTP/1.1\r\nHost: course.test\r\nX-Long: ";
              int sent = 0;
              while (client.Send(sent < 40 ? slow.substr(sent, 1) : "x")) {
                ++sent;
                std::this_thread::sleep_for(700ms);
                if (client.IsClosedByServer()) break;
              }
              return std::to_string(sent) + " bytes" + At();
            }),
            "43 bytes at 30100ms");
}

TEST(CourseServerSimulated, ABodyMustArriveWithinThePatience) {
  EXPECT_EQ(OutcomeOf([] {
              CourseServer server({.web = {.patience = 5s}});
              RawClient client(server.endpoint());
              client.Send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345");
              client.ReadToTheEnd();
              return "closed" + At();
            }),
            "closed at 5000ms");
}

TEST(CourseServerSimulated, AnIdleConnectionIsClosedAfterThePatience) {
  EXPECT_EQ(OutcomeOf([] {
              CourseServer server;
              RawClient client(server.endpoint());
              client.Send("GET /delay/5 HTTP/1.1\r\nHost: a\r\n\r\n");
              const std::string answer = client.ReadToTheEnd();
              return answer.substr(0, 15) + ", closed" + At();
            }),
            "HTTP/1.1 200 OK, closed at 35000ms");
}

TEST(CourseServerSimulated, AnAnswerThatNobodyTakesIsDroppedAfterThePatience) {
  EXPECT_EQ(OutcomeOf([] {
              CourseServer server;
              RawClient client(server.endpoint());
              client.Send("GET /files/a?size=1000000000 HTTP/1.1\r\nHost: a\r\n\r\n");
              std::this_thread::sleep_for(29s);
              std::string text = std::to_string(server.Counts().open) + " open, ";
              std::this_thread::sleep_for(2s);
              return text + std::to_string(server.Counts().open) + " open";
            }),
            "1 open, 0 open");
}

// The next request hides the end of the connection behind it.
TEST(CourseServerSimulated, AClientThatLeavesIsNoticedBehindWhatItSent) {
  EXPECT_EQ(OutcomeOf([] {
              CourseServer server;
              {
                RawClient client(server.endpoint());
                client.Send("GET /broken/silent HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\n");
                std::this_thread::sleep_for(1s);
                client.Send("Host: a\r\n\r\n");
              }
              std::this_thread::sleep_for(1s);
              return std::to_string(server.Counts().abandoned) + " abandoned, " +
                     std::to_string(server.Counts().open) + " open";
            }),
            "1 abandoned, 0 open");
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
          std::mutex mutex;
          std::string text;
          std::vector<std::thread> threads;
          for (int id = 1; id <= 4; ++id) {
            threads.emplace_back([&, id] {
              const CurlAnswer answer =
                  CurlGet(server.url() + "/api/character/" + std::to_string(id));
              const std::lock_guard lock(mutex);
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
