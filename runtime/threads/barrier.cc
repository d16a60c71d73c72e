// runtime/threads/barrier.cc
//
// A single count would have to be set back, and a thread that is slow to wake up could find it in
// the middle of the next round. So each round is an object of its own, which its threads keep until
// the last of them has read how it ended.

#include "runtime/threads/barrier.h"

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace interleave {
namespace {

int AtLeastOne(int parties) {
  if (parties < 1) {
    throw std::invalid_argument("Barrier: parties is " + std::to_string(parties) +
                                ", it must be at least 1");
  }
  return parties;
}

}  // namespace

Barrier::Barrier(int parties, std::function<void()> action)
    : parties_(AtLeastOne(parties)),
      action_(std::move(action)),
      round_(std::make_shared<Round>()) {}

int Barrier::Wait() { return WaitUntil(std::nullopt); }

int Barrier::WaitFor(std::chrono::nanoseconds timeout) {
  return WaitUntil(std::chrono::steady_clock::now() + timeout);
}

int Barrier::WaitUntil(const std::optional<Deadline>& deadline) {
  std::unique_lock lock(mutex_);
  const std::shared_ptr<Round> round = round_;
  if (round->state == State::kBroken) throw BrokenBarrier("Barrier::Wait: the barrier is broken");
  const int came_before = round->arrived++;
  if (round->arrived == parties_) {
    round_ = std::make_shared<Round>();
    if (action_) RunAction(lock, *round);
    round->state = State::kPassed;
    round_ended_.notify_all();
    return came_before;
  }
  while (round->state == State::kOpen || round->state == State::kActs) {
    if (!deadline || round->state == State::kActs) {
      round_ended_.wait(lock);
    } else if (round_ended_.wait_until(lock, *deadline) == std::cv_status::timeout &&
               round->state == State::kOpen) {
      Break(*round);
    }
  }
  if (round->state == State::kBroken) {
    throw BrokenBarrier("Barrier::Wait: the barrier was broken before all had come");
  }
  return came_before;
}

// Without the mutex, so that it may ask the barrier, or wait for something else. Who comes
// meanwhile comes for the next round.
void Barrier::RunAction(std::unique_lock<std::mutex>& lock, Round& round) {
  round.state = State::kActs;
  lock.unlock();
  try {
    action_();
  } catch (...) {
    lock.lock();
    Break(round);
    Break(*round_);
    throw;
  }
  lock.lock();
}

void Barrier::Break(Round& round) {
  round.state = State::kBroken;
  round_ended_.notify_all();
}

void Barrier::Abort() {
  std::lock_guard lock(mutex_);
  Break(*round_);
}

void Barrier::Reset() {
  std::lock_guard lock(mutex_);
  Break(*round_);
  round_ = std::make_shared<Round>();
}

int Barrier::waiting() const {
  std::lock_guard lock(mutex_);
  return round_->state == State::kBroken ? 0 : round_->arrived;
}

bool Barrier::broken() const {
  std::lock_guard lock(mutex_);
  return round_->state == State::kBroken;
}

}  // namespace interleave
