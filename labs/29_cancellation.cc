// Lab 29: cancellation
//
// How do you stop a task, now, and cleanly?
//
// Cancel does not stop anything by force. It has TaskCancelled thrown at the place where the task
// waits, and from there on it is an exception like others: it leaves one coroutine after the other,
// from the innermost to the first, and destroys on its way what stands there. A file that its
// destructor removes is removed. A line that stands below the co_await and should have removed it
// is never reached.
//
// Since it is an exception, it can be caught. TaskCancelled is no std::exception, so that a handler
// for "whatever went wrong with the work" lets it pass. catch (...) does not: it takes the order to
// stop for one more failure and tries again. Whoever asked the task to stop waits for it meanwhile.
//
// Run it:     bazel run //labs:29_cancellation
//
// Notice:     The order in raii: the coroutine that waits hears of it first, then who called it;
//             in each, what was made last goes first.
//
//             swallowed (29_cancellation_swallowed.cc) polls six times although it was cancelled
//             after two. The cure differs from it in what it catches, and in nothing else.
//
//             C++ does not allow co_await in a handler. To clean up by waiting, remember that you
//             were cancelled, leave the handler, wait, and throw again: goodbye. The order was
//             carried out when it was thrown, so this second wait is not cancelled.
//
//             In same_moment the order of two tasks that are ready at once decides. Cancel returns
//             false to whoever comes too late.
//
// Try:        --scenario=S3.17: Ctrl-C is a cancellation, too
//             goodbye without its last throw: who believes what?
//             --scenario=never_began: who cleans up what has not begun?
//
// Next:       30_timeout
#include <chrono>
#include <string>

#include "runtime/async/async_errors.h"
#include "runtime/async/async_event.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/async/task.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"

void AddSwallowed(interleave::Lab& lab);  // in 29_cancellation_swallowed.cc
void AddGoodbye(interleave::Lab& lab);    // in 29_cancellation_goodbye.cc
void AddArticles(interleave::Lab& lab);   // in 29_cancellation_articles.cc

namespace {

using interleave::AsyncEvent;
using interleave::Log;
using interleave::Run;
using interleave::SleepFor;
using interleave::Spawn;
using interleave::Task;
using interleave::TaskCancelled;
using interleave::TaskHandle;
using namespace std::chrono_literals;

int files;  // on the disk

class TemporaryFile {
 public:
  TemporaryFile() {
    ++files;
    Log("  makes the file");
  }
  ~TemporaryFile() {
    --files;
    Log("  removes the file");
  }
};

class Connection {
 public:
  Connection() { Log("connects"); }
  ~Connection() { Log("disconnects"); }
};

Task<void> Receive(AsyncEvent& receiving) {
  try {
    receiving.Set();
    co_await SleepFor(1h);
  } catch (const TaskCancelled&) {
    Log("    cancelled while it receives");
    throw;
  }
}

Task<void> DownloadByHand(AsyncEvent& receiving) {
  const Connection connection;
  ++files;
  Log("  makes the file");
  co_await Receive(receiving);
  --files;
  Log("  removes the file");
}

Task<void> Download(AsyncEvent& receiving) {
  const Connection connection;
  const TemporaryFile file;
  co_await Receive(receiving);
}

Task<std::string> CancelDownload(Task<void> (*download)(AsyncEvent&)) {
  files = 0;
  AsyncEvent receiving;
  TaskHandle<void> task = Spawn(download(receiving), "download");
  co_await receiving.Wait();
  co_await SleepFor(2s);
  Log("main: cancels it");
  task.Cancel();
  try {
    co_await task;
  } catch (const TaskCancelled&) {
    Log("main: it has ended");
  }
  co_return "files left: " + std::to_string(files);
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("29_cancellation", "Cancellation: how do you stop a task, now, and cleanly?");
  lab.Scenario("by_hand", [] { return Run(CancelDownload(DownloadByHand)); })
      .Says("a download is cancelled; its last lines would have removed the file")
      .Outcome("files left: 1", "a file is left: the last lines were never reached.")
      .Takes(2s);
  lab.Scenario("raii", [] { return Run(CancelDownload(Download)); })
      .Says("cure: the same, the file has a destructor")
      .Outcome("files left: 0", "no file is left.")
      .Takes(2s);
  AddSwallowed(lab);
  AddGoodbye(lab);
  AddArticles(lab);
  lab.Notice(
      "Cancelling is asking: an exception where the task waits. Destructors answer it by "
      "themselves. catch (...) answers no, and nobody hears of it.");
  lab.Try("--scenario=S3.17; --scenario=never_began; goodbye without its last throw.");
  lab.Next("30_timeout");
  return lab.Main(argc, argv);
}
