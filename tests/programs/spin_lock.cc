// A spin lock guards a counter.
//
// Bug: "is it free?" and "it is mine" are two steps.
// Fix: exchange, which says what was there before.
// Idea: Herlihy and Shavit, chapter 7: test-and-set must be one step.
#include <atomic>
#include <cassert>
#include <thread>

namespace {

struct Lock {
  std::atomic<bool> taken{false};

  void Enter() {
#ifdef FIXED
    while (taken.exchange(true)) std::this_thread::yield();
#else
    while (taken) std::this_thread::yield();
    taken = true;
#endif
  }
  void Leave() { taken = false; }
};

}  // namespace

int main() {
  Lock lock;
  int counter = 0;
  auto work = [&] {
    lock.Enter();
    ++counter;
    lock.Leave();
  };
  std::thread a(work), b(work);
  a.join();
  b.join();
  assert(counter == 2);
  return 0;
}
