// runtime/threads/priority_mutex.h
//
// An urgent thread waits for a lock. Its holder is not urgent, so anything of middling importance
// keeps the holder off the processor, and with it the urgent thread: the order of priorities is
// upside down. This is priority inversion; it made the Mars Pathfinder restart itself in 1997.
//
// The cure is inheritance: as long as an urgent thread waits for it, the holder is as urgent.
//
//   low   holds the lock, priority 1     -> high waits: low runs with priority 3
//   high  waits for the lock, priority 3 -> low unlocks: high has the lock, low is back at 1
//   mid   computes, priority 2              and never came in between
//
// If the holder itself waits for another PriorityMutex, the holder of that one inherits as well,
// and so on along the chain. Unlocking hands the lock to the most urgent waiter; among equals, to
// the one that came first. Priorities are those of SetThreadPriority (thread_priority.h), read when
// a thread begins to wait. Where the system refuses to change them, the order of the line is what
// is left of all this.
//
// The kernel can do it as well, and better: a pthread_mutex_t with the attribute
// PTHREAD_PRIO_INHERIT. Use that at work; priority_mutex.cc shows how to get it out of a
// std::mutex. This one is to be read, and all PriorityMutexes of the process share one lock for
// their bookkeeping, since a chain goes from one to the next.
//
// Threads: lock and try_lock from any thread, unlock from the one that locked. A thread must not
// end while it holds one. What was done before unlock is seen after the next lock.
//
// After Sha, Rajkumar and Lehoczky, "Priority inheritance protocols" (1990).

#ifndef RUNTIME_THREADS_PRIORITY_MUTEX_H_
#define RUNTIME_THREADS_PRIORITY_MUTEX_H_

#include <list>

namespace interleave {

// For std::lock_guard, std::unique_lock and std::scoped_lock.
class PriorityMutex {
 public:
  PriorityMutex() = default;
  PriorityMutex(const PriorityMutex&) = delete;
  PriorityMutex& operator=(const PriorityMutex&) = delete;

  // Takes the lock, before all who wait and are less urgent. Meanwhile its holder is at least as
  // urgent as this thread.
  // Throws: std::logic_error if this thread holds it already.
  void lock();

  // Takes the lock if it is free, which also means that nobody waits for it.
  bool try_lock();

  // Gives the lock to the most urgent waiter. The calling thread keeps no more than its own
  // priority and what those inherit to it who wait for other locks that it holds.
  // Throws: std::logic_error if this thread does not hold it.
  void unlock();

 private:
  struct Member;  // a thread, as far as locks and priorities go

  static Member& Self();
  void Take(Member& member);
  void StandInLine(Member& member);
  void Inherit(const Member& from);

  Member* holder_ = nullptr;
  std::list<Member*> waiting_;  // most urgent first, then first come; empty unless held
};

}  // namespace interleave

#endif  // RUNTIME_THREADS_PRIORITY_MUTEX_H_
