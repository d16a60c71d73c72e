// Four threads set a pair, each (1, -1); a fifth checks that it sees nothing or both.
//
// Bug: a setter that is stopped between its two stores leaves half a pair for the checker; but all
// the other setters must not have finished before, or the second half is there.
// Fix: a lock around the pair.
// Idea: "reorder_N" of the pthread programs of SV-COMP and SCTBench: the more setters, the rarer.
#include <atomic>
#include <cassert>
#include <mutex>
#include <thread>
#include <vector>

int main() {
  std::mutex mutex;
  std::atomic<int> a{0}, b{0};
  auto set = [&] {
#ifdef FIXED
    std::lock_guard lock(mutex);
#endif
    a = 1;
    b = -1;
  };
  auto check = [&] {
#ifdef FIXED
    std::lock_guard lock(mutex);
#endif
    int seen_a = a;
    int seen_b = b;
    assert((seen_a == 0 && seen_b == 0) || (seen_a == 1 && seen_b == -1));
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(set);
  threads.emplace_back(check);
  for (std::thread& thread : threads) thread.join();
  return 0;
}
