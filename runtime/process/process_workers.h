// runtime/process/process_workers.h
//
// How it works: the parent's side of a ProcessPool. Users include process_pool.h.
//
//   Submit ──> queue ──> worker 0's socket ──> process 0
//                        thread 0, or <─────── answers
//                        a thread in Get
//
// Whoever submits sends the job himself if a worker is free: a thread in between would cost a
// wake-up for each job. Each worker has a thread here that waits for its answers, sends it the next
// job of the queue, and completes the futures. A worker that ends is the end of that wait as well,
// so nobody has to ask for it.
//
// A thread in Get of a job that a worker has, the only one there, does all that itself
// (answer_wait.h), up to the completion of this one future. If somebody else has his turn to read
// it sleeps. The end of a process is always left to the pool's thread.
//
// Threads: everything may be called by any thread. Locks are taken in the order turn, pool, future.
// Futures are completed without the pool's lock, because their callbacks may submit.

#ifndef INTERLEAVE_RUNTIME_PROCESS_PROCESS_WORKERS_H_
#define INTERLEAVE_RUNTIME_PROCESS_PROCESS_WORKERS_H_

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/net/descriptor.h"
#include "runtime/process/message_channel.h"
#include "runtime/process/process.h"
#include "runtime/process/remote_errors.h"
#include "runtime/process/serialize.h"
#include "runtime/threads/future_state.h"
#include "runtime/threads/pools_at_exit.h"

namespace interleave {

enum class WorkerStart { kFork, kSpawn };

struct ProcessPoolOptions {
  std::optional<int> max_workers = {};  // none: as many as there are CPUs that this process may use
  WorkerStart start = WorkerStart::kFork;
  // After so many jobs a worker ends and a new one takes its place; with kSpawn only.
  std::optional<int> max_jobs_per_worker = {};
  // So many jobs a worker may have at once, the one that it does and those that wait at its door.
  // More than 1 saves it the wait for the next job, but a job may wait behind a long one while
  // another worker has nothing to do. For many tiny jobs.
  int jobs_at_a_worker = 1;
  // Workers are <name>-1, <name>-2 ...; empty: ForkProcess or SpawnProcess.
  std::string name = {};
};

struct WorkerProcess {
  std::string name;
  pid_t pid;
};

// A job on the parent's side: what is sent, and the future that waits.
class RemoteJob {
 public:
  virtual ~RemoteJob() = default;
  virtual bool Start() = 0;  // false: it was cancelled
  // Not for a chunk of jobs, where to tell each future costs more than one wake-up for all.
  virtual void SetDriver(const std::shared_ptr<FutureDriver>&) {}
  virtual void Cancel() = 0;
  // Throws what the bytes can't be read with.
  virtual void Succeed(ByteReader& result, const std::string& worker) = 0;
  virtual void Fail(std::exception_ptr error) = 0;
  virtual std::size_t futures() const { return 1; }

  std::string request;
  std::vector<Descriptor> descriptors;
};

class ProcessWorkers final : public PoolAtExit,
                             public std::enable_shared_from_this<ProcessWorkers> {
 public:
  explicit ProcessWorkers(ProcessPoolOptions options);
  ~ProcessWorkers();

  // Throws: BrokenProcessPool; std::logic_error after Shutdown.
  void Enqueue(std::unique_ptr<RemoteJob> job);
  void Shutdown(bool cancel_queued) override;
  void Join() override;
  bool Ended() const override;
  bool IsWorker() const override;
  bool CalledInAnotherProcess() const;
  int max_workers() const { return max_workers_; }
  std::vector<WorkerProcess> workers() const;
  std::size_t queued() const;

 private:
  struct Worker;
  // What is to be told to futures when the lock is free.
  using Failed = std::vector<std::pair<std::unique_ptr<RemoteJob>, std::exception_ptr>>;

  // All REQUIRE mutex_.
  Worker& AddWorker();
  void StartProcess(Worker& worker);
  Worker* WorkerWithRoom();
  std::shared_ptr<FutureDriver> DriverOf(Worker& worker);  // null: there is none
  Failed Dispatch();
  void SendNext(Worker& worker, Failed& failed);
  void EndIfDone(Worker& worker);
  Failed Break(const BrokenProcessPool& why);
  std::size_t Unfinished() const;

  // The thread of a worker.
  void Main(Worker& worker);
  void Reap(Worker& worker);
  bool TakeNext(Worker& worker);

  // A thread in Get.
  void Drive(Worker& worker, const FutureState& wanted, Deadline deadline);

  // Either of them. REQUIRE the worker's turn.
  bool Read(Worker& worker, bool has_ended);    // false: there was no message
  bool Hear(Worker& worker, Message& message);  // false: it made no sense

  static void Tell(Failed failed);

  const ProcessPoolOptions options_;
  const int max_workers_;
  const pid_t owner_;  // a fork has a copy of this object, and none of its threads

  mutable std::mutex mutex_;
  std::deque<std::unique_ptr<RemoteJob>> queue_;  // guarded by mutex_, as all below
  std::vector<std::unique_ptr<Worker>> workers_;
  std::uint64_t next_number_ = 0;
  int next_name_ = 1;
  bool shut_down_ = false;
  std::optional<BrokenProcessPool> broken_;

  std::mutex joining_;
};

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_PROCESS_PROCESS_WORKERS_H_
