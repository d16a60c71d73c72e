// Dekker's lock for two threads: who meets the other's wish steps back if it is not its turn.
//
// Bug: having waited for its turn, it forgets to say its wish again. The other does not see it.
// Fix: say it again.
// Idea: Dekker's algorithm in Dijkstra 1965; "dekker" of SV-COMP, with a line missing.
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
    while (wants[other]) {
      if (turn == me) continue;
      wants[me] = false;
      while (turn != me) std::this_thread::yield();
#ifdef FIXED
      wants[me] = true;
#endif
    }
  }
  void Leave(int me) {
    turn = 1 - me;
    wants[me] = false;
  }
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
  std::thread a([&] {
    work(0);
    work(0);
  });
  std::thread b(work, 1);
  a.join();
  b.join();
  return 0;
}
