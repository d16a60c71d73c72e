// runtime/threads/work_stealing_pool.cc
//
// How nobody oversleeps: who goes to sleep first says so (sleepers_) and then looks once more for
// something to do; who has something for others first shows it (a part in the deque, done of a
// part that somebody waits for) and then looks whether somebody sleeps. All four steps are
// sequentially consistent, so one of the two sees the other. That way a fork locks nothing and
// wakes nobody as long as all workers are busy.

#include "runtime/threads/work_stealing_pool.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>

#include "runtime/threads/thread_name.h"
#include "runtime/threads/work_stealing_deque.h"

namespace interleave {

struct WorkStealingPool::Worker {
  const WorkStealingPool* pool;
  std::size_t number;
  WorkStealingDeque<Part> parts{1024};
  bool asleep = false;
  std::condition_variable woken;  // asleep is false again
  std::thread thread;
};

constinit thread_local WorkStealingPool::Worker* WorkStealingPool::this_worker_ = nullptr;

WorkStealingPool::WorkStealingPool(int workers) {
  if (workers < 1) {
    throw std::invalid_argument("WorkStealingPool: workers is " + std::to_string(workers) +
                                ", it must be at least 1");
  }
  for (int i = 0; i < workers; ++i) {
    workers_.push_back(std::make_unique<Worker>(this, static_cast<std::size_t>(i)));
  }
  try {
    for (auto& worker : workers_) {
      worker->thread = std::thread([this, &worker] { Work(*worker); });
    }
  } catch (...) {
    Stop();
    throw;
  }
}

WorkStealingPool::~WorkStealingPool() { Stop(); }

void WorkStealingPool::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    for (auto& worker : workers_) Wake(*worker);
  }
  for (auto& worker : workers_) {
    if (worker->thread.joinable()) worker->thread.join();
  }
}

bool WorkStealingPool::OnWorker() const {
  return this_worker_ != nullptr && this_worker_->pool == this;
}

void WorkStealingPool::RunOnWorker(Part& part) {
  std::unique_lock lock(mutex_);
  from_outside_.push_back(&part);
  // All of them: the first that wakes may be one that waits for a part of its own, and takes none
  // from outside, which could keep it for long.
  for (auto& worker : workers_) Wake(*worker);
  outside_waiter_.wait(lock, [&] { return part.done.load(); });
}

bool WorkStealingPool::Fork(Part& part) {
  part.waiter = this_worker_;
  if (!this_worker_->parts.Push(&part)) return false;
  if (sleepers_ > 0) WakeOne();
  return true;
}

bool WorkStealingPool::TakeBack() { return this_worker_->parts.Take() != nullptr; }

void WorkStealingPool::AwaitStolen(const Part& part) {
  while (Part* other = Next(*this_worker_, &part)) Complete(*other);
  // Whoever woke this worker for a part to steal has to wake another now.
  if (AnyToSteal()) WakeOne();
}

void WorkStealingPool::Work(Worker& self) {
  SetThreadName("worker_" + std::to_string(self.number));
  this_worker_ = &self;
  while (Part* part = Next(self, nullptr)) Complete(*part);
}

// The next part for a worker whose own deque is empty. Null if `awaited` is done; if nothing is
// awaited, when the pool stops.
WorkStealingPool::Part* WorkStealingPool::Next(Worker& self, const Part* awaited) {
  while (awaited == nullptr || !awaited->done) {
    if (Part* part = Steal(self)) return part;
    std::unique_lock lock(mutex_);
    if (awaited == nullptr) {
      if (!from_outside_.empty()) {
        Part* part = from_outside_.front();
        from_outside_.pop_front();
        return part;
      }
      if (stopping_) return nullptr;
    }
    self.asleep = true;
    ++sleepers_;
    if (AnyToSteal() || (awaited != nullptr && awaited->done)) Wake(self);
    self.woken.wait(lock, [&] { return !self.asleep; });
  }
  return nullptr;
}

// From the next worker on, so that thieves don't all begin with the same victim.
WorkStealingPool::Part* WorkStealingPool::Steal(const Worker& thief) {
  for (std::size_t i = 1; i < workers_.size(); ++i) {
    Worker& victim = *workers_[(thief.number + i) % workers_.size()];
    if (Part* part = victim.parts.Steal()) return part;
  }
  return nullptr;
}

bool WorkStealingPool::AnyToSteal() const {
  return std::any_of(workers_.begin(), workers_.end(),
                     [](const auto& worker) { return !worker->parts.Empty(); });
}

// Runs a part that another thread waits for.
void WorkStealingPool::Complete(Part& part) {
  part.Call();
  if (Worker* waiter = part.waiter) {
    part.done = true;  // from here on it may be gone, with the stack that it is on
    if (sleepers_ == 0) return;
    std::lock_guard lock(mutex_);
    Wake(*waiter);
  } else {
    std::lock_guard lock(mutex_);
    part.done = true;
    outside_waiter_.notify_all();
  }
}

void WorkStealingPool::WakeOne() {
  std::lock_guard lock(mutex_);
  const auto sleeper = std::find_if(workers_.begin(), workers_.end(),
                                    [](const auto& worker) { return worker->asleep; });
  if (sleeper != workers_.end()) Wake(**sleeper);
}

// With mutex_ held. The waker does the counting: so a worker that was woken, but does not run yet,
// is woken by nobody else.
void WorkStealingPool::Wake(Worker& worker) {
  if (!worker.asleep) return;
  worker.asleep = false;
  --sleepers_;
  worker.woken.notify_one();
}

}  // namespace interleave
