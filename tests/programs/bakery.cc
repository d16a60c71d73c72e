// Lamport's bakery: each takes a number higher than all it sees; the lowest number is served.
//
// Bug: the sign "is taking a number" is left out. Two read the same highest number; the second to
// write it down sees nobody before it, while the first, which it does not know of yet, goes first.
// Fix: wait while somebody is taking a number.
// Idea: Lamport 1974, who explains why the sign is needed; "lamport" and "bakery" of SV-COMP.
#include <algorithm>
#include <atomic>
#include <cassert>
#include <thread>
#include <utility>

namespace {

struct Lock {
  std::atomic<bool> taking[2] = {false, false};
  std::atomic<int> number[2] = {0, 0};

  void Enter(int me) {
    int other = 1 - me;
    taking[me] = true;
    number[me] = std::max(number[0].load(), number[1].load()) + 1;
    taking[me] = false;
#ifdef FIXED
    while (taking[other]) std::this_thread::yield();
#endif
    for (int its = number[other]; its != 0; its = number[other]) {
      if (std::pair(number[me].load(), me) < std::pair(its, other)) break;
      std::this_thread::yield();
    }
  }
  void Leave(int me) { number[me] = 0; }
};

}  // namespace

int main() {
  Lock lock;
  std::atomic<int> inside{0};
  auto work = [&](int me) {
    lock.Enter(me);
    assert(++inside == 1);
    --inside;
    lock.Leave(me);
  };
  std::thread a(work, 0), b(work, 1);
  a.join();
  b.join();
  return 0;
}
