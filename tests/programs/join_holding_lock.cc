// A service is stopped: its worker notes the time of its end in the service's state, under the
// lock.
//
// Bug: Stop joins the worker while it holds that lock. If the worker has not noted its end before,
// it never will.
// Fix: give the lock back before the join.
// Idea: GoBench's "blocking, mixed" family: a lock on one side, waiting for an end on the other.
#include <mutex>
#include <thread>

namespace {

class Service {
 public:
  void Start() {
    worker_ = std::thread([this] {
      std::lock_guard lock(mutex_);
      ended_ = true;
    });
  }

  void Stop() {
    std::unique_lock lock(mutex_);
    stopping_ = true;
#ifdef FIXED
    lock.unlock();
#endif
    worker_.join();
  }

 private:
  std::mutex mutex_;
  std::thread worker_;
  bool stopping_ = false, ended_ = false;
};

}  // namespace

int main() {
  Service service;
  service.Start();
  service.Stop();
  return 0;
}
