// A thread goes through a list of jobs and runs each without the lock; another one cancels a job.
//
// Bug: it remembers its place in the list while it does not hold the lock. If a job before that
// place is removed, the rest moves up and one job is passed over.
// Fix: go through a copy.
// Idea: iterators invalidated under a loop: ConcurrentModificationException without the exception.
#include <algorithm>
#include <atomic>
#include <cassert>
#include <mutex>
#include <thread>
#include <vector>

namespace {

struct Jobs {
  std::mutex mutex;
  std::vector<int> list{1, 2, 3};
  int ran_last = 0;

  void RunAll() {
    std::unique_lock lock(mutex);
#ifdef FIXED
    const std::vector<int> mine = list;
#else
    const std::vector<int>& mine = list;
#endif
    for (std::size_t i = 0; i < mine.size(); ++i) {
      int job = mine[i];
      lock.unlock();
      if (job == 3) ran_last = job;
      lock.lock();
    }
  }

  void Cancel(int job) {
    std::lock_guard lock(mutex);
    list.erase(std::find(list.begin(), list.end(), job));
  }
};

}  // namespace

int main() {
  Jobs jobs;
  std::thread runner([&] { jobs.RunAll(); });
  std::thread user([&] { jobs.Cancel(1); });
  runner.join();
  user.join();
  assert(jobs.ran_last == 3);
  return 0;
}
