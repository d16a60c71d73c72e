// A thread waits until another has loaded the configuration.
//
// Bug: it looks at the flag before it takes the lock. The flag is set and the notification sent
// between the look and the wait, and it waits for ever.
// Fix: look under the lock.
// Idea: the lost wake-up of every operating systems course.
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

int main() {
  std::mutex mutex;
  std::condition_variable loaded;
  std::atomic<bool> ready{false};
  std::thread user([&] {
#ifdef FIXED
    std::unique_lock lock(mutex);
    while (!ready) loaded.wait(lock);
#else
    if (!ready) {
      std::unique_lock lock(mutex);
      loaded.wait(lock);
    }
#endif
  });
  std::thread loader([&] {
    std::lock_guard lock(mutex);
    ready = true;
    loaded.notify_all();
  });
  user.join();
  loader.join();
  return 0;
}
