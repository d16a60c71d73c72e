// runtime/process/process_pool.h
//
// Threads of one process share its memory, its locks and its fate. Worker processes share nothing:
// what one does to its arguments nobody else sees, and when one crashes the program goes on.
//
//   int CountPrimes(int from, int to) { ... }
//
//   ProcessPool pool(4);
//   Future<int> primes = pool.Submit<CountPrimes>(2, 1000);
//   for (int length : pool.Map<LengthOf>(words, {.chunk = 100})) Use(length);   // in order
//   std::cout << primes.Get();      // throws what the job threw, remote_errors.h says how
//   int n = co_await WrapFuture(pool.Submit<CountPrimes>(2, 1000));   //
//   runtime/async/wrap_future.h
//
// Jobs are functions, named as template arguments: a name can be sent to another process, a lambda
// with what it has captured can't. Arguments and results travel as bytes (serialize.h), so they are
// copies, and what can't travel does not compile. What is large goes into shared memory by itself;
// what is not to be copied at all is a SharedArray (shared_memory.h).
//
// When a worker ends that should not (a signal, a crash, exit, a closed connection) then what was
// queued or running ends with BrokenProcessPool, which says who and why. Its other workers are
// killed, and the pool takes no more jobs. So nobody waits for ever, and nobody gets half a result.
//
// Fork or spawn. Forked workers begin with a copy of this process: quickly, with all that was
// loaded by then, and with every lock in the state it had. They are forked in the constructor, so
// make the pool before you start threads. Spawned ones are the program once more, begin with
// nothing, and may be started at any time; main has to begin with ServeIfWorker (worker_main.h).
//
// Ctrl-C goes to all processes of a terminal's foreground: workers end by SIGINT, and what they had
// to do ends with BrokenProcessPool.
//
// Threads: any thread may call anything, except that a callback of one of its futures may not wait
// for its end. Jobs begin in the order of submission. Futures are completed by a thread of the pool
// that is named as the worker is; or by a thread in Get, if there were no callbacks when it began
// to wait.

#ifndef INTERLEAVE_RUNTIME_PROCESS_PROCESS_POOL_H_
#define INTERLEAVE_RUNTIME_PROCESS_PROCESS_POOL_H_

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/process/jobs.h"
#include "runtime/process/process_workers.h"
#include "runtime/process/remote_errors.h"
#include "runtime/threads/future.h"
#include "runtime/threads/map_results.h"
#include "runtime/threads/thread_pool.h"

namespace interleave {

struct MapOptions {
  std::size_t chunk = 1;  // inputs that go to a worker in one message
  std::optional<std::chrono::nanoseconds> timeout = {};
};

class ProcessPool {
 public:
  // Throws: std::invalid_argument for options that make no sense; std::system_error if there can be
  // no further process; std::logic_error for spawned workers without ServeIfWorker.
  explicit ProcessPool(ProcessPoolOptions options = {});
  explicit ProcessPool(int max_workers);
  ProcessPool(const ProcessPool&) = delete;
  ProcessPool& operator=(const ProcessPool&) = delete;

  // Waits for all jobs, also after a Shutdown that did not. Every process is waited for. If exit()
  // is called while the pool stands, exit does all that (runtime/threads/pools_at_exit.h).
  ~ProcessPool();

  // The future gives the result of function(arguments...). It ends with the exception if arguments
  // can't be made bytes. It can be cancelled as long as no worker has the job.
  // Throws: BrokenProcessPool; std::logic_error after Shutdown. Then nothing was queued.
  template <auto function, typename... Args>
  auto Submit(Args&&... arguments) -> Future<typename JobType<function>::Result>;

  // Submits function(input) for each input, and gives a range of the results in the order of the
  // inputs (map_results.h). One that throws does so in its place, and not for the rest of its
  // chunk.
  template <auto function, typename Inputs>
  auto Map(const Inputs& inputs, MapOptions options = {})
      -> MapResults<typename JobType<function>::Result>;

  // Takes no more jobs. Workers end when there is nothing left for them to do. May be called again.
  // Throws: std::logic_error if it is to wait, in a callback of one of its futures.
  void Shutdown(ShutdownOptions options = {});

  int max_workers() const { return workers_->max_workers(); }
  std::vector<WorkerProcess> workers() const { return workers_->workers(); }  // that run now
  std::size_t queued_jobs() const { return workers_->queued(); }  // that no worker has yet

