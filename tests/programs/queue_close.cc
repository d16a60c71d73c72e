// Consumers wait at a queue until it is closed.
//
// Bug: Close wakes one of them. If both wait, the other stays for ever.
// Fix: wake all.
// Idea: shutdown hangs of GoBench (a channel that is sent one value instead of being closed).
#include <condition_variable>
#include <mutex>
#include <optional>
#include <queue>
#include <thread>

namespace {

class Queue {
 public:
  void Put(int item) {
    std::lock_guard lock(mutex_);
    items_.push(item);
    changed_.notify_one();
  }

  void Close() {
    std::lock_guard lock(mutex_);
    closed_ = true;
#ifdef FIXED
    changed_.notify_all();
#else
    changed_.notify_one();
#endif
  }

  std::optional<int> Get() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return closed_ || !items_.empty(); });
    if (items_.empty()) return std::nullopt;
    int item = items_.front();
    items_.pop();
    return item;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::queue<int> items_;
  bool closed_ = false;
};

}  // namespace

int main() {
  Queue queue;
  auto consume = [&] {
    while (queue.Get()) {
    }
  };
  std::thread a(consume), b(consume);
  queue.Put(1);
  queue.Close();
  a.join();
  b.join();
  return 0;
}
