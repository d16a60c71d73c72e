// The lock-free queue of Michael and Scott: a new node is linked behind the last, then the tail
// moves.
//
// Bug: the link is stored instead of exchanged for "nothing". Two threads that both saw the same
// last node each link theirs, and the first is gone.
// Fix: compare and exchange, and start again if somebody was faster.
// Idea: Michael and Scott 1996, line E9; "msqueue" of the suites.
#include <atomic>
#include <cassert>
#include <thread>

namespace {

struct Node {
  std::atomic<Node*> next{nullptr};
};

struct Queue {
  Node dummy;
  std::atomic<Node*> head{&dummy}, tail{&dummy};

  void Push(Node& node) {
    for (;;) {
      Node* last = tail;
      Node* next = last->next;
      if (next != nullptr) {  // somebody has linked and not moved the tail yet
        tail.compare_exchange_strong(last, next);
        continue;
      }
#ifdef FIXED
      if (!last->next.compare_exchange_strong(next, &node)) continue;
#else
      last->next = &node;
#endif
      tail.compare_exchange_strong(last, &node);
      return;
    }
  }

  int Length() {
    int length = 0;
    for (Node* node = dummy.next; node != nullptr; node = node->next) ++length;
    return length;
  }
};

}  // namespace

int main() {
  Queue queue;
  Node a, b;
  std::thread first([&] { queue.Push(a); });
  std::thread second([&] { queue.Push(b); });
  first.join();
  second.join();
  assert(queue.Length() == 2);
  return 0;
}
