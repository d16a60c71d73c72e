// A bounded buffer in which producers wait for room and consumers for items.
//
// Bug: both wait on one condition variable, and notify_one wakes one of them: a consumer may wake
// the other consumer, which finds nothing and sleeps on, and so does everybody.
// Fix: notify_all. (Or two condition variables.)
// Idea: the first example of Java's "notify instead of notifyAll", and of Real-World Concurrency
// Bugs' missed notifications.
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace {

class Buffer {
 public:
  void Put() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return items_ < 1; });
    ++items_;
    Notify();
  }

  void Get() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return items_ > 0; });
    --items_;
    Notify();
  }

 private:
  void Notify() {
#ifdef FIXED
    changed_.notify_all();
#else
    changed_.notify_one();
#endif
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  int items_ = 0;
};

}  // namespace

int main() {
  Buffer buffer;
  std::thread consumers[] = {std::thread([&] { buffer.Get(); }),
                             std::thread([&] { buffer.Get(); })};
  std::thread producer([&] {
    buffer.Put();
    buffer.Put();
  });
  producer.join();
  for (std::thread& consumer : consumers) consumer.join();
  return 0;
}
