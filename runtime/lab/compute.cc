// runtime/lab/compute.cc
#include "runtime/lab/compute.h"

#include <condition_variable>
#include <ctime>
#include <memory>
#include <mutex>
#include <thread>

namespace interleave {
namespace {

// A ticket office: whoever holds one of the `cores_` lowest tickets may compute. FIFO, so that the
// cores add no choices of their own to a scenario's schedules.
class VirtualCores {
 public:
  explicit VirtualCores(int cores) : free_(cores) {}

  void Charge(std::chrono::nanoseconds cost) {
    {
      std::unique_lock lock(mutex_);
      const long ticket = next_ticket_++;
      changed_.wait(lock, [&] { return ticket == served_ && free_ > 0; });
      ++served_;
      --free_;
    }
    changed_.notify_all();  // the next ticket may find another core free
    std::this_thread::sleep_for(cost);
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

std::unique_ptr<VirtualCores> cores = std::make_unique<VirtualCores>(2);
double compute_scale = 1.0;

std::chrono::nanoseconds ThreadCpuTime() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

void Compute(std::chrono::nanoseconds cost) {
  if (cost <= std::chrono::nanoseconds(0)) return;  // nor does it need a core
  if (InSimulation()) {
    cores->Charge(cost);
    return;
  }
  const auto until =
      ThreadCpuTime() + std::chrono::duration_cast<std::chrono::nanoseconds>(cost * compute_scale);
  while (ThreadCpuTime() < until) {
  }
}

namespace lab {

void ResetVirtualCores(int count) {
  // A run that ended in a deadlock may have left threads inside the old cores for ever: they are
  // abandoned with it, not destroyed.
  cores.release();
  cores = std::make_unique<VirtualCores>(count);
}

void SetComputeScale(double scale) { compute_scale = scale; }

bool IsInsideCompute(const Step& step) { return step.place.file == "compute.cc"; }

}  // namespace lab
}  // namespace interleave
