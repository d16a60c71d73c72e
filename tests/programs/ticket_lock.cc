// A lock that serves in the order of tickets.
//
// Bug: a ticket is read and the next one written back. Two threads draw the same ticket and are
// served together.
// Fix: fetch_add.
// Idea: Mellor-Crummey and Scott 1991; Herlihy and Shavit, chapter 7.
#include <atomic>
#include <cassert>
#include <thread>

namespace {

struct Lock {
  std::atomic<int> next{0}, serving{0};

  void Enter() {
#ifdef FIXED
    int mine = next.fetch_add(1);
#else
    int mine = next;
    next = mine + 1;
#endif
    while (serving < mine) std::this_thread::yield();
  }
  void Leave() { ++serving; }
};

}  // namespace

int main() {
  Lock lock;
  std::atomic<int> inside{0};
  auto work = [&] {
    lock.Enter();
    assert(++inside == 1);
    --inside;
    lock.Leave();
  };
  std::thread a(work), b(work), c(work);
  a.join();
  b.join();
  c.join();
  return 0;
}
