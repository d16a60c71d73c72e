// runtime/async/async_errors.h
//
// The exceptions by which the event loop and its tasks speak.
//
// Two of them are no std::exception, on purpose. A task that says `catch (const std::exception&)`
// means "whatever went wrong with the work", and to be cancelled or interrupted is not that: it
// should pass through such a handler and end the task. Who really wants to catch it names it, or
// says `catch (...)`, and should then throw it on.

#ifndef INTERLEAVE_RUNTIME_ASYNC_ASYNC_ERRORS_H_
#define INTERLEAVE_RUNTIME_ASYNC_ASYNC_ERRORS_H_

#include <stdexcept>
#include <string>
#include <utility>

namespace interleave {

// Thrown at the place where a task waits, when it was cancelled; and by whatever asks for the
// result of something cancelled.
class Cancelled {
 public:
  explicit Cancelled(std::string message = "") : message_(std::move(message)) {}
  // What was given to Cancel(), often nothing.
  const std::string& message() const { return message_; }

 private:
  std::string message_;
};

// Ctrl-C. Thrown by Run when it was pressed; thrown by a task or a callback it leaves the loop at
// once.
class Interrupted {};

// The result of something that has none yet, or a second result for it.
class InvalidState : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

// Time is up.
class TimedOut : public std::runtime_error {
 public:
  explicit TimedOut(const std::string& what = "the time is up") : std::runtime_error(what) {}
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_ASYNC_ASYNC_ERRORS_H_
