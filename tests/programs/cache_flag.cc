// A cache with a flag that says that it is empty, so that clearing an empty one costs nothing.
//
// Bug: table and flag are set under the lock, but one by one. Clearing falls between an entry and
// its flag: the cache is empty and the flag says that it is not, or worse, the other way round.
// Fix: one critical section for both.
// Idea: Mozilla's js_FlushPropertyCache, the two-variable example of Lu et al. 2008.
#include <cassert>
#include <mutex>
#include <thread>

namespace {

struct Cache {
  std::mutex mutex;
  int entry = 0;
  bool empty = true;

  void Fill(int value) {
    std::unique_lock lock(mutex);
    empty = false;
#ifndef FIXED
    lock.unlock();
    lock.lock();
#endif
    entry = value;
  }

  void Clear() {
    std::lock_guard lock(mutex);
    if (empty) return;
    entry = 0;
    empty = true;
  }
};

}  // namespace

int main() {
  Cache cache;
  std::thread fill([&] { cache.Fill(7); });
  std::thread clear([&] { cache.Clear(); });
  fill.join();
  clear.join();
  assert(cache.empty == (cache.entry == 0));
  return 0;
}
