// runtime/lab/play_words.cc
#include "runtime/lab/play_words.h"

#include "runtime/engine/phrase.h"
#include "runtime/lab/page.h"

namespace interleave::lab {
namespace {

// It stands before a wait that has not begun. (What has been woken goes on by itself.)
bool BeginsToWait(const Step& next) {
  return next.kind == StepKind::kWait && !next.blocked && !next.timed_out;
}

std::string OnTime(const Step& next) {
  return next.timed_out ? "Its time is up: it goes on without having got what it waited for." : "";
}

}  // namespace

std::string NextPhrase(const ThreadSoFar& thread) {
  Step next = thread.next;
  if (next.kind == StepKind::kEnd) return "returns, and that ends the program";
  if (BeginsToWait(next)) next.blocked = true;
  return Phrase(next) + (next.timed_out ? " (its time is up)" : "");
}

std::string NextMeaning(const ThreadSoFar& thread) {
  const Step& next = thread.next;
  const std::string object = next.object.empty() ? "it" : next.object;
  switch (next.kind) {
    case StepKind::kRead:
    case StepKind::kAtomicRead:
      return "It reads " + object +
             (next.value.empty() ? "" : ", which is " + next.value + " now") +
             ". What it does with that is a later step; another thread may come first.";
    case StepKind::kWrite:
    case StepKind::kAtomicWrite:
      return "It writes " + object +
             ", whatever stands there now. The value was made of what it has read before.";
    case StepKind::kAtomicUpdate:
      return "It reads " + object + " and writes it in one step: nobody can come between.";
    case StepKind::kLock:
    case StepKind::kReadLock:
      return next.timed_out ? OnTime(next)
                            : "It takes " + object +
                                  ", which is free now. Who wants it after that has to wait until "
                                  "it is unlocked.";
    case StepKind::kTryLock:
    case StepKind::kTryReadLock:
    case StepKind::kTryAcquire:
      return "It takes " + object + " if that can be had now, and goes on without it otherwise.";
    case StepKind::kUnlock:
    case StepKind::kReadUnlock:
      return "It gives " + object + " back; one of those that wait for it can take it then.";
    case StepKind::kAcquire:
      return next.timed_out ? OnTime(next) : "It takes one of what " + object + " has left.";
    case StepKind::kRelease:
      return "It gives one back to " + object + "; somebody who waits for it can go on then.";
    case StepKind::kWait:
      return next.timed_out ? OnTime(next)
                            : "It goes to sleep until somebody wakes it. A notify that came before "
                              "is not remembered.";
    case StepKind::kWake:
      return "It wakes who waits on " + object + " now; who comes later is not woken by it.";
    case StepKind::kOutput:
      return "It prints. Lines stand in the order in which these steps are made.";
    case StepKind::kReceive:
      return "It takes what has come from " + object + ".";
    case StepKind::kSend:
      return "It sends to " + object + "; who waits for that can go on then.";
    case StepKind::kPoll:
      return "It looks whether any of several descriptors is ready.";
    case StepKind::kYield:
      return "It has offered to let others go first, and goes on now.";
    case StepKind::kEnd:
      return "The main thread returns. What other threads would still have done is cut off.";
    default:
      return "";
  }
}

std::string StandsText(const RunSoFar& run, int thread) {
  const auto name = [&](int number) {
    return run.report.threads.at(static_cast<std::size_t>(number));
  };
  const ThreadSoFar& stands = run.threads.at(static_cast<std::size_t>(thread));
  const Step& next = stands.next;
  std::string text = name(thread);
  if (!stands.holds.empty()) text += " " + stands.holds;
  if (next.blocked) {
    text += (stands.holds.empty() ? " " : " and ") + Phrase(next);
    if (next.by == thread) text += ", which it holds itself";
    if (next.by >= 0 && next.by != thread) text += ", which " + name(next.by) + " holds";
    if (next.until.count() != 0) {
      text += ", until " + Seconds(next.until - run.report.began) + " at the latest";
    }
  }
  return next.blocked || !stands.holds.empty() ? text : "";
}

}  // namespace interleave::lab
