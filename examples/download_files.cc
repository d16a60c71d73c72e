// examples/download_files.cc
//
// Two files come over the network, of 5 and of 10 MB, at 1 MB a second each: on two threads, on a
// pool of two, on a pool of one, and on the loop. Then eight files through a pool of three, and
// their results in the order in which they were asked for.
//
// Run it:     bazel run //examples:download_files
//
// The files are real, and so is HTTP; the server is the course's own, and what a file must contain
// follows from its name. Each is written as NAME.part and renamed at its end, so a NAME that is
// there is complete. In a simulation, which is about the time they take, a MB has 100,000 bytes
// only. They go to a temporary folder, unless you say where you want them:
//
//             bazel run //examples:download_files -- --real --scenario=two_workers --folder=/tmp
//
// Try Ctrl-C meanwhile. A thread in a blocking call
// cannot be stopped from outside: it looks whether it should, whenever a piece has come. A task is
// cancelled where it waits.
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "examples/download_files_batch.h"
#include "runtime/async/async_errors.h"
#include "runtime/async/run.h"
#include "runtime/async/task.h"
#include "runtime/async/task_group.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"
#include "runtime/net/http_blocking.h"
#include "runtime/net/http_session.h"
#include "runtime/threads/thread_name.h"
#include "runtime/threads/thread_pool.h"

namespace {

using interleave::BlockingHttp;
using interleave::HttpResponse;
using interleave::HttpSession;
using interleave::Task;
using interleave::ThreadPool;
using namespace std::chrono_literals;

std::vector<Download> TwoFiles() {
  return {{.name = "pictures.zip", .megabytes = 5}, {.name = "musiz.zip", .megabytes = 10}};
}

// The later ones are the smaller, and quicker.
std::vector<Download> EightFiles() {
  std::vector<Download> files;
  for (int i = 1; i <= 8; ++i) {
    const std::string name = "photos_" + std::to_string(i) + ".zip";
    files.push_back({.name = name, .megabytes = i <= 4 ? 2U : 1U});
  }
  return files;
}

// ---- on threads ----

// Returns when the file is there, or never will be.
void Fetch(Batch& batch, BlockingHttp& http, Download& download) {
  if (Interrupted()) return;  // while this one was in the queue
  try {
    const HttpResponse response = http.Request(batch.Begin(download));
    response.RaiseForStatus();
    batch.IsThere(download);
  } catch (const std::exception& error) {
    batch.HasFailed(download, error.what());
  } catch (const interleave::Interrupted&) {
    batch.IsDropped(download);
  }
}

// Python's would end by themselves before the program does; a std::thread has to be joined.
std::string OnTwoThreads() {
  Batch batch(TwoFiles());
  BlockingHttp http(batch.Options());
  std::vector<std::thread> threads;
  for (Download& download : batch.downloads()) {
    threads.emplace_back([&] {
      interleave::SetThreadName(download.name);
      Fetch(batch, http, download);
    });
  }
  for (std::thread& thread : threads) thread.join();
  return batch.Report();
}

std::string OnAPool(int workers) {
  Batch batch(TwoFiles());
  BlockingHttp http(batch.Options());
  ThreadPool pool(workers, "worker");
  for (Download& download : batch.downloads()) {
    pool.Submit([&] { Fetch(batch, http, download); });
  }
  pool.Shutdown();
  return batch.Report();
}

std::string InOrder() {
  Batch batch(EightFiles());
  BlockingHttp http(batch.Options());
  std::vector<Download*> files;
  for (Download& download : batch.downloads()) files.push_back(&download);
  const auto fetch = [&](Download* file) {
    Fetch(batch, http, *file);
    return file->name + ": " + std::to_string(file->megabytes) + " MB";
  };
  ThreadPool pool(3, "worker");
  std::vector<std::string> results;
  for (std::string result : pool.Map(fetch, files)) results.push_back(std::move(result));
  // Not within the loop above: bars may still have been growing.
  if (!Interrupted()) {
    for (const std::string& result : results) interleave::Print(result);
  }
  return batch.Report();
}

// ---- on the loop ----

Task<void> FetchOnTheLoop(Batch& batch, HttpSession& session, Download& download) {
  try {
    const HttpResponse response = co_await session.Request(batch.Begin(download));
    response.RaiseForStatus();
    batch.IsThere(download);
  } catch (const std::exception& error) {
    batch.HasFailed(download, error.what());
  } catch (const interleave::TaskCancelled&) {
    batch.IsDropped(download);
    throw;
  }
}

Task<void> FetchAll(Batch& batch) {
  HttpSession session(batch.Options());
  interleave::TaskGroup group;
  co_await group.Run([&]() -> Task<void> {
    for (Download& download : batch.downloads()) {
      group.Spawn(FetchOnTheLoop(batch, session, download), download.name);
    }
    co_return;
  });
}

std::string OnTheLoop() {
  Batch batch(TwoFiles());
  // Where there is no other handler, Run has one of its own: it cancels FetchAll.
  const InterruptHandler no_handler(SIG_DFL);
  try {
    interleave::Run(FetchAll(batch));
  } catch (const interleave::Interrupted&) {
    NoteInterrupt();
  }
  return batch.Report();
}

// Ctrl-C is the end of the whole program. By now the folder, the threads and the server are gone.
std::string EndAs(const std::string& report) {
  if (report == kInterrupted) std::exit(128 + SIGINT);
  return report;
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("download_files", "Download files: two at once, and eight in order");
  AddFlags(lab);
  const auto add = [&](const char* name, interleave::Body style,
                       std::chrono::seconds takes) -> interleave::Scenario& {
    return lab.Scenario(name, [style] { return EndAs(style()); })
        .Takes(takes)
        .StepBudget(1'000'000)
        .Hides("course-server");
  };
  const std::string both = "2 files, 15 MB, every byte is right";
  add("two_threads", OnTwoThreads, 10s)
      .Id("S4.08")
      .Says("a thread for each: 10 s, as long as the longer")
      .Outcome(both, both + ".");
  add(
      "two_workers", [] { return OnAPool(2); }, 10s)
      .Id("S4.09")
      .Says("a pool of two: the same")
      .Outcome(both, both + ".")
      .ShowsTimeline();
  add(
      "one_worker", [] { return OnAPool(1); }, 15s)
      .Id("S4.10")
      .Says("a pool of one: the pictures, then the music, 15 s")
      .Outcome(both, both + ".")
      .ShowsTimeline();
  add("in_order", InOrder, 4s)
      .Id("S4.11")
      .Says("eight files, three at a time: they end in any order, and are listed in ours")
      .Outcome("8 files, 12 MB, every byte is right", "8 files, 12 MB, every byte is right.")
      .ShowsTimeline();
  add("loop", OnTheLoop, 10s)
      .Says("both on one thread, as tasks: 10 s")
      .Outcome(both, both + ".")
      .ShowsTimeline();
  lab.Notice(
      "Whoever downloads waits, and does next to nothing else: two threads are as fast as one with "
      "two tasks. A pool of one is slower, for it has nobody to wait for the second file.");
  lab.Try("--real --scenario=one_worker, and Ctrl-C after six seconds: what is kept, what is not?");
  return lab.Main(argc, argv);
}
