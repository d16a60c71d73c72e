// Lab 17, the articles' programs: two messages taken as they complete (S2.03), downloads on pools
// of two and of one (S4.09, S4.10), files in order (S4.11, without the network).
#include <chrono>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/threads/future.h"
#include "runtime/threads/thread_pool.h"
#include "runtime/threads/wait.h"

using interleave::AsCompleted;
using interleave::Future;
using interleave::Log;
using interleave::Print;
using interleave::ThreadPool;
using namespace std::chrono_literals;

namespace {

void DelayMessage(std::chrono::seconds delay, const std::string& message) {
  Log(message + " received");
  std::this_thread::sleep_for(delay);
  Log("Printing " + message);
}

void Download(const std::string& filename, int size) {
  for (int i = 0; i < size; ++i) {
    Print(filename + " downlaoded " + std::to_string(i) + " MB");  // spelt as in the article
    std::this_thread::sleep_for(1s);
  }
}

std::string DownloadBoth(int max_workers) {
  ThreadPool pool(max_workers, "ThreadPoolExecutor-0");
  pool.Submit(Download, "pictures.zip", 5);
  pool.Submit(Download, "musiz.zip", 10);
  pool.Shutdown();
  return "15 lines";
}

// Its size in MB. The later files are the smaller ones, and quicker.
int Fetch(int number) {
  const int megabytes = number < 4 ? 2 : 1;
  std::this_thread::sleep_for(megabytes * 100ms);
  Log("file " + std::to_string(number) + " is here");
  return megabytes;
}

std::string MessagesAsCompleted() {
  ThreadPool pool(2, "ThreadPoolExecutor-0");
  std::unordered_map<Future<void>, std::string> names;
  std::vector<Future<void>> messages;
  for (const auto& [delay, message] : {std::pair(2s, "TWO"), std::pair(3s, "THREE")}) {
    messages.push_back(pool.Submit(DelayMessage, delay, message));
    names[messages.back()] = message;
  }
  for (const Future<void>& message : AsCompleted(messages)) Log(names.at(message) + " Done");
  return "both done";
}

std::string DownloadsOnTwo() { return DownloadBoth(2); }
std::string DownloadsOnOne() { return DownloadBoth(1); }

std::string FilesInOrder() {
  ThreadPool pool(3, "ThreadPoolExecutor-0");
  const std::vector<int> numbers = {0, 1, 2, 3, 4, 5, 6, 7};
  int files = 0, sum = 0;
  for (int megabytes : pool.Map(Fetch, numbers)) {
    Log("result " + std::to_string(files++) + ": " + std::to_string(megabytes) + " MB");
    sum += megabytes;
  }
  return std::to_string(files) + " files, " + std::to_string(sum) + " MB";
}

}  // namespace

void AddArticles(interleave::Lab& lab) {
  lab.Scenario("as_completed", MessagesAsCompleted)
      .Id("S2.03")
      .StartsAt("10:42:36")
      .Says("lab 02's two messages on a pool of two, taken as they complete: the published log")
      .Outcome("both done")
      .Takes(3s);
  lab.Scenario("two_workers", DownloadsOnTwo)
      .Id("S4.09")
      .OnRequest()
      .Says("two downloads on a pool of two: 15 lines in 10 s")
      .Outcome("15 lines")
      .Takes(10s);
  lab.Scenario("one_worker", DownloadsOnOne)
      .Id("S4.10")
      .Says("what if max_workers is 1? The pictures first, then the music: 15 s")
      .Outcome("15 lines")
      .Takes(15s);
  lab.Scenario("files_in_order", FilesInOrder)
      .Id("S4.11")
      .OnRequest()
      .Says("eight files through Map: they end in any order, the results come in ours")
      .Outcome("8 files, 12 MB")
      .Takes(2s);
}
