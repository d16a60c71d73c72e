// Lab 22: gather
//
// What comes of many at once, and who goes on when one of them fails?
//
// Gather starts them all and gives one future, whose value is the list of their results, in the
// order of the arguments and not in that in which they were done. If one fails, the gather fails at
// once with the same exception. What about the others? Nobody stops them: they go on, and what they
// bring is thrown away. GatherSettled waits for all and gives for each what became of it.
//
// Run it:     bazel run //labs:22_gather
//
// Notice:     Five delays of 1 to 5 s take 5 s: as long as the longest, on one thread.
//
//             In first_failure main hears of the refusal after 1 s, while two are still at work.
//             The shop's answer comes at 3 s and nobody wants it any more; that the forum fails as
//             well nobody hears. In go_home main does not stay that long, and Run cancels whoever
//             is left.
//
//             settled is the same three requests: one page, and two reasons.
//
// Try:        --scenario=S2.20: two messages on two threads, then on one
//             In Requests, let nobody refuse: what do the three scenarios say now?
//             Let go_home stay for 2 s: who is cancelled now?
//
// Next:       23_blocking_call
#include <chrono>
#include <exception>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "runtime/async/async_errors.h"
#include "runtime/async/gather.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/async/task.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"

// In 22_gather_articles.cc.
void AddMessagesAndResults(interleave::Lab& lab);
void AddOnRequest(interleave::Lab& lab);

namespace {

using interleave::Gather;
using interleave::GatherSettled;
using interleave::Log;
using interleave::Outcome;
using interleave::Task;
using namespace std::chrono_literals;

Task<std::string> Fetch(std::string site, std::chrono::seconds latency, std::string failure) {
  try {
    co_await interleave::SleepFor(latency);
  } catch (const interleave::TaskCancelled&) {
    Log(site + ": cancelled");
    throw;
  }
  Log(site + ": " + (failure.empty() ? "the page is here" : failure));
  if (!failure.empty()) throw std::runtime_error(failure);
  co_return "page of the " + site;
}

std::vector<Task<std::string>> Requests() {
  std::vector<Task<std::string>> requests;
  requests.push_back(Fetch("shop", 3s, ""));
  requests.push_back(Fetch("news", 1s, "connection refused"));
  requests.push_back(Fetch("forum", 2s, "not a page"));
  return requests;
}

std::string Text(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& exception) {
    return exception.what();
  }
}

// If that fails, it stays for so long.
Task<std::string> AllOrNothing(std::chrono::seconds stay) {
  try {
    const std::vector<std::string> pages = co_await Gather(Requests());
    co_return std::to_string(pages.size()) + " pages";
  } catch (const std::exception& error) {
    const std::size_t others = interleave::AllTasks().size() - 1;
    Log(std::string("main: ") + error.what() + "; still at work: " + std::to_string(others));
  }
  co_await interleave::SleepFor(stay);
  Log("main: ends");
  co_return "no page";
}

Task<std::string> WhatCame() {
  const std::vector<Outcome<std::string>> outcomes = co_await GatherSettled(Requests());
  int pages = 0;
  for (Outcome<std::string> outcome : outcomes) {
    pages += outcome.has_value();
    Log("main: " + (outcome.has_value() ? outcome.value() : "failed, " + Text(outcome.error())));
  }
  co_return std::to_string(pages) + " of 3 pages";
}

}  // namespace

int main(int argc, char** argv) {
  using interleave::Run;
  interleave::Lab lab("22_gather", "Gather: what comes of many at once, and what if one fails?");
  AddMessagesAndResults(lab);
  lab.Scenario("first_failure", [] { return Run(AllOrNothing(3s)); })
      .Says("three requests gathered; the one to the news is refused after 1 s")
      .Outcome("no page", "the shop's page came at 3 s, and the gather had ended long before.")
      .Takes(4s);
  lab.Scenario("go_home", [] { return Run(AllOrNothing(0s)); })
      .Says("the same, but main ends at once: Run cancels whoever is left")
      .Outcome("no page", "Run cancelled the other two; the shop's page would have come at 3 s.");
  lab.Scenario("settled", [] { return Run(WhatCame()); })
      .Id("S1.20")
      .Says("GatherSettled instead: wait for all, and see what became of each")
      .Outcome("1 of 3 pages", "what came is there, and so is why the others did not.")
      .Takes(3s);
  AddOnRequest(lab);
  lab.Notice(
      "Many at once take as long as the longest, and the results stand in the order of the "
      "arguments. The first failure ends the waiting, not the others.");
  lab.Try("--scenario=S2.20; --scenario=all; no refusal in Requests.");
  lab.Next("23_blocking_call");
  return lab.Main(argc, argv);
}
