#include "runtime/engine/step_remarks.h"

#include <cstdio>

#include "runtime/engine/phrase.h"

namespace interleave {
namespace {

// Whoever begins to wait on a condition variable unlocks its mutex.
bool LetsOthersGoOn(StepKind kind) {
  switch (kind) {
    case StepKind::kUnlock:
    case StepKind::kReadUnlock:
    case StepKind::kRelease:
    case StepKind::kWake:
    case StepKind::kWait:
    case StepKind::kSend:
    case StepKind::kSignal:
      return true;
    default:
      return false;
  }
}

}  // namespace

void StepRemarks::Next(const Step& step, std::size_t row) {
  explanation_ = step.blocked ? WhyItWaits(step) : WhyItGoesOn(step);
  remark_ = IsAccess(step.kind) ? RemarkOnAccess(step) : RemarkOnLock(step, row);
  Past& past = past_[step.thread];
  if (LetsOthersGoOn(step.kind)) {
    past.release = Phrase(step);
    past.release_row = row;
  }
  if (step.blocked) {
    past.waits = true;
    past.waits_since = row;
    return;
  }
  past.waits = false;
  stepped_ = step.thread;
}

std::string StepRemarks::RemarkOnAccess(const Step& step) {
  auto& known = knowledge_[step.object];
  Knowledge& own = known[step.thread];
  if (!step.note.empty()) {
    own = {.has_read = !IsWriting(step.kind)};
    return step.note;
  }
  if (!IsWriting(step.kind)) {
    own = {.has_read = true};
    return "";
  }
  std::string remark;
  if (step.kind == StepKind::kWrite && own.has_read && own.overwritten_by >= 0) {
    remark = "overwrites what " + Name(own.overwritten_by) + " wrote";
  }
  own = {};
  for (auto& [thread, knowledge] : known) {
    if (thread != step.thread) knowledge.overwritten_by = step.thread;
  }
  return remark;
}

std::string StepRemarks::RemarkOnLock(const Step& step, std::size_t row) {
  const auto holder = holder_.find(step.object);
  switch (step.kind) {
    case StepKind::kLock:
      if (step.blocked) {
        const int by = step.by >= 0              ? step.by
                       : holder != holder_.end() ? holder->second.thread
                                                 : -1;
        return by < 0 ? "" : by == step.thread ? "held by itself" : "held by " + Name(by);
      }
      holder_[step.object] = {step.thread, row};
      return "";
    case StepKind::kTryLock:
      if (holder != holder_.end()) return "in vain: held by " + Name(holder->second.thread);
      holder_[step.object] = {step.thread, row};
      return "";
    case StepKind::kUnlock:
      holder_.erase(step.object);
      return "";
    case StepKind::kWake:
      return step.value.empty() ? "nobody waits" : "wakes " + step.value;
    default:
      return "";
  }
}

std::string StepRemarks::WhyItWaits(const Step& step) {
  const std::string me = Name(step.thread);
  const bool in_time = step.until.count() != 0;
  const std::string at_most = in_time ? ", at the latest until " + At(step.until) : "";
  switch (step.kind) {
    case StepKind::kLock: {
      if (step.by < 0) return "";
      const auto holder = holder_.find(step.object);
      const std::string since = holder != holder_.end() && holder->second.thread == step.by
                                    ? Since(holder->second.row)
                                    : "";
      if (step.by == step.thread) {
        return me + " holds " + step.object + " itself" + since + ", so it waits for itself";
      }
      return me + " waits until " + Name(step.by) + ", who holds it" + since + ", unlocks it" +
             at_most;
    }
    case StepKind::kJoin:
      return me + " waits until " + step.object + " ends";
    case StepKind::kSleep:
      return in_time ? me + " sleeps until " + At(step.until) : "";
    case StepKind::kWait:
      return me + " waits until somebody wakes it" + at_most;
    default:
      return me + " waits until another thread lets it go on" + at_most;
  }
}

std::string StepRemarks::WhyItGoesOn(const Step& step) {
  const Past& past = past_[step.thread];
  const std::string me = Name(step.thread);
  if (past.waits) {
    const std::string waited = me + " has waited" + Since(past.waits_since);
    if (step.timed_out) return waited + "; its time is up at " + At(step.time);
    if (step.by < 0 || step.by == step.thread) return "";
    const Past& other = past_[step.by];
    if (step.kind == StepKind::kJoin)
      return waited + "; that is over because " + step.object + " ends";
    if (other.release.empty()) return "";
    const std::string row =
        other.release_row == 0 ? "" : " in step " + std::to_string(other.release_row);
    return waited + "; that is over because " + Name(step.by) + " " + other.release + row;
  }
  if (step.preempts && stepped_ >= 0 && stepped_ != step.thread) {
    return Name(stepped_) + " could go on as well; the schedule lets " + me + " go first";
  }
  return "";
}

std::string StepRemarks::At(std::chrono::nanoseconds time) const {
  char text[32];
  const auto since = std::chrono::duration<double>(time - report_.began);
  std::snprintf(text, sizeof text, "%.3f s", since.count());
  return text;
}

std::string StepRemarks::Since(std::size_t row) {
  return row == 0 ? "" : " since step " + std::to_string(row);
}

}  // namespace interleave
