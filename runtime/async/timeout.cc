// runtime/async/timeout.cc

#include "runtime/async/timeout.h"

#include <stdexcept>

namespace interleave {

Timeout::Timeout(std::optional<EventLoop::Duration> limit) {
  if (limit.has_value()) when_ = EventLoop::In(*limit);
}

void Timeout::Enter() {
  if (state_ != State::kCreated) throw std::logic_error("Timeout::Run: it has been used before");
  task_ = CurrentTask();
  state_ = State::kRunning;
  cancelled_before_ = task_.Cancelling();
  Reschedule(when_);
}

void Timeout::Reschedule(std::optional<TimePoint> when) {
  if (state_ != State::kRunning) throw std::logic_error("Timeout::Reschedule: it does not run");
  timer_.Cancel();
  when_ = when;
  if (!when.has_value()) return;
  EventLoop& loop = task_.loop();
  timer_ = *when <= loop.Time() ? loop.CallSoon([this] { Expire(); })
                                : loop.CallAt(*when, [this] { Expire(); });
}

void Timeout::Expire() {
  state_ = State::kExpiring;
  task_.Cancel();
}

bool Timeout::Leave(bool body_was_cancelled) {
  timer_.Cancel();
  if (state_ == State::kExpiring) {
    state_ = State::kExpired;
    // Somebody else may have cancelled the task as well; that is not for us to hide.
    return task_.Uncancel() <= cancelled_before_ && body_was_cancelled;
  }
  state_ = State::kEnded;
  return false;
}

}  // namespace interleave
