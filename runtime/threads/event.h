// runtime/threads/event.h
//
// "The server is up": something that happens once, and that any number of threads wait for,
// whether they come before it or after. A condition variable alone forgets a notification that
// nobody was waiting for; an Event remembers it:
//
//   Event up;
//   std::thread client([&] { up.Wait(); Connect(); });
//   Listen();
//   up.Set();       // wakes the client, and whoever waits later does not wait at all
//
// Clear() makes it unset again, for the next time. Whoever was waiting when Set was called goes on
// even if Clear follows at once: what it waited for has happened. (The simpler loop, `while (!set_)
// wait`, would send it back to sleep.)
//
// For an event that never is unset, std::latch(1) is the standard's.
//
// Threads: all functions from any thread. Waiters go on in no particular order, each on its own
// thread. What was done before Set is seen after Wait. An Event may be destroyed as soon as Wait
// has returned in all its waiters, although Set may not have returned yet.

#ifndef RUNTIME_THREADS_EVENT_H_
#define RUNTIME_THREADS_EVENT_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace interleave {

class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  // Lets all waiters go on, and nobody wait, until Clear.
  void Set();

  void Clear();

  bool IsSet() const;

  // Returns once it is set; at once if it is.
  void Wait();

  // The same, for so long at most. False: it was not set in all that time.
  bool WaitFor(std::chrono::nanoseconds timeout);

 private:
  mutable std::mutex mutex_;  // guards all below
  std::condition_variable set_again_;
  bool set_ = false;
  std::uint64_t times_set_ = 0;  // what a waiter compares, for set_ may be false again
};

}  // namespace interleave

#endif  // RUNTIME_THREADS_EVENT_H_
