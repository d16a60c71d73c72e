// Peterson's lock for two threads.
//
// Bug: the turn is given away before the wish is said. The other sees no wish and enters, and its
// gift of the turn came before: both are inside.
// Fix: first the wish, then the turn.
// Idea: Peterson 1981; the standard wrong variant of lectures, wrong even where memory is
// sequentially consistent.
#include <atomic>
#include <cassert>
#include <thread>

namespace {

struct Lock {
  std::atomic<bool> wants[2] = {false, false};
  std::atomic<int> turn{0};

  void Enter(int me) {
    int other = 1 - me;
#ifdef FIXED
    wants[me] = true;
    turn = other;
#else
    turn = other;
    wants[me] = true;
#endif
    while (wants[other] && turn == other) std::this_thread::yield();
  }
  void Leave(int me) { wants[me] = false; }
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
