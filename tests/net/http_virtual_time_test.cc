// tests/net/http_virtual_time_test.cc
//
// The HTTP clients in a simulation: real bytes over real sockets, libcurl as Debian has it, and
// times that are exact because they are virtual.

#include <gtest/gtest.h>

#include <chrono>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "runtime/async/event_loop.h"
#include "runtime/async/gather.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/timeout.h"
#include "runtime/engine/explore.h"
#include "runtime/net/green_thread.h"
#include "runtime/net/http_blocking.h"
#include "runtime/net/http_session.h"
#include "tests/async/timed_words.h"
#include "tests/net/raw_server.h"

namespace interleave {
namespace {

using namespace std::chrono_literals;

// Answers GET /N after N milliseconds.
void AnswerLater(Peer& peer) {
  for (std::string request; !(request = peer.Request()).empty();) {
    const std::string path = PathOf(request);
    std::this_thread::sleep_for(std::chrono::milliseconds(std::stoi(path.substr(1))));
    if (!peer.Answer(path)) return;
  }
}

Task<void> Fetch(HttpSession& session, TimedWords& log, HttpRequest request) {
  try {
    const HttpResponse response = co_await session.Request(std::move(request));
    log.Add(response.body);
  } catch (const HttpError& error) {
    log.Add(error.what());
  }
}

Task<void> FetchAll(HttpOptions options, TimedWords& log, std::vector<HttpRequest> requests) {
  HttpSession session(std::move(options));
  std::vector<Task<void>> tasks;
  for (HttpRequest& request : requests) tasks.push_back(Fetch(session, log, std::move(request)));
  co_await Gather(std::move(tasks));
}

HttpRequest Asking(const std::string& path, std::chrono::nanoseconds timeout = 5min) {
  return {.url = "http://course.test" + path, .timeout = timeout};
}

TEST(HttpVirtualTime, AnswersComeWhenTheyAreDue) {
  EXPECT_EQ(OutcomeOf([] {
              TimedWords log;
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
      OutcomeOf([] {
        TimedWords log;
        RawServer server(AnswerLater);
        interleave::Run(FetchAll(
            {.connect_to = {{"course.test", server.endpoint()}}, .connections_per_host = 2}, log,
            {Asking("/100"), Asking("/150"), Asking("/101"), Asking("/102"), Asking("/103")}));
        return log.text() + std::to_string(server.connections());
      }),
      "/100@100 /150@150 /101@201 /102@252 /103@304 2");
}

TEST(HttpVirtualTime, TheTimeOutIsTotalWaitingForAConnectionIncluded) {
  EXPECT_EQ(OutcomeOf([] {
              TimedWords log;
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
  EXPECT_EQ(OutcomeOf([] {
              TimedWords log;
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

TEST(HttpVirtualTime, ThreadsThatBlockWaitBesideEachOther) {
  EXPECT_EQ(OutcomeOf([] {
              TimedWords log;
              RawServer server(AnswerLater);
              BlockingHttp http({.connect_to = {{"course.test", server.endpoint()}}});
              std::mutex mutex;
              std::vector<std::thread> threads;
              for (const int delay : {300, 100, 200}) {
                threads.emplace_back([&, delay] {
                  for (int i = 0; i < 2; ++i) {
                    const HttpResponse response =
                        http.Get("http://course.test/" + std::to_string(delay));
                    EXPECT_EQ(response.elapsed, std::chrono::milliseconds(delay));
                    const std::lock_guard lock(mutex);
                    log.Add(response.body);
                  }
                });
              }
              for (std::thread& thread : threads) thread.join();
              return log.text() + std::to_string(server.connections());
            }),
            "/100@100 /200@200 /100@200 /300@300 /200@400 /300@600 3");
}

TEST(HttpVirtualTime, OnGreenThreadsTheBlockingClientLetsOthersRun) {
  EXPECT_EQ(OutcomeOf([] {
              TimedWords log;
              RawServer server(AnswerLater);
              BlockingHttp http({.connect_to = {{"course.test", server.endpoint()}}});
              for (int run = 0; run < 2; ++run) {  // the second time on another loop
                interleave::Run([](BlockingHttp& http, TimedWords& log) -> Task<void> {
                  std::vector<TaskHandle<void>> green;
                  for (const int delay : {300, 100, 200}) {
                    green.push_back(SpawnGreen([&http, &log, delay] {
                      for (int i = 0; i < 2; ++i) {
                        log.Add(http.Get("http://course.test/" + std::to_string(delay)).body);
                      }
                    }));
                  }
                  for (TaskHandle<void>& thread : green) co_await thread;
                }(http, log));
              }
              return log.text();
            }),
            "/100@100 /200@200 /100@200 /300@300 /200@400 /300@600 "
            "/100@700 /200@800 /100@800 /300@900 /200@1000 /300@1200 ");
}

TEST(HttpVirtualTime, SeveralLoopsOnThreadsOfTheirOwn) {
  EXPECT_EQ(OutcomeOf([] {
              RawServer server(AnswerLater);
              std::vector<std::string> texts(3);
              std::vector<std::thread> threads;
              for (int i = 0; i < 3; ++i) {
                threads.emplace_back([&server, &text = texts[static_cast<std::size_t>(i)], i] {
                  TimedWords log;
                  const std::string base = "/" + std::to_string(i + 1);
                  interleave::Run(FetchAll({.connect_to = {{"course.test", server.endpoint()}}},
                                           log, {Asking(base + "00"), Asking(base + "0")}));
                  text = log.text();
                });
              }
              for (std::thread& thread : threads) thread.join();
              return texts[0] + texts[1] + texts[2] + std::to_string(server.connections());
            }),
            "/10@10 /100@100 /20@20 /200@200 /30@30 /300@300 6");
}

TEST(HttpVirtualTime, CancellingClosesTheConnectionAndMakesRoomForOthers) {
  EXPECT_EQ(OutcomeOf([] {
              TimedWords log;
              std::string closed;
              {
                RawServer server([&](Peer& peer) {
                  if (PathOf(peer.Request()) != "/slow") {
                    peer.Answer("quick");
                    return;
                  }
                  peer.Stall();  // until the client closes
                  TimedWords& theirs = log;
                  theirs.Add("closed");
                });
                interleave::Run([](RawServer& server, TimedWords& log) -> Task<void> {
                  HttpSession session({.connect_to = {{"course.test", server.endpoint()}},
                                       .connections_per_host = 1});
                  TaskHandle<void> slow = Spawn(Fetch(session, log, Asking("/slow")));
                  TaskHandle<void> quick = Spawn(Fetch(session, log, Asking("/quick")));
                  co_await SleepFor(70ms);
                  EXPECT_EQ(session.in_flight(), 2u);
                  slow.Cancel();
                  co_await quick;
                  EXPECT_TRUE(slow.cancelled());
                  co_await SleepFor(1s);
                }(server, log));
              }
              return log.text();
            }),
            "closed@70 quick@70 ");
}

TEST(HttpVirtualTime, TimeOutsOfTheLoopAndOfTheRequest) {
  EXPECT_EQ(OutcomeOf([] {
              TimedWords log;
              RawServer server(AnswerLater);
              interleave::Run([](RawServer& server, TimedWords& log) -> Task<void> {
                HttpSession session({.connect_to = {{"course.test", server.endpoint()}}});
                try {
                  co_await WaitFor(session.Get("http://course.test/9000"), 1500ms);
                } catch (const TimedOut&) {
                  log.Add("the caller's");
                }
                try {
                  co_await session.Request(Asking("/9000", 1234567ns));
                } catch (const HttpTimedOut&) {
                  log.Add("the request's");
                }
              }(server, log));
              return log.text();
            }),
            "the caller's@1500 the request's@1501.23 ");
}

TEST(HttpVirtualTime, ABlockedThreadTimesOutToTheMillisecond) {
  EXPECT_EQ(OutcomeOf([] {
              TimedWords log;
              RawServer server(AnswerLater);
              BlockingHttp http({.connect_to = {{"course.test", server.endpoint()}}});
              try {
                http.Request(Asking("/5000", 1500ms));
              } catch (const HttpTimedOut& error) {
                log.Add(error.what());
              }
              return log.text();
            }),
            "GET http://course.test/5000: no complete answer within 1.5 s, nothing had come@1500 ");
}

TEST(HttpVirtualTime, ATimeOutSaysHowFarItHadCome) {
  EXPECT_EQ(OutcomeOf([] {
              TimedWords log;
              RawServer server([](Peer& peer) {
                if (PathOf(peer.Request()) == "/stall") return peer.Stall();
                peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
                while (peer.Send(".")) std::this_thread::sleep_for(100ms);
              });
              interleave::Run(FetchAll({.connect_to = {{"course.test", server.endpoint()}}}, log,
                                       {Asking("/stall", 1s), Asking("/drip", 1050ms)}));
              return log.text();
            }),
            "GET http://course.test/stall: no complete answer within 1 s, nothing had come@1000 "
            "GET http://course.test/drip: no complete answer within 1.05 s, 11 bytes of 1000 had "
            "come@1050 ");
}

TEST(HttpVirtualTime, IsTheSameInEveryRun) {
  SimulateOptions options;
  options.random = true;
  std::set<std::string> outcomes, schedules;
  for (int i = 0; i < 20; ++i) {
    const RunReport report = Simulate(
        [] {
          TimedWords log;
          RawServer server(AnswerLater);
          interleave::Run(FetchAll({.connect_to = {{"course.test", server.endpoint()}}}, log,
                                   {Asking("/30"), Asking("/10"), Asking("/20")}));
          return log.text();
        },
        options);
    outcomes.insert(report.outcome);
    schedules.insert(report.schedule);
  }
  EXPECT_EQ(outcomes, std::set<std::string>{"/10@10 /20@20 /30@30 "});
  EXPECT_EQ(schedules.size(), 1u);
}

}  // namespace
}  // namespace interleave
