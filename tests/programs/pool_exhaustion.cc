// Jobs on a pool of two threads; a job may split itself and wait for its half.
//
// Bug: if both threads run a job that waits for a half, nobody is left to run the halves.
// Fix: whoever waits works in the meantime.
// Idea: thread starvation deadlock (Goetz, "Java Concurrency in Practice", 8.1.1).
#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace {

class Pool {
 public:
  Pool() : a_([this] { Work(); }), b_([this] { Work(); }) {}
  ~Pool() {
    {
      std::lock_guard lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
    a_.join();
    b_.join();
  }
  void Post(std::function<void()> job) {
    std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
    changed_.notify_all();
  }
  void WaitFor(const bool& done) {
    std::unique_lock lock(mutex_);
    while (!done) {
#ifdef FIXED
      if (RunOne(lock)) continue;
#endif
      changed_.wait(lock);
    }
  }
  void Finish(bool& done) {
    std::lock_guard lock(mutex_);
    done = true;
    changed_.notify_all();
  }

 private:
  bool RunOne(std::unique_lock<std::mutex>& lock) {
    if (jobs_.empty()) return false;
    std::function<void()> job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    lock.lock();
    return true;
  }
  void Work() {
    std::unique_lock lock(mutex_);
    while (RunOne(lock) || !closed_) {
      if (jobs_.empty() && !closed_) changed_.wait(lock);
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  bool closed_ = false;
  std::thread a_, b_;
};

}  // namespace

int main() {
  Pool pool;
  bool all[2] = {}, half[2] = {};
  for (int i = 0; i < 2; ++i) {
    pool.Post([&, i] {
      pool.Post([&, i] { pool.Finish(half[i]); });
      pool.WaitFor(half[i]);
      pool.Finish(all[i]);
    });
  }
  for (bool& done : all) pool.WaitFor(done);
  return 0;
}
