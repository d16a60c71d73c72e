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
//
// The queue is two, each with a lock, so that submitters and workers seldom meet:
//
//   Submit --mutex_--> inbox_ --both--> ready_ --taking_--> worker
//
// A worker takes what is ready, unless the inbox has something more urgent: then it takes over
// whole levels of it first, by a swap. So jobs start in the same order as from one queue, and none
// of them belongs to a worker before that one starts it. One queue with one lock would be simpler.
// It took twice as long for a million empty jobs, since each meeting costs both sides a system
// call.

#include "runtime/threads/workers.h"

#include <algorithm>
#include <exception>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "runtime/threads/future_errors.h"
#include "runtime/threads/thread_name.h"

namespace interleave {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

// How often a worker looks at an empty queue before it falls asleep: for about 3 us, less than what
// sleeping and being woken costs both sides.
constexpr int kLooks = 100;

// A level of the queue keeps the memory of so many jobs, for the next ones.
constexpr std::size_t kKeptPlaces = 1024;

thread_local const Workers* workers_of_this_thread = nullptr;
thread_local nanoseconds queue_wait_of_this_job{0};

}  // namespace

class Workers::Worker : public WaitObserver {
 public:
  Worker(Workers& all, int number, Finished& finished)
      : all_(all), number_(number), finished_(finished) {}

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
  Finished& finished_;
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
  while (StatePointer<FutureState> job = all_.Take()) {
    const bool started = job->Start();
    if (started) job->Run();
    // Before the future is ready: who waits for it and then submits finds this worker free.
    ++finished_.jobs;
    if (started) job->Publish();
  }  // the job goes without a lock: what goes with it may be anything, and call the pool
}

// ---- taking jobs ----

StatePointer<FutureState> Workers::Take() {
  std::unique_lock taking(taking_);
  if (inbox_urgency_ > MostUrgent(ready_)) {
    std::lock_guard lock(mutex_);
    Collect();
  }
  if (MostUrgent(ready_) != kNothing) return TakeReady();

  taking.unlock();
  LookForAWhile();
  taking.lock();
  // Both locks: between the last look into both queues and ++asleep_ no job comes to either.
  std::unique_lock lock(mutex_);
  while (true) {
    Collect();
    if (MostUrgent(ready_) != kNothing) return TakeReady();
    if (shut_down_ || !broken_.empty()) return {};
    ++asleep_;
    taking.unlock();
    wake_up_.wait(lock, [this] { return wake_ups_ > 0; });
    --wake_ups_;
    --asleep_;
    lock.unlock();
    taking.lock();
    lock.lock();
  }
}

void Workers::LookForAWhile() const {
  for (int look = 0; look < kLooks; ++look) {
    if (inbox_urgency_.load(std::memory_order_relaxed) != kNothing) return;
#ifdef __x86_64__
    __builtin_ia32_pause();
#endif
  }
  // Whoever else wants this processor may be the one that submits: with all threads on one it makes
  // thousands of jobs now, instead of waking a worker for every ten. It saved a third of the time.
  std::this_thread::yield();
}

// Whole levels at a time: where one is more urgent than all that is ready, ready_ has none of it.
void Workers::Collect() {
  const long ready = MostUrgent(ready_);
  if (MostUrgent(inbox_) <= ready) return;
  for (auto& [priority, level] : inbox_) {
    if (priority <= ready) break;
    if (level.size() == 0) continue;
    Level& empty = ready_[priority];
    std::swap(level, empty);
    level.taken = 0;
    level.jobs.clear();
    if (level.jobs.capacity() > kKeptPlaces) level.jobs.shrink_to_fit();
  }
  inbox_urgency_ = MostUrgent(inbox_);
}

long Workers::MostUrgent(const Queue& queue) {
  for (const auto& [priority, level] : queue) {
    if (level.size() != 0) return priority;
  }
  return kNothing;
}

