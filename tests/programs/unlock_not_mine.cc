// Three threads try a lock and do without if it is taken.
//
// Bug: the cleanup at the end opens the lock even if the attempt has failed; then a third one comes
// in beside the owner.
// Fix: open what one has closed.
// Idea: "finally { lock.unlock(); }" around a tryLock (JaConTeBe). It takes all three threads.
#include <atomic>
#include <cassert>
#include <thread>

int main() {
  std::atomic<bool> taken{false};
  std::atomic<int> inside{0};
  auto work = [&] {
    bool mine = !taken.exchange(true);
    if (mine) {
      assert(++inside == 1);
      --inside;
    }
#ifdef FIXED
    if (mine) taken = false;
#else
    taken = false;
#endif
  };
  std::thread a(work), b(work), c(work);
  a.join();
  b.join();
  c.join();
  return 0;
}
