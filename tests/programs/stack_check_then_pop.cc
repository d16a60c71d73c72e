// Two threads take from a locked stack, if there is something in it.
//
// Bug: each call is locked, the two together are not: both see the last item, and the second pops
// from an empty stack.
// Fix: one call that looks and takes.
// Idea: "stack" of SCTBench; why std::stack's empty, top, pop cannot be made safe one by one
// (Williams, "C++ Concurrency in Action", 3.2.3).
#include <cassert>
#include <mutex>
#include <thread>
#include <vector>

namespace {

class Stack {
 public:
  void Push(int item) {
    std::lock_guard lock(mutex_);
    items_.push_back(item);
  }
  bool Empty() {
    std::lock_guard lock(mutex_);
    return items_.empty();
  }
  int Pop() {
    std::lock_guard lock(mutex_);
    assert(!items_.empty());
    int item = items_.back();
    items_.pop_back();
    return item;
  }
  bool TryPop(int& item) {
    std::lock_guard lock(mutex_);
    if (items_.empty()) return false;
    item = items_.back();
    items_.pop_back();
    return true;
  }

 private:
  std::mutex mutex_;
  std::vector<int> items_;
};

int TakeAll(Stack& stack) {
  int sum = 0;
#ifdef FIXED
  for (int item; stack.TryPop(item);) sum += item;
#else
  while (!stack.Empty()) sum += stack.Pop();
#endif
  return sum;
}

}  // namespace

int main() {
  Stack stack;
  stack.Push(1);
  stack.Push(2);
  int left = 0, right = 0;
  std::thread a([&] { left = TakeAll(stack); });
  std::thread b([&] { right = TakeAll(stack); });
  a.join();
  b.join();
  assert(left + right == 3);
  return 0;
}
