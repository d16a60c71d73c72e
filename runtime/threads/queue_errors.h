// runtime/threads/queue_errors.h
//
// What the operations of a queue throw instead of waiting for ever, or at all.

#ifndef RUNTIME_THREADS_QUEUE_ERRORS_H_
#define RUNTIME_THREADS_QUEUE_ERRORS_H_

#include <stdexcept>

namespace interleave {

// There was no room, now or until the time was up.
class QueueFull : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// There was no item, now or until the time was up.
class QueueEmpty : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// It takes no more items, and, where this comes from a get, all that it took have been given out.
class Closed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace interleave

#endif  // RUNTIME_THREADS_QUEUE_ERRORS_H_
