// A worker that sleeps until there is work, and is told to stop. Now and then the program never
// ends: the worker has looked at the flag, but does not sleep yet, when it is set; the call that
// should wake it wakes nobody. -DFIXED is right.
//
//   tools/interleave examples/interleave/shutdown.cc
//   tools/interleave examples/interleave/shutdown.cc -- -DFIXED
#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>

class Worker {
 public:
  Worker() : thread_([this] { Work(); }) { pthread_setname_np(thread_.native_handle(), "worker"); }

  ~Worker() {
#ifdef FIXED
    {
      std::lock_guard<std::mutex> lock(mutex_);
      stop_ = true;
    }
#else
    stop_ = true;  // it is atomic, so no lock is needed: or so it seems
#endif
    wake_.notify_one();
    thread_.join();
  }

 private:
  void Work() {
    std::unique_lock<std::mutex> lock(mutex_);
    while (!stop_) wake_.wait(lock);
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

int main() {
  { Worker worker; }
  std::printf("stopped\n");
}
