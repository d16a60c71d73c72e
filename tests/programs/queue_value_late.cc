// Two consumers take from a lock-free queue whose emptied nodes are used again.
//
// Bug: Pop moves the head and then reads the value of the node that is the new dummy. By then the
// other consumer can have taken the next and given the dummy back, and its value is wiped.
// Fix: read the value before the head moves.
// Idea: Michael and Scott 1996, whose line D11 says "read value before CAS, otherwise another
// dequeue might free the next node".
#include <atomic>
#include <cassert>
#include <thread>

namespace {

struct Node {
  std::atomic<int> value{0};
  std::atomic<Node*> next{nullptr};
};

struct Queue {
  Node nodes[3];
  std::atomic<Node*> head{&nodes[0]};

  Queue() {
    for (int i = 1; i < 3; ++i) {
      nodes[i].value = i;
      nodes[i - 1].next = &nodes[i];
    }
  }

  int Pop() {
    for (;;) {
      Node* dummy = head;
      Node* first = dummy->next;
      if (first == nullptr) return 0;
#ifdef FIXED
      int value = first->value;
      if (!head.compare_exchange_strong(dummy, first)) continue;
#else
      if (!head.compare_exchange_strong(dummy, first)) continue;
      int value = first->value;
#endif
      dummy->value = -1;  // free for the next user
      return value;
    }
  }
};

}  // namespace

int main() {
  Queue queue;
  int a = 0, b = 0;
  std::thread first([&] { a = queue.Pop(); });
  std::thread second([&] { b = queue.Pop(); });
  first.join();
  second.join();
  assert(a + b == 3);
  return 0;
}
