// Lab 17, the articles' programs: two messages taken as they complete (S2.03), downloads on pools
// of two and of one (S4.09, S4.10), files in order (S4.11, without the network).
#include <chrono>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

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

}  // namespace

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
