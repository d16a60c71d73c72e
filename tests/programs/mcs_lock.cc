// A queue lock: everybody waits at a flag of its own, and who leaves lowers the next one's.
//
// Bug: who leaves and sees no next one tries to close the queue and goes, whether that worked or
// not. A thread that had queued up but not said its name yet waits for ever.
// Fix: if the queue could not be closed, wait for the next one's name.
// Idea: Mellor-Crummey and Scott 1991.
#include <atomic>
#include <cassert>
#include <thread>

namespace {

struct Node {
  std::atomic<Node*> next{nullptr};
  std::atomic<bool> waits{true};
};

struct Lock {
  std::atomic<Node*> last{nullptr};

  void Enter(Node& me) {
    Node* before = last.exchange(&me);
    if (before == nullptr) return;
    before->next = &me;
    while (me.waits) std::this_thread::yield();
  }

  void Leave(Node& me) {
    if (me.next == nullptr) {
      Node* expected = &me;
#ifdef FIXED
      if (last.compare_exchange_strong(expected, nullptr)) return;
      while (me.next == nullptr) std::this_thread::yield();
#else
      last.compare_exchange_strong(expected, nullptr);
      return;
#endif
    }
    me.next.load()->waits = false;
  }
};

}  // namespace

int main() {
  Lock lock;
  int counter = 0;
  auto work = [&] {
    Node me;
    lock.Enter(me);
    ++counter;
    lock.Leave(me);
  };
  std::thread a(work), b(work);
  a.join();
  b.join();
  assert(counter == 2);
  return 0;
}
