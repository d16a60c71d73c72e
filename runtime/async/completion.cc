// runtime/async/completion.cc

#include "runtime/async/completion.h"

#include <exception>
#include <string>
#include <utility>

#include "runtime/async/event_loop.h"
#include "runtime/async/suspension.h"

namespace interleave {

void Completion::AddCallback(Runnable& callback) {
  if (done()) {
    loop_->MakeReady(callback);
  } else {
    callbacks_.Push(callback);
  }
}

void Completion::AddDoneCallback(DoneCallbackBase& callback) {
  Set(kDoneCallbacks);
  if (done()) callback.Keep();
  AddCallback(callback);
}

bool Completion::Cancel(std::string message) {
  CancelWalk walk(std::move(message));
  const bool accepted = CancelFrom(walk);
  walk.Run();
  return accepted;
}

void Completion::Complete(bool cancelled) {
  Set(kDone);
  if (cancelled) Set(kCancelled);
  if (Has(kDoneCallbacks)) {
    callbacks_.ForEach([](Runnable& callback) {
      if (auto* of_program = dynamic_cast<DoneCallbackBase*>(&callback)) of_program->Keep();
    });
  }
  loop_->MakeReady(callbacks_);
}

std::string Completion::Text() const {
  return cancelled() ? "<Future cancelled>" : done() ? "<Future finished>" : "<Future pending>";
}

void Completion::ReportUnseen() {
  // Handles may be dropped after their loop; then there is nobody left to tell.
  const std::exception_ptr failure = error();
  if (failure != nullptr && EventLoop::IsAlive(loop_)) {
    const char* message =
        is_task() ? "Task exception was never retrieved" : "Future exception was never retrieved";
    loop_->CallExceptionHandler({message, failure, is_task() ? Name() : ""});
  }
}

void Completion::Destroy() {
  if (done() && !cancelled() && !Has(kSeen)) ReportUnseen();
  DropCallbacks();
  delete this;
}

void Completion::DropCallbacks() {
  while (!callbacks_.empty()) callbacks_.Pop().Drop();
}

}  // namespace interleave
