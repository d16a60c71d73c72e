// examples/ingest_characters.cc
//
// Ten characters are fetched from an API that lets one wait, and each is followed by a pause of two
// seconds, in four styles: one after the other, a thread for each, a pool of a few threads, and
// coroutines on one thread. What they print is the log of the article that this program is from;
// the server is the course's own, whose answers take as long as in the article's pictures.
//
// Run it:     bazel run //examples:ingest_characters
//
// The functions to compare are InTurn, OnThreads, OnAPool and OnTheLoop. The first three share
// GetCharacter, which blocks. The fourth awaits, and logs "Ingesting" only when the answer is
// there: the article's program does so, too.
//
// For real, from the course's server or from the article's:
//
//             bazel run //examples:ingest_characters -- --real --scenario=loop
//             bazel run //examples:ingest_characters -- --real --scenario=loop
//                 --base_url=https://rickandmortyapi.com
#include <array>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "examples/site.h"
#include "runtime/async/gather.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/async/task.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/lab/message.h"
#include "runtime/lab/output_file.h"
#include "runtime/lab/python_text.h"
#include "runtime/lab/record_log.h"
#include "runtime/net/http_blocking.h"
#include "runtime/net/http_session.h"
#include "runtime/threads/future.h"
#include "runtime/threads/thread_name.h"
#include "runtime/threads/thread_pool.h"
#include "runtime/threads/wait.h"

void AddStorage(interleave::Lab& lab);  // in ingest_characters_storage.cc

namespace {

using interleave::BlockingHttp;
using interleave::HttpError;
using interleave::HttpResponse;
using interleave::HttpSession;
using interleave::Print;
using interleave::RecordLog;
using interleave::Task;
using interleave::TaskHandle;
using std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto kPause = 2s;  // "to mimic the delay of the server"

// How long the answers 1 to 10 take, in milliseconds, so that they come in the order of the
// article's pictures and the whole takes as long as there.
using Latencies = std::array<int, 10>;
constexpr Latencies kInTurn = {250, 110, 96, 120, 143, 125, 131, 118, 102, 257};
constexpr Latencies kOnThreads = {236, 210, 402, 180, 590, 478, 340, 262, 295, 842};
constexpr Latencies kOnAPool = {450, 140, 100, 750, 120, 180, 230, 90, 150, 468};
constexpr Latencies kOnTheLoop = {330, 600, 210, 450, 970, 710, 830, 520, 270, 380};

std::string log_folder;  // --log; empty: none

// ---- whom we ask, and where we log ----

interleave::CourseServerOptions Answering(const Latencies& latencies) {
  interleave::CourseServerOptions options;
  options.character_latency = [latencies](int id) -> std::chrono::nanoseconds {
    const bool known = 1 <= id && id <= 10;
    return known ? std::chrono::milliseconds(latencies[static_cast<std::size_t>(id) - 1]) : 120ms;
  };
  return options;
}

std::string PathOf(int character) { return "/api/character/" + std::to_string(character); }

// What a style needs besides its threads or tasks.
struct Ingest {
  explicit Ingest(const Latencies& latencies) : site(Answering(latencies)) {}

  Site site;
  RecordLog log{log_folder.empty() ? "" : log_folder + "/multiprocessing_log.txt",
                {.process = 28590, .threads = {139911581454400}}};
  const steady_clock::time_point began = steady_clock::now();

