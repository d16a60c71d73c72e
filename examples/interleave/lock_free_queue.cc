// A queue for one thread that puts and one that takes, without a lock: a ring of slots, and two
// counters that say how far each has got. It is wrong in one line; -DFIXED is right.
//
//   tools/interleave examples/interleave/lock_free_queue.cc
//   tools/interleave examples/interleave/lock_free_queue.cc -- -DFIXED
#include <atomic>
#include <cassert>
#include <cstdio>
#include <thread>

class Queue {
 public:
  bool Put(int value) {
    unsigned put = put_.load(std::memory_order_relaxed);
    if (put - taken_.load(std::memory_order_acquire) == kSlots) return false;  // full
#ifdef FIXED
    slots_[put % kSlots] = value;
    put_.store(put + 1, std::memory_order_release);
#else
    put_.store(put + 1, std::memory_order_release);  // says that it is there
    slots_[put % kSlots] = value;                    // and then puts it there
#endif
    return true;
  }

  bool Take(int& value) {
    unsigned taken = taken_.load(std::memory_order_relaxed);
    if (taken == put_.load(std::memory_order_acquire)) return false;  // empty
    value = slots_[taken % kSlots];
    taken_.store(taken + 1, std::memory_order_release);
    return true;
  }

 private:
  static constexpr unsigned kSlots = 2;
  int slots_[kSlots] = {};
  std::atomic<unsigned> put_{0}, taken_{0};
};

int main() {
  Queue queue;
  std::thread producer([&] { queue.Put(7); });
  int value = 7;
  bool took = queue.Take(value);
  producer.join();
  std::printf(took ? "took %d\n" : "came too early\n", value);
  assert(value == 7);
}
