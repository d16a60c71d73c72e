// runtime/threads/future_errors.h
//
// What can go wrong with a value that is not there yet, beside the exception of whoever should have
// made it. The names are Python's, without "Error":
//
//   try {
//     Use(answer.Get(1s));
//   } catch (const TimedOut&) {       // not yet
//   } catch (const Cancelled&) {      // never
//   }
//
// InvalidState is a mistake in the program, the others happen to correct ones.

#ifndef RUNTIME_THREADS_FUTURE_ERRORS_H_
#define RUNTIME_THREADS_FUTURE_ERRORS_H_

#include <stdexcept>
#include <string>

namespace interleave {

// The work was cancelled before it began.
struct Cancelled : std::runtime_error {
  Cancelled() : std::runtime_error("the future was cancelled") {}
};

// The time that the caller had for waiting is over. The work goes on.
struct TimedOut : std::runtime_error {
  explicit TimedOut(const std::string& what) : std::runtime_error(what) {}
};

// Whoever promised the value is gone without having given one.
struct BrokenPromise : std::runtime_error {
  BrokenPromise() : std::runtime_error("the promise was destroyed before it was kept") {}
};

// A pool of workers that cannot work any more; its jobs end with this.
struct BrokenExecutor : std::runtime_error {
  explicit BrokenExecutor(const std::string& what) : std::runtime_error(what) {}
};

// A second value, a start after the end, the use of what was taken out.
struct InvalidState : std::logic_error {
  explicit InvalidState(const std::string& what) : std::logic_error(what) {}
};

// To wait would be to wait for ever.
struct WouldDeadlock : std::logic_error {
  explicit WouldDeadlock(const std::string& what) : std::logic_error(what) {}
};

}  // namespace interleave

#endif  // RUNTIME_THREADS_FUTURE_ERRORS_H_
