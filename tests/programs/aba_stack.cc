// A lock-free stack of numbered nodes, from which two threads pop and push.
//
// Bug: a pop reads the top and its successor and then swaps. Meanwhile the other thread pops both
// and pushes the first again: the top is the same, its successor is not, and the swap succeeds. A
// node that somebody owns is on the stack again.
// Fix: a number beside the top that each swap raises.
// Idea: the ABA problem of Treiber's stack (IBM System/370 manual, 1983; Michael 2004).
#include <atomic>
#include <cassert>
#include <thread>

namespace {

constexpr int kNone = 3;
constexpr int kNodes = 4;
#ifdef FIXED
constexpr int kRaise = kNodes;
#else
constexpr int kRaise = 0;
#endif

struct Stack {
  std::atomic<int> top{0};  // the node, plus kNodes times the number of swaps
  std::atomic<int> next[kNodes] = {1, 2, kNone, kNone};
  std::atomic<int> owners[kNodes] = {0, 0, 0, 0};

  int Pop() {
    for (int seen = top;;) {
      int node = seen % kNodes;
      if (node == kNone) return kNone;
      int swapped = seen - node + next[node] + kRaise;
      if (!top.compare_exchange_strong(seen, swapped)) continue;
      assert(++owners[node] == 1);
      return node;
    }
  }

  void Push(int node) {
    --owners[node];
    for (int seen = top;;) {
      next[node] = seen % kNodes;
      if (top.compare_exchange_strong(seen, seen - seen % kNodes + node + kRaise)) return;
    }
  }
};

}  // namespace

int main() {
  Stack stack;
  std::thread a([&] {
    stack.Pop();
    stack.Pop();
  });
  std::thread b([&] {
    int first = stack.Pop();
    stack.Pop();
    if (first != kNone) stack.Push(first);
  });
  a.join();
  b.join();
  return 0;
}
