// Two threads add each other's number to their own, four times each; the author thinks that the
// numbers cannot reach the tenth Fibonacci number.
//
// Bug: they can, in one order of eight steps only: strictly by turns. All others stay below.
// Fix: the bound is the right one.
// Idea: "fib_bench" of the pthread programs of SV-COMP, whose one bad interleaving is the longest.
#include <atomic>
#include <cassert>
#include <thread>

namespace {
constexpr int kRounds = 4;
#ifdef FIXED
constexpr int kBound = 56;
#else
constexpr int kBound = 55;
#endif
}  // namespace

int main() {
  std::atomic<int> i{1}, j{1};
  std::thread left([&] {
    for (int round = 0; round < kRounds; ++round) i += j;
  });
  std::thread right([&] {
    for (int round = 0; round < kRounds; ++round) j += i;
  });
  left.join();
  right.join();
  assert(i < kBound && j < kBound);
  return 0;
}
