// Lab 30, a limit for a request, over a real connection.
//
// One worker has two requests to make, and the first goes to a shop that takes 8 s. A blocking call
// cannot be cancelled from outside, but a client that was told the limit gives up by itself: it
// closes the connection and throws, and the worker is free. On the loop it is the same limit, or
// WaitFor, which cancels the request; both close the connection, and the shop notices.
//
// The limit is for the whole answer. That of Python's requests begins anew with each byte: a server
// that sends one a second keeps it waiting for as long as it likes.
#include <chrono>
#include <string>
#include <utility>

#include "runtime/async/gather.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/task.h"
#include "runtime/async/timeout.h"
#include "runtime/lab/elapsed.h"
#include "runtime/lab/lab.h"
#include "runtime/net/course_server.h"
#include "runtime/net/http_blocking.h"
#include "runtime/net/http_session.h"
#include "runtime/threads/future_errors.h"
#include "runtime/threads/thread_pool.h"

using interleave::BlockingHttp;
using interleave::CourseServer;
using interleave::Gather;
using interleave::HttpRequest;
using interleave::HttpSession;
using interleave::HttpTimedOut;
using interleave::Run;
using interleave::Task;
using interleave::ThreadPool;
using interleave::TimedOut;
using interleave::WaitFor;
using namespace std::chrono_literals;

using interleave::Say;
using interleave::StartTheClock;

namespace {

constexpr auto kNoLimit = 1h;

HttpRequest Request(const std::string& path, HttpRequest::Duration limit) {
  return {.url = "http://course.test" + path, .timeout = limit};
}

// ---- on a worker ----

bool GetBlocking(BlockingHttp& http, const std::string& name, HttpRequest request) {
  try {
    http.Request(std::move(request));
    Say(name + ": the answer is here");
    return true;
  } catch (const HttpTimedOut& error) {
    Say(name + ": " + error.what());
    return false;
  }
}

std::string OnAWorker(const std::string& shop_path, HttpRequest::Duration limit) {
  const CourseServer server;
  BlockingHttp http({.connect_to = {{"course.test", server.endpoint()}}});
  ThreadPool pool(1, "worker");
  StartTheClock(1);
  const auto get = [&](const char* name, const std::string& path) {
    return pool.Submit([&, name, path] { return GetBlocking(http, name, Request(path, limit)); });
  };
  interleave::Future<bool> shop = get("shop", shop_path), news = get("news", "/delay/0.2");
  const bool both = shop.Get() & news.Get();
  Say("main: the worker is done");
  return both ? "with the shop" : "without the shop";
}

// ---- on the loop ----

Task<bool> Get(HttpSession& session, std::string name, HttpRequest request) {
  try {
    co_await session.Request(std::move(request));
    Say(name + ": the answer is here");
    co_return true;
  } catch (const HttpTimedOut& error) {
    Say(name + ": " + error.what());
    co_return false;
  }
}

Task<bool> GetWithin(HttpSession& session, std::string name, HttpRequest request,
                     HttpRequest::Duration limit) {
  try {
    co_await WaitFor(session.Request(std::move(request)), limit);
    Say(name + ": the answer is here");
    co_return true;
  } catch (const TimedOut&) {
    Say(name + ": gives up");
    co_return false;
  }
}

// After a while, for the server to notice.
Task<void> SayWhoLeft(const CourseServer& server) {
  co_await interleave::SleepFor(500ms);
  Say("server: clients that left before their answer: " +
      std::to_string(server.Counts().abandoned));
}

Task<std::string> OnTheLoop() {
  const CourseServer server;
  HttpSession session({.connect_to = {{"course.test", server.endpoint()}}});
  StartTheClock(1);
  const auto [shop, news] = co_await Gather(Get(session, "shop", Request("/delay/8", 1s)),
                                            Get(session, "news", Request("/delay/1.5", 2s)));
  co_await SayWhoLeft(server);
  co_return shop ? "with the shop" : "without the shop";
}

Task<std::string> Cancelled() {
  const CourseServer server;
  HttpSession session({.connect_to = {{"course.test", server.endpoint()}}});
  StartTheClock(1);
  const auto [shop, news] =
      co_await Gather(GetWithin(session, "shop", Request("/delay/8", kNoLimit), 1s),
                      GetWithin(session, "news", Request("/delay/1.5", kNoLimit), 2s));
  co_await SayWhoLeft(server);
  co_return shop ? "with the shop" : "without the shop";
}

}  // namespace

void AddRequests(interleave::Lab& lab) {
  const auto add = [&](const char* name, interleave::Body body,
                       std::chrono::seconds takes) -> interleave::Scenario& {
    return lab.Scenario(name, std::move(body))
        .Takes(takes)
        .StepBudget(1'000'000)
        .Hides("course-server");
  };
  // A busy machine, in a hurry because of --time_scale, may look at the clock too late.
  const std::string late = "the machine was slow: the answer came before anybody saw the time.";
  add(
      "request_no_limit", [] { return OnAWorker("/delay/8", kNoLimit); }, 9s)
      .Says("two requests over the network by one worker; the shop takes 8 s")
      .Outcome("with the shop", "the second one waited for the first.");
  add(
      "request_limit", [] { return OnAWorker("/delay/8", 1s); }, 2s)
      .Id("S0.17")
      .Says("cure: the same, no request may take longer than 1 s")
      .Outcome("without the shop", "the time-out freed the worker.")
      .Outcome("with the shop", late);
  add(
      "dripping", [] { return OnAWorker("/broken/drip", 3500ms); }, 4s)
      .OnRequest()
      .Says("the shop sends ten bytes, one each second; the limit is 3.5 s")
      .Outcome("without the shop", "it was never silent for long, and too slow all the same.")
      .Outcome("with the shop", late);
  add(
      "requests_on_the_loop", [] { return Run(OnTheLoop()); }, 3s)
      .Says("the same limit for a request of the loop, while another is under way")
      .Outcome("without the shop", "the other one was unharmed.")
      .Outcome("with the shop", late);
  add(
      "request_cancelled", [] { return Run(Cancelled()); }, 3s)
      .OnRequest()
      .Says("the same by WaitFor, which cancels the request")
      .Outcome("without the shop", "cancelling closed the connection, too.")
      .Outcome("with the shop", late);
}
