// Two threads keep each other out: each raises its flag and goes in if the other one's is down.
// That is the first half of Dekker's and Peterson's algorithms. It is wrong in its memory order,
// and no run of it shows that as long as each load reads the newest value; -DFIXED is right.
//
//   tools/interleave --memory=tso examples/interleave/two_flags.cc
//   tools/interleave --memory=tso examples/interleave/two_flags.cc -- -DFIXED
#include <atomic>
#include <cassert>
#include <cstdio>
#include <thread>

#ifdef FIXED
constexpr auto kRaise = std::memory_order_seq_cst, kLook = std::memory_order_seq_cst;
#else
constexpr auto kRaise = std::memory_order_release, kLook = std::memory_order_acquire;
#endif

std::atomic<bool> left_wants{false}, right_wants{false};

bool GoesIn(std::atomic<bool>& mine, const std::atomic<bool>& others) {
  mine.store(true, kRaise);
  return !others.load(kLook);
}

int main() {
  bool left = false, right = false;
  std::thread one([&] { left = GoesIn(left_wants, right_wants); });
  std::thread two([&] { right = GoesIn(right_wants, left_wants); });
  one.join();
  two.join();
  std::puts(left ? "left is in" : right ? "right is in" : "nobody is in");
  assert(!(left && right));
}
