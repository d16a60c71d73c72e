// runtime/threads/workers.cc
//
// Every job that is queued or running has a worker that is awake, as long as max_workers allows:
//
//   awake = threads - (asleep - wake_ups) >= min(unfinished, max_workers)
//
// Enqueue restores this after raising `unfinished`: by starting a worker if all have a job, by
// waking one up otherwise, and by nothing if one is awake that has none: it will look into the
// queue before it falls asleep. That last case is what makes the pool fast. While jobs come in
// quicker than one worker can sleep and be woken, which is a matter of 10 to 50 us, no job costs a
// system call.
//
// A worker that was told to wake up counts as awake at once. Otherwise a second job, coming before
// it has run, would count on it as well.

#include "runtime/threads/workers.h"

#include <unistd.h>

#include <algorithm>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <utility>

#include "runtime/threads/future_errors.h"
#include "runtime/threads/thread_name.h"

namespace interleave {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

// How often a worker looks at an empty queue before it falls asleep: for about 3 us, less than what
// sleeping and being woken costs both sides. With a million empty jobs it left a third of the
// switches between threads, and a fifth of the kernel's time.
constexpr int kLooks = 100;

thread_local const Workers* workers_of_this_thread = nullptr;
thread_local nanoseconds queue_wait_of_this_job{0};

}  // namespace

class Workers::Worker : public WaitObserver {
 public:
  Worker(Workers& all, int number) : all_(all), number_(number) {}

  void Main();

  // Throws: WouldDeadlock if with this wait all workers wait for jobs that only they could run.
  void BeforeWait(const std::vector<FutureState*>& watched, std::size_t wanted) override;
  void AfterWait() override;

  // Not enough of what it waits for can come about without a job that is still queued.
  bool WaitsForTheQueue() const;

 private:
  bool Initialize();
  void RunJobs();

  Workers& all_;
  const int number_;
  // While in all_.blocked_.
  const std::vector<FutureState*>* watched_ = nullptr;
  std::size_t wanted_ = 0;
};

// ---- the threads ----

void Workers::Worker::Main() {
  SetThreadName(all_.options_.name_prefix + "_" + std::to_string(number_));
  workers_of_this_thread = &all_;
  WaitObserver::of_this_thread = this;
  if (Initialize()) RunJobs();
  WaitObserver::of_this_thread = nullptr;
  std::lock_guard lock(all_.mutex_);
  --all_.alive_;
}

bool Workers::Worker::Initialize() {
  if (!all_.options_.initializer) return true;
  std::string failure = "unknown exception";
  try {
    all_.options_.initializer();
    return true;
  } catch (const std::exception& error) {
    failure = error.what();
  } catch (...) {
  }
  std::cerr << ThreadName() + ": exception in the pool's initializer: " + failure + "\n";
  all_.Break("an initializer of the pool threw: " + failure);
  return false;
}

void Workers::Worker::RunJobs() {
  std::unique_lock lock(all_.mutex_);
  while (all_.WaitForJob(lock)) {
    StatePointer<FutureState> job = all_.Take();
    lock.unlock();
    const bool started = job->Start();
    if (started) job->Run();
    // Before the future is ready: who waits for it and then submits finds this worker free.
    --all_.unfinished_;
    if (started) job->Publish();
    job = {};  // without the lock: what goes with it may be anything, and call the pool
    all_.LookForAWhile();
    lock.lock();
  }
}

void Workers::LookForAWhile() const {
  for (int look = 0; look < kLooks && queued_.load(std::memory_order_relaxed) == 0; ++look) {
#ifdef __x86_64__
    __builtin_ia32_pause();
#endif
  }
}

bool Workers::WaitForJob(std::unique_lock<std::mutex>& lock) {
  while (queued_ == 0) {
    if (shut_down_ || !broken_.empty()) return false;
    ++asleep_;
    wake_up_.wait(lock, [this] { return wake_ups_ > 0; });
    --wake_ups_;
    --asleep_;
  }
  return true;
}

StatePointer<FutureState> Workers::Take() {
  auto level = queue_.begin();
  while (level->second.empty()) ++level;
  Queued next = std::move(level->second.front());
  level->second.pop_front();
  --queued_;
  if (options_.measure_queue_wait) {
    const nanoseconds waited = steady_clock::now() - next.since;
    ++queue_waits_.jobs;
    queue_waits_.total += waited;
    queue_waits_.longest = std::max(queue_waits_.longest, waited);
    queue_wait_of_this_job = waited;
  }
  return std::move(next.job);
}

// ---- the queue ----

