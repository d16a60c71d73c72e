// examples/crawl_sites.cc
//
// Three answers that take three seconds each: nine seconds for who waits for one after the other,
// three for who asks for all of them first. How does one write that? Blocking, on green threads,
// or with coroutines. All three run on one thread.
//
// Run it:     bazel run //examples:crawl_sites
//
// Compare Synchronous, GreenThreads and Coroutines. The first two get their answers by the same
// call, http.Get, which blocks; the second lets a green thread call it, and so waits for three at
// once. The third says co_await, and everybody who calls it must, too.
//
// For real, from the article's server or from one that runs elsewhere
// (bazel run //examples:course_server -- --port=8080):
//
//             bazel run //examples:crawl_sites -- --real --scenario=coroutines
//                 --base_url=http://httpbin.org
#include <algorithm>
#include <chrono>
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
#include "runtime/lab/message.h"
#include "runtime/lab/python_text.h"
#include "runtime/net/green_thread.h"
#include "runtime/net/http_blocking.h"
#include "runtime/net/http_session.h"

void AddFailures(interleave::Lab& lab);  // in crawl_sites_failures.cc

namespace {

using interleave::Await;
using interleave::BlockingHttp;
using interleave::Gather;
using interleave::HttpError;
using interleave::HttpResponse;
using interleave::HttpSession;
using interleave::Outcome;
using interleave::Print;
using interleave::PythonFloat;
using interleave::PythonList;
using interleave::Spawn;
using interleave::SpawnGreen;
using interleave::Task;
using interleave::TaskHandle;
using std::chrono::steady_clock;
using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;

double SecondsSince(steady_clock::time_point began) {
  return std::chrono::duration<double>(steady_clock::now() - began).count();
}

// ---- a crawler ----

std::string Content(int number, const HttpResponse& response) {
  return "Content of site " + std::to_string(number) + ": " +
         interleave::PythonBytes(response.body);
}

std::string CrawlInTurn() {
  const Site site;
  BlockingHttp http(site.Options());
  for (int number = 1; number <= 3; ++number) {
    const std::string name = "site " + std::to_string(number);
    interleave::NoteRequest(name, "GET");
    const HttpResponse response = http.Get(site.Url("/site/" + std::to_string(number)));
    interleave::NoteAnswer(name, response.Text());
    Print(Content(number, response));
  }
  return "three sites";
}

Task<std::string> Crawl(const Site& site, HttpSession& session, int number) {
  const std::string name = "site " + std::to_string(number);
  interleave::NoteRequest(name, "GET");
  const HttpResponse response = co_await session.Get(site.Url("/site/" + std::to_string(number)));
  interleave::NoteAnswer(name, response.Text());
  co_return Content(number, response);
}

Task<std::string> CrawlTogether() {
  const Site site;
  HttpSession session(site.Options());
  std::vector<TaskHandle<std::string>> contents;
  for (int number = 1; number <= 3; ++number) {
    contents.push_back(Spawn(Crawl(site, session, number), "site " + std::to_string(number)));
  }
  for (const std::string& content : co_await Gather(std::move(contents))) Print(content);
  co_return "three sites";
}

// ---- three slow answers, in three styles ----

std::vector<std::string> SlowUrls(const Site& site) {
  return std::vector<std::string>(3, site.Url("/delay/3"));
}

std::string Synchronous() {
  const Site site;
  BlockingHttp http(site.Options());
  const auto began = steady_clock::now();
  std::vector<std::string> responses;
  for (const std::string& url : SlowUrls(site)) responses.push_back(http.Get(url).Text());
  const double took = SecondsSince(began);
  Print(PythonList(responses));
  Print("End: " + PythonFloat(took));
  Print("Average response time: " + PythonFloat(took / 3));
  return std::to_string(responses.size()) + " answers";
}

// The answer as Python prints it; of none that is None, as in grequests.
std::string ResponseOrNone(BlockingHttp& http, const std::string& url) {
  try {
    return http.Get(url).Text();
  } catch (const HttpError&) {
    return "None";
  }
}

// On a green thread.
std::vector<std::string> Map(BlockingHttp& http, const std::vector<std::string>& urls) {
  std::vector<TaskHandle<std::string>> responses;
  for (const std::string& url : urls) {
    const std::string name = "request " + std::to_string(responses.size() + 1);
    responses.push_back(SpawnGreen([&http, url] { return ResponseOrNone(http, url); }, name));
  }
  return Await(Gather(std::move(responses)));
}

std::string GreenThreads(const Site& site, const std::vector<std::string>& urls) {
  BlockingHttp http(site.Options());
  const auto began = steady_clock::now();
  const std::vector<std::string> responses =
      interleave::Run(interleave::RunGreen([&] { return Map(http, urls); }));
  const double took = SecondsSince(began);
  Print("run_asynchronous_code_gevent");
  Print(PythonList(responses));
  Print("End: " + PythonFloat(took));
  return std::to_string(responses.size() - std::count(responses.begin(), responses.end(), "None")) +
         " answers";
}

std::string GreenThreads() {
  const Site site;
  return GreenThreads(site, SlowUrls(site));
}

std::string GreenThreadsOfWhichOneFails() {
  const Site site;
  return GreenThreads(site, {site.Url("/delay/3"), kNobody, site.Url("/delay/3")});
}

Task<Json> Fetch(HttpSession& session, std::string url) {
  co_return (co_await session.Get(std::move(url))).Json();
}

Task<std::string> Coroutines() {
  const Site site;
  const auto began = steady_clock::now();
  HttpSession session(site.Options());
  std::vector<TaskHandle<Json>> fetches;
  for (const std::string& url : SlowUrls(site)) {
    const std::string name = "fetch " + std::to_string(fetches.size() + 1);
    fetches.push_back(Spawn(Fetch(session, url), name));
  }
  int answers = 0;
  for (const Outcome<Json>& answer : co_await interleave::GatherSettled(std::move(fetches))) {
    answers += answer.has_value();
  }
  Print("run_asynchronous_code_asyncio");
  Print("End: " + PythonFloat(SecondsSince(began)));
  co_return std::to_string(answers) + " answers";
}

// ---- the article's main program ----

std::string AllThree() {
  std::string outcomes = Synchronous();
  Print("");
  outcomes += ", " + GreenThreads();
  Print("");
  return outcomes + ", " + interleave::Run(Coroutines());
}

std::string AsPublished() {
  Print("run_synchronous_code");  // no line of the article's program prints this
  return AllThree();
}

}  // namespace

