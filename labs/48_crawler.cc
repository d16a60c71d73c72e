// Lab 48: crawler
//
// What does all of it look like in one program?
//
// The first program of the course's first article asks three sites in turn. This one crawls: it
// fetches a page, finds the links in it, fetches those, and so on, each page once. Where every part
// of it comes from:
//
//   a task for each page, on one thread             19 event loop, 21 task
//   none is left behind                             31 structured concurrency
//   four requests at a time, three of a host        13 semaphore
//   one second for an answer                        30 timeout
//   another attempt after a pause, and not with     08 livelock
//     all the others at the same moment
//   few pages wait for a parser, or nobody asks     28 back-pressure
//   links are found on the threads of a pool        24 offload, 17 thread pool
//   Ctrl-C: finish what is under way, then end      33 graceful shutdown
//   no lock: only the loop's thread has the state   25 async race
//
// It crawls the course server's town: its links go in circles, its calendar has no end, its bakery
// answers at the third attempt, and there is an alley of broken things.
//
// Run it:     bazel run //labs:48_crawler
//
// Notice:     whole has all of the town after 2.2 s. Only /broken/silent is not given up yet: it
// has
//             three attempts of a second each, and nobody else waits for it.
//
//             polite and greedy fetch the same ten pages. In polite three of them are under way at
//             a time, the server saw no more, and it takes longer. The limit is for its sake.
//
//             In slow_parser pages come faster than they are parsed. Four wait, which is all the
//             room there is. The next ones keep their places until there is room, so nobody asks
//             for more: the last tasks end at the pace of the two parsers.
//
//             After Ctrl-C nothing new is asked for. What was under way is kept, and what was found
//             and not asked for is counted: a next run could begin there.
//
// Try:        bazel run //examples:course_server, and beside it this lab with --real
//             --scenario=whole --base_url=http://127.0.0.1:8000; press Ctrl-C; echo $? (130)
//             Let FetchOnce take the places in the other order. When does whole end now, and why?
//             Give BackOff no random part. Which two requests then come back together?
//
// Next:       This is the last lab. docs/interleave.md: your own code.
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <set>
#include <string>

#include "examples/site.h"
#include "labs/48_crawler_crawl.h"
#include "labs/48_crawler_links.h"
#include "runtime/async/async_errors.h"
#include "runtime/async/run.h"
#include "runtime/async/shield.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/async/timeout.h"
#include "runtime/lab/elapsed.h"
#include "runtime/lab/lab.h"
#include "runtime/threads/future_errors.h"

namespace {

using interleave::Say;
using interleave::Spawn;
using interleave::StartTheClock;
using interleave::Task;
using interleave::TaskCancelled;
using namespace std::chrono_literals;

constexpr auto kPatience = 5s;  // after Ctrl-C

struct Wanted {
  std::string first = "/town/";
  Limits limits = {};
  std::optional<std::chrono::milliseconds> user_presses = {};  // Ctrl-C, then
};

Task<void> PressControlC(std::chrono::milliseconds after) {
  co_await interleave::SleepFor(after);
  Say("the user presses Ctrl-C");
  kill(getpid(), SIGINT);
}

Task<void> Drain(Crawl& crawl, interleave::TaskHandle<void> all) {
  Say("stops: finishes " + std::to_string(crawl.in_flight()) + " requests, asks for nothing more");
  crawl.Stop();
  try {
    co_await interleave::WaitFor(all, kPatience);
  } catch (const interleave::TimedOut&) {
    Say("waits no longer");
  }
}

Task<void> CrawlSite(const Site& site, Wanted wanted, Account& account) {
  interleave::HttpOptions options = site.Options();
  std::set<std::string> hosts = {HostOf(site.Url("/")), "nobody.test"};
  if (site.ours() != nullptr) {
    hosts.insert("harbour.test");
    options.connect_to["harbour.test"] = site.ours()->endpoint();
  }
  Crawl crawl(wanted.limits, options, hosts, account);
  const auto all = Spawn(crawl.From(site.Url(wanted.first)), "crawl");
  if (wanted.user_presses) Spawn(PressControlC(*wanted.user_presses), "user");
  bool interrupted = false;
  try {
    co_await interleave::Shield(all);
  } catch (const TaskCancelled&) {
    interrupted = true;
  }
  if (!interrupted) co_return;
  co_await Drain(crawl, all);
  throw TaskCancelled();  // it was Ctrl-C all the same
}

// The program's own main, and its exit status.
std::string Program(const Wanted& wanted) {
  const auto before = std::signal(SIGINT, SIG_DFL);  // the lab has a handler; a program has none
  const Site site;
  Account account;
  int status = 0;
  StartTheClock();
  try {
    interleave::Run(CrawlSite(site, wanted, account));
  } catch (const interleave::Interrupted&) {
    status = 128 + SIGINT;
  }
  std::signal(SIGINT, before);
  Say(account.Text());
  if (site.ours() != nullptr) {
    Say("at a time, at most: requests at the server " +
        std::to_string(site.ours()->Counts().most_in_progress) + ", pages waiting for a parser " +
        std::to_string(account.most_waiting));
  }
  if (status != 0 && !wanted.user_presses) std::exit(status);  // it was a person, and no scenario
  return "status " + std::to_string(status) +
         (account.AddsUp() ? ", every page is accounted for" : ", pages are lost");
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("48_crawler", "Crawler: what does all of it look like in one program?");
  TakesBaseUrl(lab, "http://127.0.0.1:8000");
  const auto add = [&](const char* name, Wanted wanted) -> interleave::Scenario& {
    return lab.Scenario(name, [wanted] { return Program(wanted); })
        .Takes(30s)
        .StepBudget(10'000'000)
        .Hides("course-server");
  };
  const std::string all = "status 0, every page is accounted for";
  add("whole", {}).Says("all pages of the town that are at most four links away").Outcome(all);
  add("polite", {.first = "/town/library", .limits = {.requests = 20, .per_host = 3, .depth = 1}})
      .Says("the library and what it links to, three requests of a host at a time")
      .Outcome(all)
      .ShowsTimeline();
  add("greedy", {.first = "/town/library", .limits = {.requests = 20, .per_host = 20, .depth = 1}})
      .Says("the same without that limit")
      .Outcome(all)
      .ShowsTimeline();
  add("slow_parser", {.first = "/town/library",
                      .limits = {.requests = 20, .per_host = 3, .depth = 1, .parsing = 400ms}})
      .Says("as in polite, and to find the links of a page takes 0.4 s; there is room for four")
      .Outcome(all)
      .ShowsTimeline();
  add("faults", {.first = "/town/alley", .limits = {.depth = 1}})
      .Says("the alley: silence, a reset, a redirect without an end, too large, refused, 404, 503")
      .Outcome(all);
  add("control_c", {.user_presses = 900ms})
      .Says("the whole town; the user presses Ctrl-C after 0.9 s")
      .Outcome("status 130, every page is accounted for",
               "what was under way is finished, and the exit status is 130.");
  lab.Notice(
      "Whatever waits, for a place, an answer, another attempt or a parser, is a task that waits. "
      "So a limit, a time-out or a failure concerns one page, and no other.");
  lab.Try(
      "--scenario=whole --speed=1; --real --scenario=whole --base_url=http://127.0.0.1:8000 with "
      "bazel run //examples:course_server, and Ctrl-C.");
  return lab.Main(argc, argv);
}
