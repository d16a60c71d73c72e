#include "labs/45_false_sharing_line.h"

#include <ctime>
#include <latch>

#include "runtime/engine/explore.h"
#include "runtime/lab/compute.h"
#include "runtime/threads/thread_name.h"

Lines lines;

void Lines::Reset(long slow_motion) {
  slow_motion_ = slow_motion;
  lines_.clear();
  transfers_ = 0;
}

void Lines::Write(const void* address) {
  if (!interleave::InSimulation()) return;
  const std::uintptr_t number = reinterpret_cast<std::uintptr_t>(address) / kLineSize;
  std::unique_lock<std::mutex> lock(mutex_);
  Line& line = lines_[number];
  lock.unlock();
  std::lock_guard<interleave::FairMutex> use(line.in_use);
  if (line.core != std::this_thread::get_id()) {
    line.core = std::this_thread::get_id();
    ++transfers_;
    interleave::Compute(kTransfer * slow_motion_);
  }
  interleave::Compute(kIncrement * slow_motion_);
}

std::chrono::nanoseconds WorkOfEach() {
  if (interleave::InSimulation()) return std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::nanoseconds(1'000'000'000 / CLOCKS_PER_SEC * std::clock() / 2);
}

void RunOnTwoCores(const std::function<void()>& one, const std::function<void()>& two) {
  std::latch both_are_there(2);
  const auto run = [&](const char* name, const std::function<void()>& work) {
    interleave::SetThreadName(name);
    both_are_there.arrive_and_wait();
    work();
  };
  std::thread first(run, "core-1", std::cref(one)), second(run, "core-2", std::cref(two));
  first.join();
  second.join();
}
