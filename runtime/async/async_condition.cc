// runtime/async/async_condition.cc

#include "runtime/async/async_condition.h"

#include <exception>
#include <stdexcept>
#include <string>

namespace interleave {

class AsyncCondition::Waiting final : public WaitingTask {
 public:
  Waiting(AsyncCondition& condition, unsigned line) : WaitingTask(line), condition_(condition) {}
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<>) { condition_.waiting_.Add(*this); }
  void await_resume() {
    if (!MustCancel()) return;
    if (woken() && !condition_.waiting_.empty()) condition_.waiting_.WakeFirst();
    throw TaskCancelled(CancelMessage());
  }
  std::string Describe() const override { return "condition"; }

 private:
  AsyncCondition& condition_;
};

struct AsyncCondition::Request {
  AsyncCondition* condition;
  Waiting AwaitAt(unsigned line) const { return Waiting(*condition, line); }
};

void AsyncCondition::CheckLocked() const {
  if (!mutex_.locked()) throw std::logic_error("AsyncCondition: its mutex is not locked");
}

Task<void> AsyncCondition::Wait() {
  CheckLocked();
  mutex_.Unlock();
  std::exception_ptr cancelled;
  try {
    co_await Request{this};
  } catch (const TaskCancelled&) {
    cancelled = std::current_exception();
  }
  // Whatever happens, the caller holds the lock afterwards, as it believes.
  for (bool locked = false; !locked;) {
    try {
      co_await mutex_.Lock();
      locked = true;
    } catch (const TaskCancelled&) {
      cancelled = std::current_exception();
    }
  }
  if (cancelled != nullptr) std::rethrow_exception(cancelled);
}

void AsyncCondition::Notify(int tasks) {
  CheckLocked();
  for (; tasks > 0 && !waiting_.empty(); --tasks) waiting_.WakeFirst();
}

}  // namespace interleave