StatePointer<FutureState> Workers::TakeReady() {
  auto level = ready_.begin();
  while (level->second.size() == 0) ++level;
  Queued& next = level->second.jobs[level->second.taken++];
  if (options_.measure_queue_wait) {
    const nanoseconds waited = steady_clock::now() - next.since;
    ++queue_waits_.jobs;
    queue_waits_.total += waited;
    queue_waits_.longest = std::max(queue_waits_.longest, waited);
    queue_wait_of_this_job = waited;
  }
  return std::move(next.job);
}

// ---- queueing jobs ----

void Workers::Enqueue(int priority, StatePointer<FutureState> job) {
  steady_clock::time_point now;
  if (options_.measure_queue_wait) now = steady_clock::now();
  {
    std::lock_guard lock(mutex_);
    if (!broken_.empty()) throw BrokenExecutor("ThreadPool::Submit: " + broken_);
    if (shut_down_) throw std::logic_error("ThreadPool::Submit: the pool has been shut down");

    // The worker first, the job second: if no thread can be started, nothing has happened. The new
    // one waits for mutex_ before it may sleep, and then finds the job.
    const int threads = static_cast<int>(threads_.size());
    if (threads < max_workers_ && Unfinished() >= threads) {
      if (finished_.size() == threads_.size()) finished_.emplace_back();
      Finished& finished = finished_.back();
      threads_.emplace_back([=, this, &finished] { Worker(*this, threads, finished).Main(); });
      ++alive_;
    }
    inbox_[priority].jobs.push_back({std::move(job), now});
    ++submitted_;
    if (priority > inbox_urgency_) inbox_urgency_ = priority;

    if (asleep_ == wake_ups_) return;
    const long awake = static_cast<long>(threads_.size()) - (asleep_ - wake_ups_);
    if (awake >= Unfinished()) return;
    ++wake_ups_;
  }
  wake_up_.notify_one();
}

long Workers::Unfinished() const {
  long unfinished = submitted_;
  for (const Finished& finished : finished_) unfinished -= finished.jobs;
  return unfinished;
}

std::vector<StatePointer<FutureState>> Workers::TakeAll() {
  std::vector<StatePointer<FutureState>> jobs;
  for (auto& [priority, level] : inbox_) {
    std::vector<Queued>& ready = ready_[priority].jobs;
    std::move(level.jobs.begin(), level.jobs.end(), std::back_inserter(ready));
  }
  inbox_.clear();
  for (auto& [priority, level] : ready_) {
    for (std::size_t i = level.taken; i < level.jobs.size(); ++i) {
      jobs.push_back(std::move(level.jobs[i].job));
    }
  }
  ready_.clear();
  inbox_urgency_ = kNothing;
  submitted_ -= static_cast<long>(jobs.size());
  return jobs;
}

void Workers::Shutdown(bool cancel_queued) {
  std::vector<StatePointer<FutureState>> cancelled;
  {
    std::lock_guard taking(taking_);
    std::lock_guard lock(mutex_);
    shut_down_ = true;
    wake_ups_ = asleep_;
    if (cancel_queued) cancelled = TakeAll();
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
    std::lock_guard taking(taking_);
    std::lock_guard lock(mutex_);
    if (broken_.empty()) broken_ = why;
    wake_ups_ = asleep_;
    failed = TakeAll();
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

bool Workers::IsWorker() const { return workers_of_this_thread == this; }

int Workers::started() const {
  std::lock_guard lock(mutex_);
  return static_cast<int>(threads_.size());
}

std::size_t Workers::queued() const {
  std::lock_guard taking(taking_);
  std::lock_guard lock(mutex_);
  std::size_t queued = 0;
  for (const Queue* queue : {&inbox_, &ready_}) {
    for (const auto& [priority, level] : *queue) queued += level.size();
  }
  return queued;
}

QueueWaits Workers::queue_waits() const {
  std::lock_guard taking(taking_);
  return queue_waits_;
}

nanoseconds Workers::QueueWaitOfThisJob() { return queue_wait_of_this_job; }

}  // namespace interleave
