// runtime/threads/wait.cc

#include "runtime/threads/wait.h"

#include <string>
#include <unordered_set>
#include <vector>

#include "runtime/threads/future_errors.h"

namespace interleave {
namespace {

// Watches from construction to destruction: after that nobody knows the waiter any more.
class Watches {
 public:
  Watches(Waiter& waiter, const std::vector<FutureState*>& states)
      : waiter_(waiter), states_(states) {
    for (FutureState* state : states_) state->Watch(waiter_);
  }
  ~Watches() {
    for (FutureState* state : states_) state->Unwatch(waiter_);
  }

 private:
  Waiter& waiter_;
  const std::vector<FutureState*>& states_;
};

}  // namespace

std::vector<FutureState*> WithoutRepetitions(const std::vector<FutureState*>& states) {
  std::unordered_set<FutureState*> seen;
  std::vector<FutureState*> once;
  for (FutureState* state : states) {
    if (seen.insert(state).second) once.push_back(state);
  }
  return once;
}

void WaitForStates(const std::vector<FutureState*>& states, ReturnWhen when, Deadline deadline) {
  if (states.empty()) return;
  const std::size_t wanted = when == ReturnWhen::kFirstCompleted ? 1 : states.size();
  Waiter waiter(wanted, when == ReturnWhen::kFirstException);
  const Watches watches(waiter, states);
  waiter.Await(states, deadline);
}

CompletionOrder::CompletionOrder(const std::vector<FutureState*>& states, Deadline deadline)
    : deadline_(deadline), states_(WithoutRepetitions(states)), waiter_(1) {
  for (FutureState* state : states_) state->Watch(waiter_);
}

CompletionOrder::~CompletionOrder() {
  for (FutureState* state : states_) state->Unwatch(waiter_);
}

FutureState* CompletionOrder::Next() {
  if (handed_out_ == states_.size()) return nullptr;
  waiter_.Want(handed_out_ + 1);
  if (!waiter_.Await(states_, deadline_)) {
    throw TimedOut(std::to_string(states_.size() - handed_out_) + " (of " +
                   std::to_string(states_.size()) + ") futures unfinished");
  }
  return waiter_.completed(handed_out_++);
}

}  // namespace interleave
