// runtime/async/task_core.cc

#include "runtime/async/task_core.h"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include "runtime/async/async_errors.h"
#include "runtime/async/event_loop.h"
#include "runtime/async/task.h"

namespace interleave {

std::uint64_t NextTaskNumber() {
  constinit thread_local std::uint64_t tasks = 0;
  return ++tasks;
}

TaskCore::TaskCore(EventLoop& loop, PromiseBase& first, std::string_view name)
    : Completion(loop), leaf_(&first), number_(NextTaskNumber()) {
  Set(kTask);
  if (!name.empty() || running_now.has_context) BeginWithExtras(name);
  Share();  // the loop's, until it is done
  loop.tasks().Add(*this);
  loop.MakeReady(*this);
}

TaskCore::~TaskCore() {
  if (Has(kExtras)) delete extras_;
}

inline void TaskCore::ResumeFrames() {
  running_now.task = this;
  running_now.next = leaf_;
  do {
    leaf_ = std::exchange(running_now.next, nullptr);
    leaf_->handle().resume();
  } while (running_now.next != nullptr);
  running_now.task = nullptr;
}

void TaskCore::Run() {
  if (!Has(kStarted)) [[unlikely]] {
    Set(kStarted);
    if (Has(kMustCancel)) {  // before the body has begun: it never does
      const std::source_location first = leaf_->where();
      leaf_->handle().destroy();
      leaf_ = nullptr;
      Finish(first);
      return;
    }
  } else if (Suspension* at = leaf_->waits_for(); at != nullptr) {
    if (!Has(kMustCancel) && at->StillBlocked()) return;
    leaf_->set_waits_for(nullptr);
  }
  if (running_now.has_context || (Has(kExtras) && extras_->context != nullptr)) [[unlikely]] {
    ResumeInContext();
  } else {
    ResumeFrames();
    if (running_now.has_context) [[unlikely]]
      KeepContext();
  }
  if (running_now.ended) [[unlikely]] {
    running_now.ended = false;
    leaf_ = nullptr;
    Finish(running_now.ended_at);
  } else if (Has(kMustCancel)) [[unlikely]] {
    CancelWhatItWaitsFor();
  }
}

void TaskCore::ResumeInContext() {
  Context outside = ExchangeContext(Has(kExtras) ? std::move(extras_->context) : nullptr);
  ResumeFrames();
  KeepContext();
  ExchangeContext(std::move(outside));
}

void TaskCore::KeepContext() {
  Context own = ExchangeContext(nullptr);
  if (own != nullptr || Has(kExtras)) NeedExtras().context = std::move(own);
}

void TaskCore::BeginWithExtras(std::string_view name) {
  NeedExtras().name = name;
  extras_->context = CurrentContext();
}

void TaskCore::Finish(std::source_location first) {
  if (!Has(kMustCancel) && !failed()) {
    MarkSeen();
    Leave(first, false);
  } else {
    FinishBadly(first);
  }
}

void TaskCore::Leave(std::source_location first, bool cancelled) {
  Complete(cancelled);
  first_ = first;
  loop().tasks().Remove(*this);
  Release();
}

void TaskCore::FinishBadly(std::source_location first) {
  // A task that was cancelled and went on to its end without waiting is cancelled all the same.
  if (TakeCancel() && !failed()) {
    SetError(std::make_exception_ptr(TaskCancelled(TakeCancelMessage())));
  }
  bool cancelled = false;
  bool interrupted = false;
  try {
    std::rethrow_exception(error());
  } catch (const TaskCancelled&) {
    cancelled = true;
  } catch (const Interrupted&) {
    interrupted = true;
    MarkSeen();
  } catch (...) {  // is reported when nobody asks for it
  }
  Leave(first, cancelled);
  if (interrupted) throw Interrupted();
}

Suspension* TaskCore::waits_for() const {
  return leaf() == nullptr ? nullptr : leaf()->waits_for();
}

std::string TaskCore::TakeCancelMessage() {
  return Has(kExtras) ? std::exchange(extras_->cancel_message, "") : "";
}

int TaskCore::Uncancel() {
  if (cancel_requests_ > 0) --cancel_requests_;
  return cancel_requests_;
}

bool TaskCore::CancelFrom(CancelWalk& walk) {
  if (done()) return false;
  walk.Add(*this);
  return true;
}

void TaskCore::CancelHere(CancelWalk& walk) {
  if (cancel_requests_ < UINT16_MAX) ++cancel_requests_;
  Suspension* at = waits_for();
  const CancelledWait wait = at != nullptr ? at->Cancel(walk) : CancelledWait::kAlreadyWoken;
  if (wait == CancelledWait::kPassedOn) return;
  Set(kMustCancel);
  if (!walk.message().empty() || Has(kExtras)) NeedExtras().cancel_message = walk.message();
  if (wait == CancelledWait::kWithdrawn) loop().MakeReady(*this);
}

// It was cancelled while it ran (by itself, perhaps), and waits now.
void TaskCore::CancelWhatItWaitsFor() {
  if (waits_for() == nullptr) return;  // it yielded, and will be told when it goes on
  CancelWalk walk(Has(kExtras) ? extras_->cancel_message : "");
  const CancelledWait wait = waits_for()->Cancel(walk);
  if (wait == CancelledWait::kPassedOn) TakeCancel();
  if (wait == CancelledWait::kWithdrawn) loop().MakeReady(*this);
  walk.Run();
}

void TaskCore::ForEachAwaited(const std::function<void(Completion&)>& visit) const {
  Suspension* at = waits_for();
  if (at != nullptr && at->awaited() != nullptr) visit(*at->awaited());
}

TaskCore::Extras& TaskCore::NeedExtras() {
  if (!Has(kExtras)) {
    extras_ = new Extras{.number = number_, .name = "", .cancel_message = "", .context = nullptr};
    Set(kExtras);
  }
  return *extras_;
}

void TaskCore::SetName(std::string_view name) { NeedExtras().name = name; }

std::string TaskCore::Name() const {
  if (Has(kExtras) && !extras_->name.empty()) return extras_->name;
  return "Task-" + std::to_string(Has(kExtras) ? extras_->number : number_);
}

void TaskCore::Abandon() {
  if (done()) return;
  DropCallbacks();  // they may hold this task
  PromiseBase* frame = std::exchange(leaf_, nullptr);
  while (frame != nullptr) {
    PromiseBase* caller = frame->caller();
    frame->handle().destroy();
    frame = caller;
  }
}

std::vector<PromiseBase*> TaskCore::Frames() const {
  std::vector<PromiseBase*> frames;
  for (PromiseBase* frame = leaf(); frame != nullptr; frame = frame->caller()) {
    frames.push_back(frame);
  }
  std::reverse(frames.begin(), frames.end());
  return frames;
}

}  // namespace interleave
