// runtime/threads/fair_mutex.h
//
// std::mutex does not say who is next. Whoever comes to a free lock takes it, and a thread that has
// just let go and comes back is faster than one that must be woken first: it can take the lock a
// thousand times while another waits for it once. Such a wait has no bound; it is called
// starvation.
//
// A FairMutex is handed over instead. Who waits stands in a line, and unlocking gives the lock to
// the first in it; nobody who comes later can have it before:
//
//   FairMutex ticket_window;
//   {
//     std::lock_guard lock(ticket_window);   // waits behind those who came before
//     BuyTicket();
//   }                                        // the first in the line has it now
//
// What it costs: between unlock and the next one's first instruction, which must be woken, nobody
// can use the lock. While several threads want it all the time, each turn may take a switch of
// threads: microseconds, where std::mutex takes nanoseconds. Nobody else around, locking and
// unlocking take 40 ns together, twice as long as std::mutex's (tests/bench, threads_bench). So it
// is for locks that are held long, or where the longest wait counts; else std::mutex.
//
// Threads: lock, try_lock and unlock from any thread; the one that unlocks need not be the one that
// locked. A waiter goes on on its own thread, in the order of the calls. What was done before
// unlock is seen after the next lock. Can be destroyed when it is free and no call is running.

#ifndef RUNTIME_THREADS_FAIR_MUTEX_H_
#define RUNTIME_THREADS_FAIR_MUTEX_H_

#include <chrono>
#include <condition_variable>
#include <list>
#include <mutex>

namespace interleave {

// For std::lock_guard, std::unique_lock and std::scoped_lock.
class FairMutex {
 public:
  FairMutex() = default;
  FairMutex(const FairMutex&) = delete;
  FairMutex& operator=(const FairMutex&) = delete;

  // Takes the lock, after all who came before.
  // Requires: the calling thread does not hold it, or it waits for itself.
  void lock();

  // Takes the lock if it is free, which also means that nobody waits for it.
  bool try_lock();

  // Takes the lock, waiting so long at most. False: it leaves the line without it.
  bool try_lock_for(std::chrono::nanoseconds timeout);

  // Gives the lock to the first in the line.
  // Throws: std::logic_error if nobody holds it.
  void unlock();

 private:
  struct Waiter {
    std::condition_variable turn;
    bool has_lock = false;
  };

  std::mutex mutex_;            // guards the two below, and is held for a few instructions only
  bool locked_ = false;         // stays true while the lock is handed over
  std::list<Waiter*> waiting_;  // first come, first served; empty unless locked_
};

}  // namespace interleave

#endif  // RUNTIME_THREADS_FAIR_MUTEX_H_
