// Two threads add to one vector in which there is room for both.
//
// Bug: push_back writes behind the end and then moves the end: reserve() makes no difference to
// that. Fix: a lock. Idea: "arrays are thread-safe if I reserved": a weekly question of every
// forum.
#include <cassert>
#include <mutex>
#include <thread>
#include <vector>

int main() {
  std::mutex mutex;
  std::vector<int> found;
  found.reserve(4);
  auto add = [&](int item) {
#ifdef FIXED
    std::lock_guard lock(mutex);
#endif
    found.push_back(item);
  };
  std::thread a(add, 1), b(add, 2);
  a.join();
  b.join();
  assert(found.size() == 2 && found[0] + found[1] == 3);
  return 0;
}