void Workers::Enqueue(int priority, StatePointer<FutureState> job) {
  steady_clock::time_point now;
  if (options_.measure_queue_wait) now = steady_clock::now();
  {
    std::lock_guard lock(mutex_);
    if (!broken_.empty()) throw BrokenExecutor("ThreadPool::Submit: " + broken_);
    if (shut_down_) throw std::logic_error("ThreadPool::Submit: the pool has been shut down");

    // The worker first, the job second: if no thread can be started, nothing has happened. The new
    // one waits for mutex_ and then finds the job.
    const int threads = static_cast<int>(threads_.size());
    if (unfinished_ >= threads && threads < max_workers_) {
      threads_.emplace_back([this, threads] { Worker(*this, threads).Main(); });
      ++alive_;
    }
    queue_[priority].push_back({std::move(job), now});
    ++queued_;
    const int unfinished = ++unfinished_;
    const int awake = static_cast<int>(threads_.size()) - (asleep_ - wake_ups_);
    if (awake >= unfinished || asleep_ == wake_ups_) return;
    ++wake_ups_;
  }
  wake_up_.notify_one();
}

void Workers::TakeAll(std::vector<StatePointer<FutureState>>& jobs) {
  for (auto& [priority, level] : queue_) {
    for (Queued& queued : level) jobs.push_back(std::move(queued.job));
    level.clear();
  }
  unfinished_ -= static_cast<int>(queued_);
  queued_ = 0;
}

void Workers::Shutdown(bool cancel_queued) {
  std::vector<StatePointer<FutureState>> cancelled;
  {
    std::lock_guard lock(mutex_);
    shut_down_ = true;
    wake_ups_ = asleep_;
    if (cancel_queued) TakeAll(cancelled);
  }
  wake_up_.notify_all();
  for (const StatePointer<FutureState>& job : cancelled) {
    job->Cancel();
    job->Start();  // which tells those in Wait
  }
}

void Workers::Break(const std::string& why) {
  std::vector<StatePointer<FutureState>> failed;
  {
    std::lock_guard lock(mutex_);
    if (broken_.empty()) broken_ = why;
    wake_ups_ = asleep_;
    TakeAll(failed);
  }
  wake_up_.notify_all();
  for (const StatePointer<FutureState>& job : failed) {
    if (job->Start()) job->SetException(std::make_exception_ptr(BrokenExecutor(why)));
  }
}

void Workers::Join() {
  std::lock_guard joining(joining_);
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

bool Workers::shut_down() const {
  std::lock_guard lock(mutex_);
  return shut_down_;
}

bool Workers::Ended() const {
  std::lock_guard lock(mutex_);
  return shut_down_ && alive_ == 0;
}

// ---- waiting for the own pool ----

void Workers::Worker::BeforeWait(const std::vector<FutureState*>& watched, std::size_t wanted) {
  std::lock_guard lock(all_.mutex_);
  watched_ = &watched;
  wanted_ = wanted;
  all_.blocked_.push_back(this);
  if (!all_.AllWaitForTheQueue()) return;
  std::erase(all_.blocked_, this);
  const int workers = all_.max_workers_;
  const std::string who = workers == 1 ? " and is its only worker"
                                       : ", as all " + std::to_string(workers) + " workers do";
  throw WouldDeadlock(ThreadName() + " waits for a queued job of its own pool" + who +
                      ": nobody is left to run it");
}

void Workers::Worker::AfterWait() {
  std::lock_guard lock(all_.mutex_);
  std::erase(all_.blocked_, this);
}

bool Workers::Worker::WaitsForTheQueue() const {
  std::size_t queued = 0;
  for (const FutureState* state : *watched_) queued += all_.IsQueuedHere(*state);
  return wanted_ > watched_->size() - queued;
}

bool Workers::AllWaitForTheQueue() const {
  return static_cast<int>(blocked_.size()) == max_workers_ &&
         std::all_of(blocked_.begin(), blocked_.end(),
                     [](const Worker* worker) { return worker->WaitsForTheQueue(); });
}

// A job that a worker has taken but not begun is pending, too. That worker is not blocked.
bool Workers::IsQueuedHere(const FutureState& state) const {
  return state.pool() == this && state.status() == FutureStatus::kPending;
}

// ---- questions ----

pid_t Workers::CallersId() { return gettid(); }

bool Workers::IsWorker() const { return workers_of_this_thread == this; }

// The same thread of the system, but another one for pthread: it was one of a simulation.
bool Workers::CanBeWaitedFor() const {
  return CallersId() != made_by_ || pthread_equal(pthread_self(), made_on_);
}

int Workers::started() const {
  std::lock_guard lock(mutex_);
  return static_cast<int>(threads_.size());
}

std::size_t Workers::queued() const {
  std::lock_guard lock(mutex_);
  return queued_;
}

QueueWaits Workers::queue_waits() const {
  std::lock_guard lock(mutex_);
  return queue_waits_;
}

nanoseconds Workers::QueueWaitOfThisJob() { return queue_wait_of_this_job; }

}  // namespace interleave
