// A worker sleeps until there is a job or it is to stop.
//
// Bug: Stop sets its atomic flag without the lock, so that may happen after the worker has looked
// and before it sleeps; the notification finds nobody.
// Fix: set it under the lock, atomic or not.
// Idea: half of all thread pools on the web; C++ Core Guidelines CP.42 and its discussions.
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace {

class Worker {
 public:
  Worker() : thread_([this] { Run(); }) {}

  ~Worker() {
    {
#ifdef FIXED
      std::lock_guard lock(mutex_);
#endif
      stop_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }

  void Post() {
    std::lock_guard lock(mutex_);
    ++jobs_;
    wake_.notify_one();
  }

 private:
  void Run() {
    std::unique_lock lock(mutex_);
    while (!stop_) {
      if (jobs_ > 0) {
        --jobs_;
      } else {
        wake_.wait(lock);
      }
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<bool> stop_{false};
  int jobs_ = 0;
  std::thread thread_;
};

}  // namespace

int main() {
  Worker worker;
  worker.Post();
  return 0;
}
