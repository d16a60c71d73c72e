// A thread waits on an atomic that another one sets.
//
// Bug: notify comes before the store. The sleeper wakes, sees the old value, sleeps again, and
// nobody wakes it for the new one.
// Fix: store, then notify.
// Idea: futex(7), "the value must be changed before the wake"; Hinnant's and Giroux's talks on
// std::atomic::wait.
#include <atomic>
#include <thread>

int main() {
  std::atomic<int> ready{0};
  std::thread waiter([&] { ready.wait(0); });
  std::thread setter([&] {
#ifdef FIXED
    ready = 1;
    ready.notify_one();
#else
    ready.notify_one();
    ready = 1;
#endif
  });
  waiter.join();
  setter.join();
  return 0;
}
