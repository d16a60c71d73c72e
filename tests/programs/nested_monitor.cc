// A pool of connections with a lock of its own uses a queue that waits.
//
// Bug: Get waits for the queue while it holds the pool's lock; the wait gives up the queue's lock
// only, so nobody can come in to put a connection back.
// Fix: no lock of the pool around a wait.
// Idea: the "nested monitor problem" (Lister 1977; Lea, "Concurrent Programming in Java", 3.3.4).
#include <condition_variable>
#include <mutex>
#include <queue>
#include <thread>

namespace {

class WaitingQueue {
 public:
  int Get() {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [&] { return !items_.empty(); });
    int item = items_.front();
    items_.pop();
    return item;
  }
  void Put(int item) {
    std::lock_guard lock(mutex_);
    items_.push(item);
    filled_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable filled_;
  std::queue<int> items_;
};

class Pool {
 public:
  int Get() {
#ifdef FIXED
    int connection = free_.Get();
    std::lock_guard lock(mutex_);
#else
    std::lock_guard lock(mutex_);
    int connection = free_.Get();
#endif
    ++given_;
    return connection;
  }
  void Put(int connection) {
    std::lock_guard lock(mutex_);
    --given_;
    free_.Put(connection);
  }

 private:
  std::mutex mutex_;
  WaitingQueue free_;
  int given_ = 0;
};

}  // namespace

int main() {
  Pool pool;
  pool.Put(1);
  auto work = [&] { pool.Put(pool.Get()); };
  std::thread a(work), b(work);
  a.join();
  b.join();
  return 0;
}
