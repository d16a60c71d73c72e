// Lab 31: structured concurrency
//
// Who looks after what a task has started?
//
// Spawn starts a task and forgets it. The task may still be at work when the function that started
// it has long returned, and when it fails there is nobody to tell. In a program without tasks this
// cannot happen: what a function calls has ended when it returns, and its exceptions pass through.
//
// A TaskGroup gives that back. Its block ends when everything has ended that was started in it. If
// one fails, the others are cancelled, all are waited for, and the block throws. So the tasks of a
// program form a tree, as its calls do, and whoever stands above hears of what goes wrong below.
//
// Run it:     bazel run //labs:31_structured_concurrency
//
// Notice:     loose says "published" after 1 s. The video fails at 2 s, and main never learns it;
//             that the lab reports it is because it looks after its loops. The sound is cut off
//             when main ends.
//
//             group differs in one word, group.Spawn. The video's failure ends the sound at once,
//             and arrives where Publish was called.
//
// Try:        --scenario=S3.18: what becomes of the others if one consumer fails?
//             --scenario=two_failures: can a block throw two exceptions?
//             Let nobody fail: when do the two say "published"?
//
// Next:       32_socket_loop
#include <chrono>
#include <exception>
#include <stdexcept>
#include <string>

#include "runtime/async/async_errors.h"
#include "runtime/async/run.h"
#include "runtime/async/sleep.h"
#include "runtime/async/spawn.h"
#include "runtime/async/task.h"
#include "runtime/async/task_group.h"
#include "runtime/lab/lab.h"
#include "runtime/lab/log.h"

void AddArticles(interleave::Lab& lab);  // in 31_structured_concurrency_articles.cc

namespace {

using interleave::Log;
using interleave::Run;
using interleave::SleepFor;
using interleave::Spawn;
using interleave::Task;
using interleave::TaskGroup;
using namespace std::chrono_literals;

Task<void> Upload(std::string name, std::chrono::seconds duration, std::string failure = "") {
  try {
    co_await SleepFor(duration);
  } catch (const interleave::TaskCancelled&) {
    Log(name + ": cancelled");
    throw;
  }
  Log(name + ": " + (failure.empty() ? "uploaded" : failure));
  if (!failure.empty()) throw std::runtime_error(failure);
}

Task<void> WriteIndex() {
  co_await SleepFor(1s);
  Log("index: written");
}

Task<void> PublishLoosely() {
  Spawn(Upload("text", 1s), "text");
  Spawn(Upload("video", 2s, "the disk is full"), "video");
  Spawn(Upload("sound", 1min), "sound");
  co_await WriteIndex();
}

Task<void> Publish() {
  TaskGroup group;
  co_await group.Run([&]() -> Task<void> {
    group.Spawn(Upload("text", 1s), "text");
    group.Spawn(Upload("video", 2s, "the disk is full"), "video");
    group.Spawn(Upload("sound", 1min), "sound");
    co_await WriteIndex();
  });
}

// The sound has a mistake of its own, in what it does when it is cancelled.
Task<void> UploadBadly() {
  try {
    co_await SleepFor(1min);
  } catch (const interleave::TaskCancelled&) {
    Log("sound: the rest cannot be deleted");
    throw std::runtime_error("the rest cannot be deleted");
  }
}

Task<void> PublishBadly() {
  TaskGroup group;
  co_await group.Run([&]() -> Task<void> {
    group.Spawn(Upload("text", 1s), "text");
    group.Spawn(Upload("video", 2s, "the disk is full"), "video");
    group.Spawn(UploadBadly(), "sound");
    co_await WriteIndex();
  });
}

Task<std::string> Main(Task<void> (*publish)()) {
  std::string result = "published";
  try {
    co_await publish();
  } catch (const std::exception& error) {
    result = std::string("not published: ") + error.what();
  }
  Log("main: " + result);
  co_await SleepFor(3s);  // looks after other things
  Log("main: ends");
  co_return result;
}

}  // namespace

int main(int argc, char** argv) {
  interleave::Lab lab("31_structured_concurrency",
                      "Structured concurrency: who looks after what a task has started?");
  lab.Scenario("loose", [] { return Run(Main(PublishLoosely)); })
      .Says("three uploads spawned; the video's fails after 2 s")
      .Outcome("published", "it is not: one upload failed, and one was cut off.")
      .Takes(4s);
  lab.Scenario("group", [] { return Run(Main(Publish)); })
      .Says("cure: the same, spawned in a TaskGroup")
      .Outcome("not published: failures in a TaskGroup (1 failure): the disk is full",
               "none of its tasks is left behind, and main knows why.")
      .Takes(5s)
      .PermutesTasks()
      .ShowsCensus();
  lab.Scenario("two_failures", [] { return Run(Main(PublishBadly)); })
      .OnRequest()
      .Says("the same; the sound fails when it is cancelled")
      .Outcome(
          "not published: failures in a TaskGroup (2 failures): the disk is full; the rest cannot "
          "be deleted")
      .Takes(5s);
  AddArticles(lab);
  lab.Notice(
      "A block that waits for what was started in it makes tasks as tame as calls: none outlives "
      "it, and no failure is lost.");
  lab.Try("--scenario=S3.18; --scenario=two_failures; no failure in either Publish.");
  lab.Next("32_socket_loop");
  return lab.Main(argc, argv);
}
