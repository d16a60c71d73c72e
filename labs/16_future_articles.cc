// Lab 16, the articles' programs: a future as "execution proof" (S1.03) and downloads that do not
// block the script (S4.16).
//
// S1.03 says that a future is checked again and again until the answer is there. One can do that,
// and the first half does. Nobody has to: the second half is called back, and so is an event loop.
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/future.h"
#include "runtime/threads/thread_pool.h"

using interleave::Future;
using interleave::Log;
using interleave::ThreadPool;
using namespace std::chrono_literals;

namespace {

std::string Fetch(const std::string& site) {
  std::this_thread::sleep_for(1s);
  return site + " says hello";
}

int Download(const std::string& file, int megabytes) {
  Log(file + " begins");
  for (int i = 0; i < megabytes; ++i) std::this_thread::sleep_for(500ms);
  Log(file + " is here");
  return megabytes;
}

std::string ExecutionProof() {
  ThreadPool pool(1, "ThreadPoolExecutor-0");
  const Future<std::string> answer = pool.Submit(Fetch, "one.example");
  Log(std::string("a future is here, its value is ") + (answer.done() ? "too" : "not"));
  while (!answer.done()) {
    Log("done? no");
    std::this_thread::sleep_for(400ms);
  }
  Log("done? yes: " + answer.Get());

  pool.Submit(Fetch, "two.example").AddDoneCallback([](const Future<std::string>& done) {
    Log("called back: " + done.Get());
  });
  Log("nothing more to ask");
  pool.Shutdown();
  return "answered, and called back";
}

std::string DownloadsInBackground() {
  ThreadPool pool(2, "ThreadPoolExecutor-0");
  std::vector<Future<int>> files;
  int megabytes = 2;
  for (const char* file : {"a.zip", "b.zip", "c.zip", "d.zip"}) {
    files.push_back(pool.Submit(Download, file, megabytes++));
  }
  Log("all four are submitted");
  for (int i = 1; i <= 3; ++i) {
    std::this_thread::sleep_for(700ms);
    Log("own work, part " + std::to_string(i));
  }
  int sum = 0;
  for (const Future<int>& file : files) sum += file.Get();
  Log(std::to_string(sum) + " MB are here");
  return std::to_string(files.size()) + " files";
}

}  // namespace

void AddArticles(interleave::Lab& lab) {
  lab.Scenario("execution_proof", ExecutionProof)
      .Id("S1.03")
      .Says("a future comes back at once; asked again and again, and calling back")
      .Outcome("answered, and called back")
      .Takes(3s);
  lab.Scenario("downloads", DownloadsInBackground)
      .Id("S4.16")
      .Says("four downloads submitted in no time, and the script goes on")
      .Outcome("4 files")
      .Takes(4s)
      .ShowsTimeline();
}
