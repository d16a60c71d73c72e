// A published lock for two threads.
//
// Bug: whoever waits for the other to be done takes the turn afterwards, without looking again: in
// between the other can have come back and hold the lock, because the turn was still its own.
// Fix: Peterson's: give the turn away first, and look at both at once.
// Idea: Hyman, "Comments on a problem in concurrent programming control", CACM 1966; Knuth found
// the bug the same year.
#include <atomic>
#include <cassert>
#include <thread>

namespace {

struct Lock {
  std::atomic<bool> wants[2] = {false, false};
  std::atomic<int> turn{0};

  void Enter(int me) {
    int other = 1 - me;
    wants[me] = true;
#ifdef FIXED
    turn = other;
    while (wants[other] && turn == other) std::this_thread::yield();
#else
    while (turn != me) {
      while (wants[other]) std::this_thread::yield();
      turn = me;
    }
#endif
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
