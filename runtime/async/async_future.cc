// runtime/async/async_future.cc

#include "runtime/async/async_future.h"

#include <exception>
#include <stdexcept>
#include <utility>

#include "runtime/async/task_core.h"
#include "runtime/async/wait_graph.h"

namespace interleave {

void AnyFuture::CheckDone() const {
  if (!done()) throw InvalidState("the result is not there yet");
}

std::exception_ptr AnyFuture::Exception() const {
  CheckDone();
  state_->MarkSeen();
  const std::exception_ptr error = state_->error();
  if (cancelled()) std::rethrow_exception(error);
  return error;
}

void CompletionWait::Leave() { awaited_->RemoveCallback(*waiting_); }

void CompletionWait::CheckMayAwait() const {
  if (&awaited_->loop() != running_now.loop) {
    throw std::logic_error("a task cannot await a future or task of another loop");
  }
  if (awaited_.get() == running_now.task) throw std::logic_error("a task cannot await itself");
}

void CompletionWait::await_suspend(std::coroutine_handle<>) {
  waiting_ = &Begin();
  awaited_->AddCallback(*waiting_);
  waiting_->loop().NoteAwait(*waiting_, *awaited_);
}

CancelledWait CompletionWait::Cancel(CancelWalk& walk) {
  // In a ring of tasks that wait for each other the walk comes back to where it was. Somebody has
  // to be the first to go on: this one.
  if (awaited_->is_task() && walk.Visited(static_cast<TaskCore&>(*awaited_)) &&
      Reaches(*awaited_, *waiting_)) {
    awaited_->RemoveCallback(*waiting_);
    return CancelledWait::kWithdrawn;
  }
  return awaited_->CancelFrom(walk) ? CancelledWait::kPassedOn : CancelledWait::kAlreadyWoken;
}

}  // namespace interleave
