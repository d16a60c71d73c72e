// runtime/threads/work_stealing_pool.h
//
// Work that divides itself: to sort a list, sort both halves; to add up a tree, add up the two
// branches. Invoke says that two such parts may run at the same time, and waits for both:
//
//   long Fibonacci(WorkStealingPool& pool, int n) {
//     if (n < 2) return n;
//     long left, right;
//     pool.Invoke([&] { left = Fibonacci(pool, n - 1); },
//                 [&] { right = Fibonacci(pool, n - 2); });
//     return left + right;
//   }
//
//   WorkStealingPool pool(2);
//   pool.Run([&] { std::cout << Fibonacci(pool, 30) << "\n"; });  // 832040
//
// In a ThreadPool this program comes to a stop: all workers wait for jobs that no worker is left
// to run. Here nobody waits who could work. A worker lays the second part aside, in its own
// WorkStealingDeque, and runs the first. Mostly the second is still there afterwards, and it runs
// that as well: then a fork was a call with a few memory accesses around it. A worker with nothing
// to do steals the oldest part from another one, and so does the worker whose second part was
// stolen, until that is done.
//
// Trap: while Invoke waits, its thread may run any other part that was forked in this pool, on top
// of its own stack. So hold no lock in a call of Invoke: that part may want the same one. And no
// part may wait for something that another has yet to do: they need not run at the same time, and
// the other may be the one that lies below on the same stack.
//
// Threads: Run and Invoke may be called by any thread, many at once; a worker of another pool that
// calls them waits without working. The first part of Invoke runs on the calling worker, the
// second on that or any other. The destructor belongs to one thread.

#ifndef RUNTIME_THREADS_WORK_STEALING_POOL_H_
#define RUNTIME_THREADS_WORK_STEALING_POOL_H_

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <vector>

namespace interleave {

class WorkStealingPool {
 public:
  // Starts the workers, named worker_0, worker_1, ...
  // Throws: std::invalid_argument if workers is less than 1; std::system_error if the system has
  // no thread left.
  explicit WorkStealingPool(int workers);

  WorkStealingPool(const WorkStealingPool&) = delete;
  WorkStealingPool& operator=(const WorkStealingPool&) = delete;

  // Ends the workers.
  // Requires: every Run and Invoke has returned.
  ~WorkStealingPool();

  // Runs f() on a worker and waits for its end; on a worker of this pool it is a plain call.
  // Calls from outside start in their order, as workers become free.
  // Throws: what f threw.
  template <typename F>
  void Run(F&& f);

  // Runs f() and g(), perhaps at the same time, and waits for both. Outside of the pool it is Run
  // of such a call. A thousand calls may be open inside one another on a worker before further
  // ones no longer offer their second part to thieves.
  // Throws: what f threw, otherwise what g threw; both run to their end in any case.
  template <typename F, typename G>
  void Invoke(F&& f, G&& g);

 private:
  struct Worker;

  // A function that another thread may run. It lives on the stack of the call that waits for it.
  struct Part {
    virtual void Call() = 0;

    Worker* waiter = nullptr;        // null: a thread from outside
    std::exception_ptr error;        // what the function threw, if anything
    std::atomic<bool> done = false;  // the last that the thread that ran it does with it
  };
  template <typename F>
  struct PartOf;

  template <typename F>
  static std::exception_ptr ErrorOf(F& f);

  bool OnWorker() const;         // is the calling thread one of this pool?
  void RunOnWorker(Part& part);  // and wait
  bool Fork(Part& part);         // lays it aside; false if there is no room
  bool TakeBack();               // the part laid aside last; false if it was stolen
  void AwaitStolen(const Part& part);

  void Work(Worker& self);
  Part* Next(Worker& self, const Part* awaited);
  Part* Steal(const Worker& thief);
  bool AnyToSteal() const;
  void Complete(Part& part);
  void WakeOne();
  void Wake(Worker& worker);
  void Stop();

  static thread_local Worker* this_worker_;  // of whatever pool; null outside

  std::vector<std::unique_ptr<Worker>> workers_;  // none comes or goes while their threads run
  std::atomic<int> sleepers_ = 0;                 // workers that sleep; written under mutex_

  std::mutex mutex_;                        // guards all below, and Worker::asleep
  std::deque<Part*> from_outside_;          // that no worker has taken, oldest first
  std::condition_variable outside_waiter_;  // one of them is done
  bool stopping_ = false;
};

// ---- How it works -------------------------------------------------------------------------------

// Calls f and returns what it threw, or null.
template <typename F>
std::exception_ptr WorkStealingPool::ErrorOf(F& f) {
  try {
    f();
  } catch (...) {
    return std::current_exception();
  }
  return nullptr;
}

template <typename F>
struct WorkStealingPool::PartOf final : Part {
  explicit PartOf(F& f) : function(f) {}
  void Call() override { error = ErrorOf(function); }
  F& function;
};

template <typename F>
void WorkStealingPool::Run(F&& f) {
  if (OnWorker()) return static_cast<void>(f());
  PartOf<F> part(f);
  RunOnWorker(part);
  if (part.error) std::rethrow_exception(part.error);
}

template <typename F, typename G>
void WorkStealingPool::Invoke(F&& f, G&& g) {
  if (!OnWorker()) return Run([&] { Invoke(f, g); });
  PartOf<G> second(g);
  const bool forked = Fork(second);
  const std::exception_ptr error = ErrorOf(f);
  // What f laid aside it has taken back or awaited, so the newest is ours.
  if (!forked || TakeBack()) {
    second.Call();
  } else {
    AwaitStolen(second);
  }
  if (error) std::rethrow_exception(error);
  if (second.error) std::rethrow_exception(second.error);
}

}  // namespace interleave

#endif  // RUNTIME_THREADS_WORK_STEALING_POOL_H_