 private:
  std::shared_ptr<ProcessWorkers> workers_;
};

// ---- How it works ----

template <typename Result>
void ReadResult(ByteReader& reader, Promise<Result>& promise) {
  if constexpr (std::is_void_v<Result>) {
    promise.SetValue();
  } else {
    Result result{};
    reader(result);
    promise.SetValue(std::move(result));
  }
}

template <typename Result>
class SingleJob final : public RemoteJob {
 public:
  Future<Result> future() const { return promise_.GetFuture(); }
  bool Start() override { return promise_.Start(); }
  void SetDriver(const std::shared_ptr<FutureDriver>& driver) override {
    promise_.SetDriver(driver);
  }
  void Cancel() override { promise_.GetFuture().Cancel(); }
  void Succeed(ByteReader& result, const std::string&) override { ReadResult(result, promise_); }
  void Fail(std::exception_ptr error) override { promise_.SetException(std::move(error)); }

 private:
  Promise<Result> promise_;
};

// Some inputs of a Map.
template <typename Result>
class ChunkJob final : public RemoteJob {
 public:
  explicit ChunkJob(std::size_t size) : promises_(size), started_(size) {}
  Future<Result> future(std::size_t index) const { return promises_[index].GetFuture(); }
  std::size_t futures() const override { return promises_.size(); }

  // The worker goes through all of them if any is wanted.
  bool Start() override {
    bool any = false;
    for (std::size_t i = 0; i < promises_.size(); ++i) any |= started_[i] = promises_[i].Start();
    return any;
  }
  void Cancel() override {
    for (Promise<Result>& promise : promises_) promise.GetFuture().Cancel();
  }
  void Succeed(ByteReader& results, const std::string& worker) override {
    for (; done_ < promises_.size(); ++done_) {
      std::optional<Promise<Result>> unwanted;
      Promise<Result>& promise = started_[done_] ? promises_[done_] : unwanted.emplace();
      bool has_value = false;
      results(has_value);
      if (has_value) {
        ReadResult(results, promise);
      } else {
        RemoteException error;
        results(error);
        promise.SetException(MakeException(error, worker));
      }
    }
  }
  void Fail(std::exception_ptr error) override {
    for (; done_ < promises_.size(); ++done_) {
      if (started_[done_]) promises_[done_].SetException(error);
    }
  }

 private:
  std::vector<Promise<Result>> promises_;
  std::vector<bool> started_;  // not those that were cancelled before
  std::size_t done_ = 0;       // from the first on
};

template <auto function, typename... Args>
auto ProcessPool::Submit(Args&&... arguments) -> Future<typename JobType<function>::Result> {
  using Job = JobFor<function>;
  static_assert(sizeof...(Args) == Job::kArguments, "Submit: that is not what the job takes");
  auto job = std::make_unique<SingleJob<typename Job::Result>>();
  Future<typename Job::Result> future = job->future();
  try {
    ByteWriter writer;
    writer(Job::name);
    Job::Write(writer, std::forward<Args>(arguments)...);
    job->request = writer.TakeBytes();
    job->descriptors = writer.TakeDescriptors();
  } catch (...) {
    job->Fail(std::current_exception());
    return future;
  }
  workers_->Enqueue(std::move(job));
  return future;
}

template <auto function, typename Inputs>
auto ProcessPool::Map(const Inputs& inputs, MapOptions options)
    -> MapResults<typename JobType<function>::Result> {
  using Job = JobFor<function>;
  static_assert(Job::kArguments == 1, "Map is for jobs that take one argument");
  if (options.chunk < 1) throw std::invalid_argument("ProcessPool::Map: a chunk has no inputs");
  using Input = std::tuple_element_t<0, typename Job::Arguments>;
  std::vector<Future<typename Job::Result>> futures;
  const std::size_t count = static_cast<std::size_t>(std::ranges::distance(inputs));
  auto input = std::ranges::begin(inputs);
  while (futures.size() < count) {
    const std::size_t size = std::min(options.chunk, count - futures.size());
    auto job = std::make_unique<ChunkJob<typename Job::Result>>(size);
    ByteWriter writer;
    writer(Job::name_for_each, std::uint64_t{size});
    for (std::size_t i = 0; i < size; ++i, ++input) {
      writer(static_cast<const Input&>(*input));
      futures.push_back(job->future(i));
    }
    job->request = writer.TakeBytes();
    job->descriptors = writer.TakeDescriptors();
    workers_->Enqueue(std::move(job));
  }
  return MapResults<typename Job::Result>(std::move(futures), options.timeout);
}

}  // namespace interleave

#endif  // INTERLEAVE_RUNTIME_PROCESS_PROCESS_POOL_H_
