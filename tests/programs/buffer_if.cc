// A buffer with one place, one producer and two consumers.
//
// Bug: a consumer that waits checks with `if`. Before it has the lock again the other consumer can
// take the item for which it was woken.
// Fix: `while`.
// Idea: "sync" and "bounded_buffer" of the suites; what POSIX says about predicates.
#include <cassert>
#include <condition_variable>
#include <mutex>
#include <queue>
#include <thread>

namespace {

class Buffer {
 public:
  void Put(int item) {
    std::lock_guard lock(mutex_);
    items_.push(item);
    filled_.notify_one();
  }

  int Get() {
    std::unique_lock lock(mutex_);
#ifdef FIXED
    while (items_.empty()) filled_.wait(lock);
#else
    if (items_.empty()) filled_.wait(lock);
#endif
    assert(!items_.empty());
    int item = items_.front();
    items_.pop();
    return item;
  }

 private:
  std::mutex mutex_;
  std::condition_variable filled_;
  std::queue<int> items_;
};

}  // namespace

int main() {
  Buffer buffer;
  int a = 0, b = 0;
  std::thread first([&] { a = buffer.Get(); });
  std::thread second([&] { b = buffer.Get(); });
  buffer.Put(1);
  buffer.Put(2);
  first.join();
  second.join();
  assert(a + b == 3);
  return 0;
}
