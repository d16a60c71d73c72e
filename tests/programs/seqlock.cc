// A writer changes a pair behind a sequence number that is odd while it does.
//
// Bug: the reader waits for an even number, reads, and does not look again: the writer may have
// begun meanwhile.
// Fix: look again, and start anew if the number is another one.
// Idea: Linux's seqlock, with read_seqretry left out.
#include <atomic>
#include <cassert>
#include <thread>

namespace {

struct Pair {
  std::atomic<unsigned> sequence{0};
  std::atomic<int> a{0}, b{0};

  void Write(int value) {
    ++sequence;
    a = value;
    b = value;
    ++sequence;
  }

  void Read() {
    for (;;) {
      unsigned before = sequence;
      if (before % 2 == 1) {
        std::this_thread::yield();
        continue;
      }
      int seen_a = a, seen_b = b;
#ifdef FIXED
      if (sequence != before) continue;
#endif
      assert(seen_a == seen_b);
      return;
    }
  }
};

}  // namespace

int main() {
  Pair pair;
  std::thread writer([&] { pair.Write(1); });
  std::thread reader([&] { pair.Read(); });
  writer.join();
  reader.join();
  return 0;
}
