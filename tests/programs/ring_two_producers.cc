// A lock-free ring for one producer and one consumer is given a second producer.
//
// Bug: both producers find the same free slot, write it one after the other and move the end twice:
// one item is lost, and a slot counts as filled that nobody wrote.
// Fix: the producers take a lock among themselves.
// Idea: "circular_buffer" of SCTBench; the classic misuse of Lamport's queue of 1977.
#include <array>
#include <atomic>
#include <cassert>
#include <mutex>
#include <thread>

namespace {

class Ring {
 public:
  void Push(int item) {
#ifdef FIXED
    std::lock_guard lock(producers_);
#endif
    int end = end_.load();
    slots_[end % slots_.size()] = item;
    end_.store(end + 1);
  }

  int Pop() {  // 0: empty
    int begin = begin_.load();
    if (begin == end_.load()) return 0;
    int item = slots_[begin % slots_.size()];
    begin_.store(begin + 1);
    return item;
  }

 private:
  std::mutex producers_;
  std::array<std::atomic<int>, 4> slots_{};
  std::atomic<int> begin_{0}, end_{0};
};

}  // namespace

int main() {
  Ring ring;
  std::thread a([&] { ring.Push(1); });
  std::thread b([&] { ring.Push(2); });
  a.join();
  b.join();
  assert(ring.Pop() + ring.Pop() == 3);
  return 0;
}
