// examples/crawl_sites_failures.cc: of three requests one is refused at once, and one is answered
// by a page that is no JSON.
//
// S1.20: GatherSettled, which is return_exceptions=True, waits for all and has a result or a
// failure for each. Gather throws the first failure when it happens, and two are still at work.
// They go on as long as their session is there: who leaves the scope of the session with the
// exception closes it, and then both fail as well.
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "examples/site.h"
#include "runtime/async/gather.h"
#include "runtime/async/run.h"
#include "runtime/async/spawn.h"
#include "runtime/async/task.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/lab/python_text.h"
#include "runtime/net/http_session.h"

namespace {

using interleave::Gather;
using interleave::GatherSettled;
using interleave::HttpError;
using interleave::HttpSession;
using interleave::Outcome;
using interleave::Spawn;
using interleave::Task;
using interleave::TaskHandle;
using std::chrono::steady_clock;
using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;
using Requests = std::vector<TaskHandle<Json>>;

steady_clock::time_point began;

void Say(const std::string& what) {
  const double seconds = std::chrono::duration<double>(steady_clock::now() - began).count();
  char time[20];
  std::snprintf(time, sizeof time, "%.1f s  ", seconds);
  interleave::Print(time + what);
}

// "HttpConnectError"
std::string Kind(const HttpError& error) {
  if (dynamic_cast<const interleave::HttpConnectError*>(&error)) return "HttpConnectError";
  if (dynamic_cast<const interleave::HttpBadJson*>(&error)) return "HttpBadJson";
  if (dynamic_cast<const interleave::HttpSessionClosed*>(&error)) return "HttpSessionClosed";
  return error.what();
}

Task<Json> Fetch(HttpSession& session, std::string name, std::string url) {
  try {
    const Json json = (co_await session.Get(std::move(url))).Json();
    Say(name + " has its answer");
    co_return json;
  } catch (const HttpError& error) {
    Say(name + " fails: " + Kind(error));
    throw;
  }
}

Requests StartThree(const Site& site, HttpSession& session) {
  began = steady_clock::now();
  const auto start = [&](const char* name, const std::string& url) {
    return Spawn(Fetch(session, name, url), name);
  };
  return {start("slow", site.Url("/delay/3")), start("refused", kNobody),
          start("page", site.Url("/site/1"))};
}

std::string StillAtWork(const Requests& requests) {
  int at_work = 0;
  for (const TaskHandle<Json>& request : requests) at_work += !request.done();
  return std::to_string(at_work) + " of " + std::to_string(requests.size()) + " are still at work";
}

// ---- return_exceptions=True ----

std::string Shown(const Outcome<Json>& outcome) {
  try {
    return outcome.value().is_object() ? "{...}" : "no dict";
  } catch (const HttpError& error) {
    return Kind(error);
  }
}

Task<std::string> FailuresAsValues() {
  const Site site;
  HttpSession session(site.Options());
  int answers = 0;
  std::vector<std::string> shown;
  for (const Outcome<Json>& outcome : co_await GatherSettled(StartThree(site, session))) {
    answers += outcome.has_value();
    shown.push_back(Shown(outcome));
  }
  Say("main has " + interleave::PythonList(shown));
  co_return std::to_string(answers) + " answer, " + std::to_string(shown.size() - answers) +
      " failures";
}

// ---- the default ----

Task<std::string> FirstFailure() {
  const Site site;
  HttpSession session(site.Options());
  const Requests requests = StartThree(site, session);
  try {
    co_await Gather(requests);
  } catch (const HttpError&) {
    Say("main catches it; " + StillAtWork(requests));
  }
  co_await GatherSettled(requests);  // only to see the end
  Say("main: " + StillAtWork(requests));
  co_return "a failure";
}

// What `async with` is in Python: the session ends with the block.
Task<void> WithASession(const Site& site, Requests& requests) {
  HttpSession session(site.Options());
  requests = StartThree(site, session);
  co_await Gather(requests);
}

Task<std::string> SessionLeft() {
  const Site site;
  Requests requests;
  try {
    co_await WithASession(site, requests);
  } catch (const HttpError&) {
    Say("main catches it; " + StillAtWork(requests));
  }
  co_await GatherSettled(requests);
  Say("main: " + StillAtWork(requests));
  co_return "a failure";
}

}  // namespace

void AddFailures(interleave::Lab& lab) {
  using interleave::Run;
  const auto add = [&](const char* name, interleave::Body body) -> interleave::Scenario& {
    return lab.Scenario(name, std::move(body))
        .Takes(3s)
        .StepBudget(1'000'000)
        .Hides("course-server");
  };
  add("failures_as_values", [] { return Run(FailuresAsValues()); })
      .Id("S1.20")
      .Says("coroutines: one is answered, one refused, one gets a page that is no JSON")
      .Outcome("1 answer, 2 failures", "all three results, when the last of them is there.");
  add("first_failure", [] { return Run(FirstFailure()); })
      .Says("the same by Gather, which throws the first failure")
      .Outcome("a failure", "the others went on, and nobody wanted what they brought.")
      .ShowsTimeline();
  add("session_left", [] { return Run(SessionLeft()); })
      .Says("the same, and the exception leaves the block that the session belongs to")
      .Outcome("a failure", "their connections were closed: what was under way failed, too.");
}
