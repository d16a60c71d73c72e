// runtime/process/process_mutex.h
//
// A mutex for memory that processes share (shared_memory.h):
//
//   struct Account { ProcessMutex mutex; int balance = 0; };
//   auto account = Shared<Account>::Make();
//   ...in any process:
//   std::lock_guard lock(account->mutex);
//   account->balance -= 10;
//
// Threads end when their process does, but a process can be killed while it holds the mutex and the
// others live on. They are not left waiting for ever: the kernel tells the next one (a "robust"
// mutex). lock() then throws OwnerDied, without holding it, for what it guards may be half changed.
// Whoever can repair that asks first:
//
//   if (!account->mutex.LockOrRepair()) Repair(*account);   // held in either case
//   account->mutex.unlock();
//
// Until somebody did, lock() throws, in all processes.
//
// Threads: any thread of any process. Who waits is woken in an order that the kernel chooses. Not
// recursive.

#ifndef INTERLEAVE_RUNTIME_PROCESS_PROCESS_MUTEX_H_
#define INTERLEAVE_RUNTIME_PROCESS_PROCESS_MUTEX_H_

#include <pthread.h>

#include <stdexcept>

namespace interleave {

struct OwnerDied : std::runtime_error {
  OwnerDied()
      : std::runtime_error(
            "the process that held this mutex ended without unlocking it: what it guards may be "
            "half changed") {}
};

class ProcessMutex {
 public:
  ProcessMutex();  // Throws: std::system_error
  ProcessMutex(const ProcessMutex&) = delete;
  ProcessMutex& operator=(const ProcessMutex&) = delete;

  // Throws: OwnerDied; std::system_error if this thread holds it already.
  void lock();
  bool try_lock();  // false: somebody holds it. Throws: OwnerDied
  void unlock();    // Throws: std::system_error if this thread does not hold it

  // False: an owner died. The mutex is held, and what it guards counts as repaired when it is
  // unlocked.
  bool LockOrRepair();

 private:
  void CheckWhole();

  pthread_mutex_t mutex_;
  bool damaged_ = false;  // guarded by mutex_
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_PROCESS_PROCESS_MUTEX_H_
