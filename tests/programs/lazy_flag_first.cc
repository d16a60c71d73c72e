// A table is filled by the first thread that needs it.
//
// Bug: the flag says "filled" before it is: the second thread goes on with a table of zeros.
// Fix: the flag comes last, and a lock lets the second one wait.
// Idea: Mozilla's and MySQL's order violations in Lu et al. 2008; "lazy initialisation" of
// JaConTeBe.
#include <atomic>
#include <cassert>
#include <mutex>
#include <thread>

namespace {

class Squares {
 public:
  int Of(int number) {
#ifdef FIXED
    std::lock_guard lock(mutex_);
#endif
    if (!filled_.exchange(true)) {
      for (int i = 0; i < 3; ++i) table_[i] = i * i;
    }
    return table_[number];
  }

 private:
  std::mutex mutex_;
  std::atomic<bool> filled_{false};
  std::atomic<int> table_[3] = {};
};

}  // namespace

int main() {
  Squares squares;
  std::thread a([&] { assert(squares.Of(2) == 4); });
  std::thread b([&] { assert(squares.Of(2) == 4); });
  a.join();
  b.join();
  return 0;
}
