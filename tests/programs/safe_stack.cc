// A lock-free stack of numbered items that leaves the last one where it is; three threads take one,
// write to it and put it back, twice.
//
// Bug: a pop marks the item at the head with a next of -1, so that no other pop takes it meanwhile,
// and puts the next back if it comes too late. When it does, the item may have been on the stack
// again: one item is then with two threads. It takes three threads; with six preemptions two own
// one item, with eight they write to it.
// Fix: a lock.
// Idea: SafeStack, which Dmitry Vyukov posted in 2010 to show what a bound of preemptions misses;
// one of the programs of SCTBench (Thomson, Donaldson and Betts 2014).
#include <atomic>
#include <cassert>
#include <mutex>
#include <thread>

namespace {

constexpr int kItems = 3;
constexpr int kNobody = -1;

#ifdef FIXED
std::mutex mutex;
#define LOCK() std::lock_guard lock(mutex)
#else
#define LOCK() (void)0
#endif

struct Item {
  int value = 0;
  std::atomic<int> next{0};
};

struct SafeStack {
  std::atomic<int> head{0};
  std::atomic<int> count{kItems};
  Item items[kItems];

  SafeStack() {
    for (int i = 0; i < kItems; ++i) items[i].next = i + 1 < kItems ? i + 1 : kNobody;
  }

  int Pop() {
    LOCK();
    while (count > 1) {
      int top = head;
      const int next = items[top].next.exchange(kNobody);
      if (next < 0) continue;
      const int taken = top;
      if (head.compare_exchange_strong(top, next)) {
        --count;
        return taken;
      }
      items[taken].next.exchange(next);
    }
    return kNobody;
  }

  void Push(int item) {
    LOCK();
    int top = head;
    do {
      items[item].next = top;
    } while (!head.compare_exchange_strong(top, item));
    ++count;
  }
};

void Use(SafeStack& stack, int me) {
  for (int round = 0; round < 2; ++round) {
    int item = kNobody;
    while (item == kNobody) item = stack.Pop();
    stack.items[item].value = me;
    assert(stack.items[item].value == me);
    stack.Push(item);
  }
}

}  // namespace

int main() {
  SafeStack stack;
  std::thread a([&] { Use(stack, 1); }), b([&] { Use(stack, 2); }), c([&] { Use(stack, 3); });
  a.join();
  b.join();
  c.join();
  return 0;
}