int main(int argc, char** argv) {
  using interleave::Run;
  interleave::Lab lab("crawl_sites", "Crawl sites: three slow answers, in turn or at once");
  TakesBaseUrl(lab, "http://httpbin.org");

  const auto add = [&](const char* name, interleave::Body body,
                       std::chrono::seconds takes) -> interleave::Scenario& {
    return lab.Scenario(name, std::move(body))
        .Takes(takes)
        .StepBudget(1'000'000)
        .Hides("course-server");
  };
  add("in_turn", CrawlInTurn, 9s)
      .Id("S1.01")
      .Says("a crawler asks each of three sites when the one before has answered")
      .Outcome("three sites", "nine seconds, in which it does nothing.")
      .ShowsSequence();
  add(
      "together", [] { return Run(CrawlTogether()); }, 3s)
      .Id("S1.02")
      .Says("the same asks all three, and then waits")
      .Outcome("three sites", "three seconds, on the same one thread.")
      .ShowsSequence();
  add("synchronous", Synchronous, 9s)
      .Id("S1.16")
      .Says("three requests of 3 s, blocking")
      .Outcome("3 answers");
  add(
      "green_threads", [] { return GreenThreads(); }, 3s)
      .Id("S1.17")
      .Says("the same call, made by three green threads (Python's gevent)")
      .Outcome("3 answers")
      .ShowsTimeline();
  add(
      "coroutines", [] { return Run(Coroutines()); }, 3s)
      .Id("S1.18")
      .Says("three coroutines with one session (Python's aiohttp), and the JSON decoded")
      .Outcome("3 answers")
      .ShowsTimeline();
  add("one_refused", GreenThreadsOfWhichOneFails, 3s)
      .Says("green threads again; nobody listens where the second one asks")
      .Outcome("2 answers", "None stands for the failure: why it failed is not to be seen.");
  AddFailures(lab);
  add("published", AsPublished, 15s)
      .Id("S1.19")
      .OnRequest()
      .Says("the article's three programs one after the other, and its log with the first line")
      .Outcome("3 answers, 3 answers, 3 answers");
  add("as_coded", AllThree, 15s)
      .OnRequest()
      .Says("the same as its code prints it: without that line")
      .Outcome("3 answers, 3 answers, 3 answers");
  lab.Notice(
      "Three requests at once need no three threads, but somebody must wait for all three: the "
      "loop. A green thread and a coroutine differ in how they are written, not in how long they "
      "take.");
  lab.Notice(
      "A failure goes to whoever waits. Whether the others go on is up to the session: who leaves "
      "it behind takes it from them.");
  lab.Try(
      "--scenario=in_turn --speed=1, then together; --scenario=together --sequence=/tmp/crawl.svg; "
      "--real --scenario=coroutines.");
  return lab.Main(argc, argv);
}
