// runtime/threads/bounded_semaphore.h
//
// Five licences for twenty programs: whoever wants to run takes one, and puts it back. When there
// is none left, the next one waits. A semaphore is this count:
//
//   BoundedSemaphore licences(5);
//   licences.Acquire();      // waits while all five are out
//   Run();
//   licences.Release();
//
// std::counting_semaphore is the same with one difference: it believes everything. Release once
// too often, in an error path that nobody tests, and from then on six programs run on five
// licences. The bounded one knows its limit and throws.
//
// Threads: all functions from any thread; the one that releases need not be the one that acquired.
// Waiters get their turn in no particular order. What was done before Release is seen after the
// Acquire that it made possible.

#ifndef RUNTIME_THREADS_BOUNDED_SEMAPHORE_H_
#define RUNTIME_THREADS_BOUNDED_SEMAPHORE_H_

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace interleave {

class BoundedSemaphore {
 public:
  // All of `limit` are free.
  // Throws: std::invalid_argument if it is negative.
  explicit BoundedSemaphore(int limit);

  BoundedSemaphore(const BoundedSemaphore&) = delete;
  BoundedSemaphore& operator=(const BoundedSemaphore&) = delete;

  // Takes one, as soon as there is one.
  void Acquire();

  // Takes one if there is one now. False: there is none.
  bool TryAcquire();

  // Takes one, waiting so long at most. False: there was none in all that time.
  bool AcquireFor(std::chrono::nanoseconds timeout);

  // Puts one back.
  // Throws: std::invalid_argument if all are back already. Nothing has changed then.
  void Release();

  // How many are free, at the moment of asking.
  int available() const;
  int limit() const { return limit_; }

 private:
  const int limit_;
  mutable std::mutex mutex_;
  std::condition_variable released_;
  int available_;  // 0 to limit_; guarded by mutex_
};

}  // namespace interleave

#endif  // RUNTIME_THREADS_BOUNDED_SEMAPHORE_H_
