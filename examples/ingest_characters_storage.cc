// examples/ingest_characters_storage.cc: what the characters are for, and where the log goes.
//
// S0.02: asking the API is waiting, picking out the data is computing, and writing it to the disk
// is I/O again. S0.04: each record of the log goes to stdout and to a file, whose folder must
// exist.
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "runtime/lab/compute.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/lab/record_log.h"
#include "runtime/net/course_server.h"
#include "runtime/net/http_blocking.h"

namespace {

using interleave::Print;
using interleave::RecordLog;
using std::chrono::steady_clock;
using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

// A folder of our own, gone at the end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string path = fs::temp_directory_path() / "ingest.XXXXXX";
    if (mkdtemp(path.data()) == nullptr) {
      throw std::system_error(errno, std::generic_category(), path);
    }
    path_ = path;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  fs::path path() const { return path_; }

 private:
  fs::path path_;
};

std::vector<std::string> LinesOf(const fs::path& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

// ---- fetch, pick, store (S0.02) ----

std::vector<Json> FetchAll() {
  const interleave::CourseServer server;
  interleave::BlockingHttp http({.connect_to = {{"course.test", server.endpoint()}}});
  std::vector<Json> answers;
  for (int i = 1; i <= 10; ++i) {
    answers.push_back(http.Get("http://course.test/api/character/" + std::to_string(i)).Json());
  }
  return answers;
}

std::vector<std::string> PickFields(const std::vector<Json>& answers) {
  std::vector<std::string> rows;
  for (const Json& answer : answers) {
    rows.push_back(std::to_string(answer["id"].get<int>()) + "," +
                   answer["name"].get<std::string>() + "," + answer["status"].get<std::string>() +
                   "," + answer["species"].get<std::string>());
    interleave::Compute(200us);  // what a row costs
  }
  return rows;
}

void Store(const std::vector<std::string>& rows, const fs::path& path) {
  std::ofstream file(path);
  for (const std::string& row : rows) file << row << "\n";
  if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

std::string FetchPickStore() {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "characters.csv";

  const auto began = steady_clock::now();
  const std::vector<Json> answers = FetchAll();
  const auto fetched = steady_clock::now();
  const std::vector<std::string> rows = PickFields(answers);
  const auto picked = steady_clock::now();
  Store(rows, path);

  for (const std::string& line : LinesOf(path)) Print(line);
  const std::chrono::duration<double, std::milli> waiting = fetched - began,
                                                  computing = picked - fetched;
  char line[100];
  std::snprintf(line, sizeof line, "waiting for the API %.0f ms, picking the data %.0f ms",
                waiting.count(), computing.count());
  Print(line);
  return std::to_string(LinesOf(path).size()) + " rows stored";
}

// ---- both sinks (S0.04) ----

std::string BothSinks() {
  const TemporaryFolder folder;
  fs::create_directory(folder.path() / "log");
  const fs::path path = folder.path() / "log" / "multiprocessing_log.txt";
  for (int start = 1; start <= 2; ++start) {  // the second one appends
    RecordLog log(path, {.process = 28590, .threads = {139911581454400}});
    log.Info("Ingesting character number " + std::to_string(start));
    log.Error("Ingestion failed character number " + std::to_string(start) + "!");
  }
  const std::size_t lines = LinesOf(path).size();
  Print("log/multiprocessing_log.txt has " + std::to_string(lines) + " lines, too");
  return std::to_string(lines) + " lines in the file";
}

std::string NoFolder() {
  const TemporaryFolder folder;
  try {
    RecordLog log(folder.path() / "log" / "multiprocessing_log.txt");
  } catch (const std::system_error& error) {
    Print("log/multiprocessing_log.txt: " + error.code().message());
    return "no log";
  }
  return "a log";
}

}  // namespace

void AddStorage(interleave::Lab& lab) {
  lab.Scenario("fetch_pick_store", FetchPickStore)
      .Id("S0.02")
      .Says("ask the API, pick out the data, write them to the disk: what waits, what computes?")
      .Outcome("10 rows stored")
      .Takes(2s)
      .StepBudget(1'000'000);
  lab.Scenario("both_sinks", BothSinks)
      .Id("S0.04")
      .StartsAt("2023-11-21 08:11:42")
      .Says("each record on stdout and in log/multiprocessing_log.txt, by a program run twice")
      .Outcome("4 lines in the file");
  lab.Scenario("no_log_folder", NoFolder)
      .Says("the same where there is no log/: the article's program does not start, either")
      .Outcome("no log");
}
