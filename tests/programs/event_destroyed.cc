// Main waits for an event on its stack and goes on when it has come.
//
// Bug: Set notifies after it has given the lock back. Main may see the event set, leave the block
// and destroy it before that, and Set notifies something that is not there any more.
// Fix: notify under the lock, so that nobody gets past it before.
// Idea: the semaphore destruction race of glibc bug 12674 and of POSIX's rationale for sem_destroy.
#include <atomic>
#include <cassert>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace {

class Event {
 public:
  explicit Event(std::atomic<int>& alive) : alive_(alive) { ++alive_; }
  ~Event() { --alive_; }

  void Wait() {
    std::unique_lock lock(mutex_);
    happened_.wait(lock, [&] { return set_; });
  }

  void Set() {
    std::atomic<int>& alive = alive_;
    std::unique_lock lock(mutex_);
    set_ = true;
#ifndef FIXED
    lock.unlock();
#endif
    assert(alive == 1);
    happened_.notify_all();
  }

 private:
  std::atomic<int>& alive_;
  std::mutex mutex_;
  std::condition_variable happened_;
  bool set_ = false;
};

}  // namespace

int main() {
  std::atomic<int> alive{0};
  std::thread setter;
  {
    Event event(alive);
    setter = std::thread([&] { event.Set(); });
    event.Wait();
  }
  setter.join();
  return 0;
}
