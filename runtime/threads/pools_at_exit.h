// runtime/threads/pools_at_exit.h
//
// How it works: what happens to the jobs of a pool that nobody shuts down, because it was made with
// new, or because exit() is called while it stands, or because it was shut down without waiting.
// The process's exit waits for them. Users include thread_pool.h or
// process_pool.h.
//
// It is done by a function given to std::atexit when the first pool is made, so statics that were
// there before that pool can still be used by its jobs, and those made later are gone already.

#ifndef RUNTIME_THREADS_POOLS_AT_EXIT_H_
#define RUNTIME_THREADS_POOLS_AT_EXIT_H_

#include <pthread.h>
#include <sys/types.h>

#include <memory>

namespace interleave {

// Whoever does a pool's jobs.
class PoolAtExit {
 public:
  virtual void Shutdown(bool cancel_queued) = 0;
  virtual void Join() = 0;         // REQUIRES: Shutdown was called, and CanBeWaitedFor
  virtual bool Ended() const = 0;  // Shutdown was called, nobody is left; Join returns at once

  virtual bool IsWorker() const = 0;  // is the calling thread one of its own?
  // True if its threads are threads of this process, so that somebody can wait for them. It is not
  // so for those that were started in a simulation which is over.
  bool CanBeWaitedFor() const;

 protected:
  PoolAtExit();
  ~PoolAtExit() = default;

 private:
  const pid_t made_by_;  // the thread of the system
  const pthread_t made_on_;
};

// Keeps the pool alive until ForgetAtExit, or until it has ended and nobody else knows it.
void WaitAtExit(std::shared_ptr<PoolAtExit> pool);
void ForgetAtExit(const std::shared_ptr<PoolAtExit>& pool);

}  // namespace interleave

#endif  // RUNTIME_THREADS_POOLS_AT_EXIT_H_
