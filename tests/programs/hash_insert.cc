// Three threads put keys into a table; a key whose place is taken goes to the next free one.
//
// Bug: "is it free?" and "it is mine" are two steps. Two of the keys fall on the same place, and
// one is lost. Fix: compare and exchange. Idea: "indexer" of Flanagan and Godefroid 2005, where
// only few of the threads can meet.
#include <atomic>
#include <cassert>
#include <thread>

namespace {

constexpr int kPlaces = 4;

struct Table {
  std::atomic<int> keys[kPlaces] = {};

  void Insert(int key) {
    for (int place = key % kPlaces;; place = (place + 1) % kPlaces) {
      int free = 0;
#ifdef FIXED
      if (keys[place].compare_exchange_strong(free, key)) return;
#else
      if (keys[place] == free) {
        keys[place] = key;
        return;
      }
#endif
    }
  }

  bool Has(int key) const {
    for (const auto& place : keys) {
      if (place == key) return true;
    }
    return false;
  }
};

}  // namespace

int main() {
  Table table;
  std::thread a([&] { table.Insert(1); });
  std::thread b([&] { table.Insert(2); });
  std::thread c([&] { table.Insert(5); });
  a.join();
  b.join();
  c.join();
  assert(table.Has(1) && table.Has(2) && table.Has(5));
  return 0;
}
