// runtime/async/async_errors.h
//
// The exceptions by which the event loop and its tasks speak, beside TimedOut and InvalidState,
// which they share with the futures of threads.
//
// TaskCancelled and Interrupted are no std::exception, on purpose. A task that says
// `catch (const std::exception&)` means "whatever went wrong with the work", and to be cancelled or
// interrupted is not that: it should pass through such a handler and end the task. Who really wants
// to catch it names it, or says `catch (...)`, and should then throw it on. (Python drew the same
// line between asyncio.CancelledError and Exception.) Cancelled of runtime/threads is another
// thing: a job that never began.

#ifndef INTERLEAVE_RUNTIME_ASYNC_ASYNC_ERRORS_H_
#define INTERLEAVE_RUNTIME_ASYNC_ASYNC_ERRORS_H_

#include <string>
#include <utility>

#include "runtime/threads/future_errors.h"

namespace interleave {

// Thrown at the place where a task waits, when it was cancelled; and by whatever asks for the
// result of something cancelled.
class TaskCancelled {
 public:
  explicit TaskCancelled(std::string message = "") : message_(std::move(message)) {}
  // What was given to Cancel(), often nothing.
  const std::string& message() const { return message_; }

 private:
  std::string message_;
};

// Ctrl-C. Thrown by Run when it was pressed; thrown by a task or a callback it leaves the loop at
// once.
class Interrupted {};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ASYNC_ASYNC_ERRORS_H_
