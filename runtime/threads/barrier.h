// runtime/threads/barrier.h
//
// Four threads compute a weather map, a quarter each, and nobody may begin the next hour before
// all have done this one. A barrier holds each until the last has come, and lets all go on:
//
//   Barrier hour_done(4, [] { SwapMaps(); });      // run once, by the last one to arrive
//   for (int hour = 0; hour < 24; ++hour) {
//     ComputeMyQuarter(hour);
//     hour_done.Wait();
//   }
//
// std::barrier does this as well. What it has no answer to is the thread that never comes, because
// it failed: the others wait for ever. Here it, or whoever notices, breaks the barrier, and all who
// wait, or come later, get BrokenBarrier instead:
//
//   open --(the last one arrives)--> open, the next round
//   open --(Abort, a time-out, an action that throws)--> broken --(Reset)--> open
//
// Threads: all functions from any thread. The action runs on the thread that arrives last, while
// the others still wait; it may call the barrier. What any of them did before Wait is seen by the
// action, and by all after Wait. A barrier may be destroyed when every Wait has returned.

#ifndef RUNTIME_THREADS_BARRIER_H_
#define RUNTIME_THREADS_BARRIER_H_

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>

namespace interleave {

// Somebody will not come, so nobody goes on.
class BrokenBarrier : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Barrier {
 public:
  // For so many threads; the last one of each round runs `action`.
  // Throws: std::invalid_argument if `parties` is less than 1.
  explicit Barrier(int parties, std::function<void()> action = {});

  Barrier(const Barrier&) = delete;
  Barrier& operator=(const Barrier&) = delete;

  // Returns when `parties` threads have called it; the number says how many came before this one,
  // so exactly one thread gets 0.
  // Throws: BrokenBarrier if the barrier is broken, or gets broken before the last one comes. What
  // the action throws leaves Wait on the thread that ran it, and breaks the barrier.
  int Wait();

  // The same, but waits so long at most, and then breaks the barrier: for who comes too late is
  // missed by all. An action that has begun in time is waited for.
  int WaitFor(std::chrono::nanoseconds timeout);

  // Breaks it: who waits gets BrokenBarrier, and so does everybody who comes, until Reset.
  void Abort();

  // Opens it anew, also if it was broken. Who waits gets BrokenBarrier.
  void Reset();

  int parties() const { return parties_; }
  int waiting() const;  // who have come in this round
  bool broken() const;

 private:
  enum class State { kOpen, kActs, kPassed, kBroken };

  // A thread waits for the end of the round in which it came, whatever the barrier does next.
  struct Round {
    State state = State::kOpen;
    int arrived = 0;
  };

  using Deadline = std::chrono::steady_clock::time_point;
  int WaitUntil(const std::optional<Deadline>& deadline);
  void RunAction(std::unique_lock<std::mutex>& lock, Round& round);
  void Break(Round& round);

  const int parties_;
  const std::function<void()> action_;
  mutable std::mutex mutex_;  // guards all below
  std::condition_variable round_ended_;
  std::shared_ptr<Round> round_;  // the one that threads arrive for; open, or broken
};

}  // namespace interleave

#endif  // RUNTIME_THREADS_BARRIER_H_
