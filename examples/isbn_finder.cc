// examples/isbn_finder.cc
//
// Guess a book's number (ISBN), twenty a second, and ask a library's catalogue whether there is
// such a book. An answer takes 0.3 to 0.5 s, so eight consumers ask at a time. Of random numbers
// one in eleven has the right check digit; the course's catalogue has a book for each of those.
//
// It is the article's program, and beside it one to work with:
//
//                  LikeTheArticle             Find
//   a connection   for each request           for each consumer, used again and again
//   a failure      ends everything            is reported, and the consumer goes on
//   the tasks      are gathered               are a group: none is left behind
//   progress       none                       every five seconds
//
// Run it:     bazel run //examples:isbn_finder
//
// For real, until Ctrl-C or for a minute; the books are kept in a file:
//
//             bazel run //examples:isbn_finder -- --real --scenario=find --seconds=60
//                 --out=/tmp/books.jsonl --base_url=https://openlibrary.org
//
// Lab 27 asks how many consumers it takes, lab 29 what Ctrl-C does, lab 31 what a failure does.
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "examples/isbn_finder_search.h"
#include "runtime/async/async_errors.h"
#include "runtime/async/gather.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/async/task.h"
#include "runtime/async/task_group.h"
#include "runtime/async/timeout.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/lab/output_file.h"
#include "runtime/net/http_session.h"
#include "runtime/net/numbers.h"
#include "runtime/threads/future_errors.h"

