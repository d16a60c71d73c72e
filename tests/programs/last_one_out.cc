// Three workers each add their part; the last one done writes the sum down.
//
// Bug: a worker counts itself as done before it has added its part. The last one writes a sum in
// which that part is missing.
// Fix: count last.
// Idea: the countdown of every parallel sum; order violations of Lu et al. 2008.
#include <atomic>
#include <cassert>
#include <thread>
#include <vector>

int main() {
  std::atomic<int> sum{0}, working{3};
  std::atomic<int> written{0};
  auto work = [&](int part) {
#ifdef FIXED
    sum += part;
    if (--working == 0) written = sum.load();
#else
    bool last = --working == 0;
    sum += part;
    if (last) written = sum.load();
#endif
  };
  std::vector<std::thread> workers;
  for (int part = 1; part <= 3; ++part) workers.emplace_back(work, part);
  for (std::thread& worker : workers) worker.join();
  assert(written == 6);
  return 0;
}
