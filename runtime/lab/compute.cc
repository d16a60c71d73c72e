// runtime/lab/compute.cc
#include "runtime/lab/compute.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>

#include <condition_variable>
#include <ctime>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace interleave {
namespace {

class VirtualCores {
 public:
  virtual ~VirtualCores() = default;
  // Over at once when `until` can be read; -1 for nothing.
  virtual void Charge(std::chrono::nanoseconds cost, int until) = 0;
  virtual void PrioritiesChanged() {}
};

// A ticket office: whoever holds one of the `cores_` lowest tickets may compute. FIFO, so that the
// cores add no choices of their own to a scenario's schedules.
class CoresInTurn : public VirtualCores {
 public:
  explicit CoresInTurn(int cores) : free_(cores) {}

  void Charge(std::chrono::nanoseconds cost, int until) override {
    {
      std::unique_lock lock(mutex_);
      const long ticket = next_ticket_++;
      changed_.wait(lock, [&] { return ticket == served_ && free_ > 0; });
      ++served_;
      --free_;
    }
    changed_.notify_all();  // the next ticket may find another core free
    if (until < 0) {
      std::this_thread::sleep_for(cost);
    } else {
      pollfd over = {until, POLLIN, 0};
      const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(cost);
      const timespec limit = {seconds.count(), (cost - seconds).count()};
      ppoll(&over, 1, &limit, nullptr);
    }
    {
      std::lock_guard lock(mutex_);
      ++free_;
    }
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int free_;  // guarded by mutex_, as are the others
  long next_ticket_ = 0;
  long served_ = 0;  // tickets that got a core
};

// The most urgent jobs have the cores, among equals the oldest. Whenever a job comes, goes, or gets
// another priority, each looks whether it still has one.
class CoresByPriority : public VirtualCores {
 public:
  explicit CoresByPriority(int cores) : cores_(cores) {}

  void Charge(std::chrono::nanoseconds cost, int) override {
    std::unique_lock lock(mutex_);
    const pthread_t me = pthread_self();
    jobs_.push_back(me);
    changed_.notify_all();
    while (cost > cost.zero()) {
      if (HasCore(me)) {
        const auto began = std::chrono::steady_clock::now();
        changed_.wait_for(lock, cost);
        cost -= std::chrono::steady_clock::now() - began;
      } else {
        changed_.wait(lock);
      }
    }
    std::erase(jobs_, me);
    changed_.notify_all();
  }

  void PrioritiesChanged() override {
    std::lock_guard lock(mutex_);
    changed_.notify_all();
  }

 private:
  static int Priority(pthread_t thread) {
    int policy = SCHED_OTHER;
    sched_param parameters{};
    pthread_getschedparam(thread, &policy, &parameters);
    return parameters.sched_priority;
  }

  bool HasCore(pthread_t me) const {
    int before_me = 0;
    bool older = true;
    for (const pthread_t job : jobs_) {
      if (job == me) {
        older = false;
      } else if (Priority(job) > Priority(me) || (older && Priority(job) == Priority(me))) {
        ++before_me;
      }
    }
    return before_me < cores_;
  }

  const int cores_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<pthread_t> jobs_;  // oldest first; guarded by mutex_
};

std::unique_ptr<VirtualCores> cores = std::make_unique<CoresInTurn>(2);
double compute_scale = 1.0;
void (*compute_elsewhere)(std::chrono::nanoseconds cost) = nullptr;

std::chrono::nanoseconds ThreadCpuTime() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

void Compute(std::chrono::nanoseconds cost) {
  if (cost <= std::chrono::nanoseconds(0)) return;  // nor does it need a core
  if (compute_elsewhere != nullptr) return compute_elsewhere(cost);
  if (InSimulation()) {
    cores->Charge(cost, -1);
    return;
  }
  const auto until =
      ThreadCpuTime() + std::chrono::duration_cast<std::chrono::nanoseconds>(cost * compute_scale);
  while (ThreadCpuTime() < until) {
  }
}

namespace lab {

void ComputeUntil(int descriptor, std::chrono::nanoseconds cost) {
  if (cost > std::chrono::nanoseconds(0)) cores->Charge(cost, descriptor);
}

void ResetVirtualCores(int count, bool by_priority) {
  // A run that was given up may have left threads inside the old cores; they never go on, so nobody
  // misses those. Keeping them would cost 120 bytes a run, a gigabyte in ten million.
  if (by_priority) {
    cores = std::make_unique<CoresByPriority>(count);
    SetPriorityListener([] { cores->PrioritiesChanged(); });
  } else {
    cores = std::make_unique<CoresInTurn>(count);
    SetPriorityListener(nullptr);
  }
}

void SetComputeElsewhere(void (*elsewhere)(std::chrono::nanoseconds cost)) {
  compute_elsewhere = elsewhere;
}

void SetComputeScale(double scale) { compute_scale = scale; }

bool IsInsideCompute(const Step& step) { return step.place.file == "compute.cc"; }

// With a core it waits for no more than the time that its job takes.
bool IsComputing(const Step& step) {
  if (!IsInsideCompute(step)) return false;
  return step.kind == StepKind::kSleep || step.kind == StepKind::kPoll ||
         (step.kind == StepKind::kWait && step.until.count() > 0);
}

}  // namespace lab
}  // namespace interleave