namespace {

using interleave::HttpError;
using interleave::HttpOptions;
using interleave::HttpResponse;
using interleave::HttpSession;
using interleave::Log;
using interleave::Print;
using interleave::SleepFor;
using interleave::Spawn;
using interleave::Task;
using interleave::TaskCancelled;
using namespace std::chrono_literals;

constexpr int kMostConsumers = 64;
constexpr int kMostSeconds = 600;
constexpr auto kUserPressesAt = 7300ms;  // when all consumers are at work
constexpr int kFailsAfter = 20;

Task<void> Produce(Search& search) {
  for (;;) {
    search.queue.PutNow(RandomIsbn(search.random));
    ++search.drawn;
    co_await SleepFor(50ms);
  }
}

// ---- the article's program ----

Task<void> ConsumeLikeTheArticle(Search& search, int number) {
  for (;;) {
    const std::string isbn = co_await search.queue.Get();
    ++search.asking;
    HttpSession session(search.catalogue.Options());
    const HttpResponse response = co_await session.Get(search.catalogue.Url(isbn));
    const nlohmann::ordered_json book = response.Json();
    --search.asking, ++search.looked_up;
    if (!book.empty()) search.Report(number, book);
    search.queue.TaskDone();
  }
}

Task<void> LikeTheArticle(Search& search) {
  std::vector<Task<void>> all;
  all.push_back(Produce(search));
  for (int i = 0; i < settings.consumers; ++i) all.push_back(ConsumeLikeTheArticle(search, i));
  co_await interleave::Gather(std::move(all));
}

// ---- one to work with ----

Task<void> Consume(Search& search, HttpSession& session, int number) {
  for (;;) {
    const std::string isbn = co_await search.queue.Get();
    ++search.asking;
    nlohmann::ordered_json book;
    std::string failure;
    try {
      const HttpResponse response = co_await session.Get(search.catalogue.Url(isbn));
      response.RaiseForStatus();
      book = response.Json();
    } catch (const HttpError& error) {
      failure = error.what();
    }
    --search.asking, ++(failure.empty() ? search.looked_up : search.failed);
    if (!failure.empty()) Print("Consumer " + std::to_string(number) + " goes on: " + failure);
    if (!book.empty()) search.Report(number, book);
    search.queue.TaskDone();
  }
}

Task<void> ShowProgress(const Search& search) {
  for (int seconds = 5;; seconds += 5) {
    co_await SleepFor(5s);
    Print("after " + std::to_string(seconds) + " s: " + search.Tally());
  }
}

Task<void> Find(Search& search) {
  HttpOptions options = search.catalogue.Options();
  options.connections_per_host = settings.consumers;
  HttpSession session(options);
  interleave::TaskGroup group;
  co_await group.Run([&]() -> Task<void> {
    group.Spawn(Produce(search), "producer");
    for (int i = 0; i < settings.consumers; ++i) {
      group.Spawn(Consume(search, session, i), "consumer " + std::to_string(i));
    }
    co_await ShowProgress(search);
  });
}

// ---- Ctrl-C, and who hears of what ----

Task<void> PressControlC(Search& search) {
  co_await SleepFor(kUserPressesAt);
  Print("after 7.3 s: the user presses Ctrl-C");
  search.user_pressed = true;
  kill(getpid(), SIGINT);
}

Task<void> FindUntilControlC(Search& search) {
  co_await interleave::Gather(Find(search), PressControlC(search));
}

// Says how it ends.
Task<void> Watched(std::string name, Task<void> work) {
  try {
    co_await work;
  } catch (const TaskCancelled&) {
    Log(name + ": cancelled");
    throw;
  } catch (const std::exception& error) {
    Log(name + ": " + error.what());
    throw;
  }
}

Task<void> GatherWatched(Search& search) {
  std::vector<interleave::TaskHandle<void>> all;
  all.push_back(Spawn(Watched("producer", Produce(search)), "producer"));
  for (int i = 0; i < settings.consumers; ++i) {
    const std::string name = "consumer " + std::to_string(i);
    all.push_back(Spawn(Watched(name, ConsumeLikeTheArticle(search, i)), name));
  }
  co_await interleave::Gather(std::move(all));
}

Task<void> LikeTheArticleWatched(Search& search) { return Watched("main", GatherWatched(search)); }

// ---- the program ----

using Main = Task<void> (*)(Search&);

// The program's own main: what it returns is its exit status.
int Program(Search& search, Main main, std::optional<std::chrono::seconds> limit) {
  // Nobody's yet, as in a program of its own; this one is a Lab, and that has a handler.
  const auto before = std::signal(SIGINT, SIG_DFL);
  int status = 0;
  try {
    interleave::Run(interleave::WaitFor(main(search), limit));
  } catch (const interleave::TimedOut&) {  // --seconds are over
  } catch (const interleave::Interrupted&) {
    status = 128 + SIGINT;
  } catch (const std::exception& error) {
    Print(std::string("Run throws: ") + error.what());
    status = 1;
  }
  std::signal(SIGINT, before);
  return status;
}

// Each book that was found has been printed, and is in the file.
void PrintKept(const Search& search) {
  Print("stopped by Ctrl-C: " + search.Tally());
  Print("kept: all " + std::to_string(search.found) + " that were found, above" +
        (settings.out.empty() ? "" : " and in " + settings.out));
}

std::string Run(Search& search, Main main, std::optional<std::chrono::seconds> limit) {
  const int status = Program(search, main, limit);
  const bool interrupted = status == 128 + SIGINT;
  if (interrupted) PrintKept(search);
  // It was a person, and no scenario. Nobody is at work any more but the server, which has nothing
  // to lose.
  if (interrupted && !search.user_pressed) std::exit(status);
  if (status != 0) return "exit status " + std::to_string(status);
  Print("in the end: " + search.Tally() + search.catalogue.ConnectionsText());
  return "every number is accounted for";
}

std::string Article() {
  Search search;
  return Run(search, LikeTheArticle, settings.seconds);
}

std::string FindForAWhile() {
  Search search;
  return Run(search, Find, settings.seconds);
}

std::string ControlC() {
  Search search;
  return Run(search, FindUntilControlC, {});
}

std::string ConsumerFails() {
  Search search{.catalogue = Catalogue(kFailsAfter)};
  return Run(search, LikeTheArticleWatched, {});
}

std::string FailureHandled() {
  Search search{.catalogue = Catalogue(kFailsAfter)};
  return Run(search, Find, 3s);
}

// ---- flags ----

int Number(const std::string& text, int most) {
  const std::optional<int> number = interleave::ParseNumber<int>(text);
  if (!number || *number < 1 || *number > most) {
    throw std::invalid_argument("'" + text + "' is no number from 1 to " + std::to_string(most));
  }
  return *number;
}

void SetOut(const std::string& path) {
  settings.out = interleave::lab::UsersPath(path);
  const std::string why = interleave::lab::WhyNotWritable(settings.out);
  if (!why.empty()) throw std::invalid_argument("cannot be written: " + why);
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("isbn_finder", "ISBN finder: a producer guesses, eight consumers look it up");
  lab.Flag("--consumers=N", "who ask at a time; 8 unless given",
           [](const std::string& text) { settings.consumers = Number(text, kMostConsumers); });
  lab.Flag("--seconds=N", "how long article and find go on; 20 unless given",
           [](const std::string& text) {
             settings.seconds = std::chrono::seconds(Number(text, kMostSeconds));
           });
  TakesBaseUrl(lab, "https://openlibrary.org");
  lab.Flag("--out=FILE", "each book is added to it, a line of JSON; with --real only", SetOut,
           true);

  const auto add = [&lab](const char* name, interleave::Body body) -> interleave::Scenario& {
    return lab.Scenario(name, std::move(body))
        .Takes(std::chrono::seconds(kMostSeconds))
        .StepBudget(100'000'000)
        .Hides("course-server");
  };
  const std::string all = "every number is accounted for";
  add("article", Article)
      .Id("S3.09")
      .Says("the article's program: a session for each request")
      .Outcome(all);
  add("find", FindForAWhile)
      .Says("the same numbers; one session, which uses its connections again, and progress")
      .Outcome(all);
  add("control_c", ControlC)
      .Id("S3.17")
      .Says("the same; the user presses Ctrl-C after 7.3 s")
      .Outcome("exit status 130", "the exit status is 130, and what was found is kept.");
  add("consumer_fails", ConsumerFails)
      .Id("S3.18")
      .Says("the article's program; the answer to the 21st question is status 500 and no JSON")
      .Outcome("exit status 1",
               "one bad answer ends it: main hears first, then Run ends the others, oldest first.");
  add("failure_handled", FailureHandled)
      .Says("the same bad answer, handled where it was asked for; 3 s")
      .Outcome(all, "one number is not looked up, and nobody else noticed.");
  lab.Notice(
      "Both find the same books. A session for each request makes a connection for each; one "
      "session makes as many as there are consumers.");
  lab.Notice(
      "Ctrl-C breaks off the requests that are under way: they can be made again. What was found "
      "is printed by then, and with --out in the file.");
  lab.Try(
      "--consumers=4 --scenario=find: the queue grows; --real --scenario=find --seconds=600, and "
      "Ctrl-C; then echo $?");
  return lab.Main(argc, argv);
}
