// runtime/threads/wait.h
//
// Waiting for several futures at once: for all of them, for whichever is first, or for each in the
// order in which they get ready.
//
//   std::vector<Future<int>> pages = ...;
//   Waited<int> waited = Wait(pages, ReturnWhen::kFirstException, 2s);
//   Log(std::to_string(waited.done.size()) + " are done");
//
//   for (Future<int> page : AsCompleted(pages, 5s)) Use(page.Get());
//
// A future that comes twice is waited for once. One that was cancelled is done, here, when its
// worker (or its promise's Start, or the promise's end) has come upon it: until then it may still
// stand in a queue.
//
// Threads: any thread. The waiting thread sleeps; the completing threads wake it.

#ifndef RUNTIME_THREADS_WAIT_H_
#define RUNTIME_THREADS_WAIT_H_

#include <chrono>
#include <cstddef>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "runtime/threads/future.h"
#include "runtime/threads/future_state.h"

namespace interleave {

enum class ReturnWhen {
  kFirstCompleted,
  kFirstException,  // or all completed; a cancelled future is no exception
  kAllCompleted,
};

template <typename T>
struct Waited {
  std::vector<Future<T>> done, not_done;  // each in the order in which they were given
};

// How it works: without T.
std::vector<FutureState*> WithoutRepetitions(const std::vector<FutureState*>& states);
void WaitForStates(const std::vector<FutureState*>& states, ReturnWhen when, Deadline deadline);

// A time-out is no error: what is not done by then is in not_done.
template <typename T>
Waited<T> Wait(const std::vector<Future<T>>& futures, ReturnWhen when = ReturnWhen::kAllCompleted,
               std::optional<std::chrono::nanoseconds> timeout = {}) {
  std::vector<FutureState*> states;
  for (const Future<T>& future : futures) states.push_back(future.state());
  states = WithoutRepetitions(states);
  WaitForStates(states, when, DeadlineAfter(timeout));
  Waited<T> waited;
  for (FutureState* state : states) {
    auto& list = state->CompletedForWait() ? waited.done : waited.not_done;
    list.emplace_back(static_cast<FutureResult<T>*>(state));
  }
  return waited;
}

// How it works: hands out states in the order in which they complete.
class CompletionOrder {
 public:
  CompletionOrder(const std::vector<FutureState*>& states, Deadline deadline);
  CompletionOrder(const CompletionOrder&) = delete;
  CompletionOrder& operator=(const CompletionOrder&) = delete;
  ~CompletionOrder();
  FutureState* Next();  // nullptr: that was all. Throws: TimedOut

 private:
  const Deadline deadline_;
  const std::vector<FutureState*> states_;
  std::size_t handed_out_ = 0;
  Waiter waiter_;
};

// A range to go through once. The futures that are done come first, in the order given. When the
// time since the call is over, and all that were done by then have come, the loop throws TimedOut:
// "2 (of 4) futures unfinished".
template <typename T>
class AsCompleted {
 public:
  explicit AsCompleted(std::vector<Future<T>> futures,
                       std::optional<std::chrono::nanoseconds> timeout = {})
      : futures_(std::move(futures)), order_(States(), DeadlineAfter(timeout)) {}

  class Iterator {
   public:
    using difference_type = std::ptrdiff_t;
    using value_type = Future<T>;
    explicit Iterator(CompletionOrder* order) : order_(order), current_(order->Next()) {}
    Future<T> operator*() const { return Future<T>(static_cast<FutureResult<T>*>(current_)); }
    Iterator& operator++() {
      current_ = order_->Next();
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return current_ == nullptr; }

   private:
    CompletionOrder* order_;
    FutureState* current_;
  };

  Iterator begin() { return Iterator(&order_); }
  std::default_sentinel_t end() const { return {}; }

 private:
  std::vector<FutureState*> States() const {
    std::vector<FutureState*> states;
    for (const Future<T>& future : futures_) states.push_back(future.state());
    return states;
  }

  const std::vector<Future<T>> futures_;  // keeps the states alive
  CompletionOrder order_;
};

}  // namespace interleave

#endif  // RUNTIME_THREADS_WAIT_H_
