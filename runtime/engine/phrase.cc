// runtime/engine/phrase.cc
#include "runtime/engine/phrase.h"

namespace interleave {
namespace {

// "reads 0" of the watched variable, "reads total 0" of another.
std::string Access(const char* verb, const Step& step, std::string_view watched) {
  std::string phrase = verb;
  if (step.object != watched && !step.object.empty()) phrase += " " + step.object;
  if (!step.value.empty()) phrase += " " + step.value;
  return phrase;
}

std::string Object(const Step& step) { return step.object.empty() ? "" : " " + step.object; }

// The first line of what is printed, quoted. Of a log's line (20:28:15:adder-1:message) the message
// is enough: when and who can be seen from where it stands.
std::string Printed(const Step& step) {
  std::string line = step.object.substr(0, step.object.find('\n'));
  if (line.size() > 8 && line[2] == ':' && line[5] == ':' && line[8] == ':') {
    line.erase(0, line.find(':', 9) + 1);
  }
  return "prints \"" + line + "\"";
}

}  // namespace

std::string Phrase(const Step& step, std::string_view watched) {
  switch (step.kind) {
    case StepKind::kStart:
      return "starts";
    case StepKind::kEnd:
      return "ends";
    case StepKind::kRead:
    case StepKind::kAtomicRead:
      return Access("reads", step, watched);
    case StepKind::kWrite:
    case StepKind::kAtomicWrite:
      return Access("writes", step, watched);
    case StepKind::kAtomicUpdate:
      return Access("updates to", step, watched);
    case StepKind::kLock:
      return (step.blocked ? "waits for" : "locks") + Object(step);
    case StepKind::kTryLock:
      return "tries" + Object(step);
    case StepKind::kUnlock:
      return "unlocks" + Object(step);
    case StepKind::kReadLock:
      return (step.blocked ? "waits to read" : "locks to read") + Object(step);
    case StepKind::kTryReadLock:
      return "tries to read" + Object(step);
    case StepKind::kReadUnlock:
      return "unlocks" + Object(step);
    case StepKind::kAcquire:
      return (step.blocked ? "waits for" : "acquires") + Object(step);
    case StepKind::kTryAcquire:
      return "tries" + Object(step);
    case StepKind::kRelease:
      return "releases" + Object(step);
    case StepKind::kWait:
      return step.blocked ? "waits on" + Object(step) : "goes on";
    case StepKind::kWake:
      return "notifies" + Object(step);
    case StepKind::kJoin:
      return (step.blocked ? "waits for the end of" : "joins") + Object(step);
    case StepKind::kSleep:
      return step.blocked ? "sleeps" : "wakes up";
    case StepKind::kYield:
      return "yields";
    case StepKind::kOutput:
      return Printed(step);
    case StepKind::kReceive:
      return (step.blocked ? "waits to receive from" : "receives from") + Object(step);
    case StepKind::kSend:
      return (step.blocked ? "waits to send to" : "sends to") + Object(step);
    case StepKind::kPoll:
      return step.blocked ? "waits until a descriptor is ready" : "looks which descriptor is ready";
    case StepKind::kProcess:
      return step.blocked ? "waits for a process" : "asks for a process";
    case StepKind::kSignal:
      return step.blocked ? "waits for a signal" : "signals";
    case StepKind::kFence:
      return "passes a fence";
  }
  return "?";
}

bool IsAccess(StepKind kind) {
  switch (kind) {
    case StepKind::kRead:
    case StepKind::kWrite:
    case StepKind::kAtomicRead:
    case StepKind::kAtomicWrite:
    case StepKind::kAtomicUpdate:
      return true;
    default:
      return false;
  }
}

bool IsWriting(StepKind kind) {
  return kind == StepKind::kWrite || kind == StepKind::kAtomicWrite ||
         kind == StepKind::kAtomicUpdate;
}

}  // namespace interleave
