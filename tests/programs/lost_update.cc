// Two threads count visitors.
//
// Bug: `visitors + 1` reads, and the assignment writes; between the two the other thread can do
// both, and its visitor is forgotten.
// Fix: one operation that does it all, a std::atomic.
// Idea: the first program of every course; Lu et al. 2008 count 70 % of what is no deadlock as such
// atomicity violations.
#include <atomic>
#include <cassert>
#include <thread>

int main() {
#ifdef FIXED
  std::atomic<int> visitors{0};
#else
  int visitors = 0;
#endif
  auto count = [&] { visitors += 1; };
  std::thread left(count), right(count);
  left.join();
  right.join();
  assert(visitors == 2);
  return 0;
}