  void PrintDuration() const {
    const std::chrono::duration<double> took = steady_clock::now() - began;
    Print(interleave::PythonFloat(took.count()));
  }
};

std::string Ingested(int ingested, std::size_t of) {
  return std::to_string(ingested) + " of " + std::to_string(of) + " ingested";
}

std::vector<int> FirstCharacters(int count) {
  std::vector<int> characters;
  for (int i = 1; i <= count; ++i) characters.push_back(i);
  return characters;
}

// ---- the blocking styles ----

// The status; 0 if there was no answer.
int GetCharacter(Ingest& ingest, BlockingHttp& http, int character) {
  const std::string number = std::to_string(character);
  ingest.log.Info("Ingesting character number " + number);
  interleave::NoteRequest("API", "character " + number);
  int status = 0;
  try {
    status = http.Get(ingest.site.Url(PathOf(character))).status;
    interleave::NoteAnswer("API", "character " + number);
  } catch (const HttpError& error) {
    ingest.log.Error(error.what());
  }
  if (status == 200) {
    ingest.log.Info("Ingested successfully character number " + number);
  } else {
    ingest.log.Error("Ingestion failed character number " + number + "!");
  }
  std::this_thread::sleep_for(kPause);
  return status;
}

std::string InTurn(const Latencies& latencies, const std::vector<int>& characters) {
  Ingest ingest(latencies);
  BlockingHttp http(ingest.site.Options());
  int ingested = 0;
  for (const int character : characters) ingested += GetCharacter(ingest, http, character) == 200;
  ingest.PrintDuration();
  return Ingested(ingested, characters.size());
}

std::string OnThreads() {
  Ingest ingest(kOnThreads);
  BlockingHttp http(ingest.site.Options());
  std::vector<int> statuses(10);
  std::vector<std::thread> threads;
  for (int character = 1; character <= 10; ++character) {
    threads.emplace_back([&, character] {
      interleave::SetThreadName("Thread-" + std::to_string(character));
      statuses[static_cast<std::size_t>(character) - 1] = GetCharacter(ingest, http, character);
    });
  }
  for (std::thread& thread : threads) thread.join();
  ingest.PrintDuration();
  int ingested = 0;
  for (const int status : statuses) ingested += status == 200;
  return Ingested(ingested, statuses.size());
}

std::string OnAPool(int workers) {
  Ingest ingest(kOnAPool);
  BlockingHttp http(ingest.site.Options());
  int ingested = 0;
  {
    interleave::ThreadPool pool(workers, "worker");
    std::vector<interleave::Future<int>> statuses;
    for (const int character : FirstCharacters(10)) {
      statuses.push_back(
          pool.Submit([&, character] { return GetCharacter(ingest, http, character); }));
    }
    for (interleave::Future<int> status : interleave::AsCompleted(statuses)) {
      ingested += status.Get() == 200;
    }
  }
  ingest.PrintDuration();
  return Ingested(ingested, 10);
}

// ---- coroutines ----

// The character's name; empty if there was none.
Task<std::string> GetCharacterData(Ingest& ingest, int character) {
  const std::string number = std::to_string(character);
  HttpSession session(ingest.site.Options());
  interleave::NoteRequest("API", "character " + number);
  HttpResponse response;
  try {
    response = co_await session.Get(ingest.site.Url(PathOf(character)));
    interleave::NoteAnswer("API", "character " + number);
  } catch (const HttpError& error) {
    ingest.log.Error(error.what());
  }
  if (response.status != 200) {
    ingest.log.Error("Ingestion failed character number " + number + "!");
    co_return "";
  }
  ingest.log.Info("Ingesting character number " + number);
  const std::string name = response.Json()["name"];
  co_await interleave::SleepFor(kPause);
  ingest.log.Info("Ingested successfully character number " + number);
  co_return name;
}

Task<std::string> OnTheLoop(std::vector<int> characters) {
  Ingest ingest(kOnTheLoop);
  std::vector<TaskHandle<std::string>> tasks;
  for (const int character : characters) {
    tasks.push_back(interleave::Spawn(GetCharacterData(ingest, character),
                                      "character " + std::to_string(character)));
  }
  int ingested = 0;
  for (const std::string& name : co_await interleave::Gather(std::move(tasks))) {
    ingested += !name.empty();
  }
  ingest.PrintDuration();
  co_return Ingested(ingested, characters.size());
}

// ---- a character that does not exist ----

std::string NotFound() {
  Print("blocking:");
  const std::string blocking = InTurn(kInTurn, {9999});
  Print("on the loop:");
  const std::string loop = interleave::Run(OnTheLoop({9999}));
  return blocking == loop ? blocking : "they differ";
}

// ---- flags ----

void SetLogFolder(const std::string& folder) {
  log_folder = interleave::lab::UsersPath(folder);
  if (!std::filesystem::is_directory(log_folder)) {
    throw std::invalid_argument("there is no such folder, and the log makes none");
  }
}

}  // namespace

int main(int argc, char** argv) {
  using interleave::Run;
  interleave::Lab lab("ingest_characters", "Ingest characters: ten slow answers, in four styles");
  TakesBaseUrl(lab, "https://rickandmortyapi.com");
  lab.Flag("--log=FOLDER", "where multiprocessing_log.txt goes; with --real only", SetLogFolder,
           true);

  const auto add = [&](const char* name, interleave::Body body,
                       std::chrono::seconds takes) -> interleave::Scenario& {
    return lab.Scenario(name, std::move(body))
        .StartsAt("2023-11-21 08:11:42")
        .Takes(takes)
        .StepBudget(1'000'000)
        .Hides("course-server");
  };
  add(
      "in_turn", [] { return InTurn(kInTurn, FirstCharacters(10)); }, 22s)
      .Id("S0.05")
      .Id("S0.06")
      .Says("one after the other: ten times two seconds, and all that one waited for answers")
      .Outcome("10 of 10 ingested");
  add(
      "idle_gaps", [] { return InTurn(kInTurn, FirstCharacters(3)); }, 7s)
      .Id("S0.07")
      .Says("three of them drawn: between request and answer nobody does anything")
      .Outcome("3 of 3 ingested")
      .ShowsSequence();
  add("threads", OnThreads, 3s)
      .Id("S0.09")
      .Id("S0.10")
      .Id("S0.11")
      .Says("a thread for each: all requests are out before the first answer is there")
      .Outcome("10 of 10 ingested")
      .ShowsSequence();
  add(
      "pool_of_5", [] { return OnAPool(5); }, 6s)
      .Id("S0.13")
      .Id("S0.14")
      .Says("five threads: never more than five at a time; whoever is done takes the next")
      .Outcome("10 of 10 ingested")
      .ShowsSequence();
  add(
      "pool_of_3", [] { return OnAPool(3); }, 9s)
      .OnRequest()
      .Says("the same with three")
      .Outcome("10 of 10 ingested")
      .ShowsTimeline();
  add(
      "loop", [] { return Run(OnTheLoop(FirstCharacters(10))); }, 3s)
      .Id("S0.19")
      .Id("S0.20")
      .Id("S0.21")
      .Id("S0.22")
      .Says("coroutines: as fast as ten threads, on one")
      .Outcome("10 of 10 ingested")
      .ShowsSequence()
      .ShowsTimeline();
  add("not_found", NotFound, 3s)
      .Id("S0.08")
      .Says("character 9999 does not exist: the blocking style pauses all the same")
      .Outcome("0 of 1 ingested");
  AddStorage(lab);
  lab.Notice(
      "With threads Ingesting comes in the order of the starts, on the loop in that of the "
      "answers: there it is logged when the answer has come.");
  lab.Notice("Coroutines have one thread, and so one number in the log; the pool has five.");
  lab.Try(
      "--scenario=in_turn --speed=1; --scenario=loop --sequence=/tmp/loop.svg; --real "
      "--scenario=threads: in what order do your threads log?");
  return lab.Main(argc, argv);
}
