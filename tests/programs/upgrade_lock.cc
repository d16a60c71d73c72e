// A reader-writer lock of one's own lets a reader become the writer once all other readers are
// gone.
//
// Bug: two readers that both want to become the writer each wait for the other to go.
// Fix: only one may wait for it; the second is told no, lets go and starts again.
// Idea: why std::shared_mutex has no upgrade and Boost's upgrade_lock admits one holder only.
#include <cassert>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace {

class ReadWriteLock {
 public:
  void Read() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !upgrading_; });
    ++readers_;
  }
  void EndRead() {
    std::lock_guard lock(mutex_);
    --readers_;
    changed_.notify_all();
  }
  bool Upgrade() {
    std::unique_lock lock(mutex_);
#ifdef FIXED
    if (upgrading_) return false;
#endif
    upgrading_ = true;
    changed_.wait(lock, [&] { return readers_ == 1; });
    return true;
  }
  void EndWrite() {
    std::lock_guard lock(mutex_);
    upgrading_ = false;
    --readers_;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int readers_ = 0;
  bool upgrading_ = false;
};

}  // namespace

int main() {
  ReadWriteLock lock;
  int value = 0;
  auto increment = [&] {
    lock.Read();
    while (!lock.Upgrade()) {
      lock.EndRead();
      lock.Read();
    }
    ++value;
    lock.EndWrite();
  };
  std::thread a(increment), b(increment);
  a.join();
  b.join();
  assert(value == 2);
  return 0;
}
