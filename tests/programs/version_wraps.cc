// A pair with a version in two bits: a reader starts again if the version has changed.
//
// Bug: two writes later the version is the same again. A reader that reads one half before and one
// half after both writes does not notice.
// Fix: more bits.
// Idea: ABA again, on a sequence number; the wrapped-around tags of Michael 2004.
#include <atomic>
#include <cassert>
#include <thread>

namespace {

#ifdef FIXED
constexpr unsigned kVersions = 1U << 31;
#else
constexpr unsigned kVersions = 4;
#endif

struct Pair {
  std::atomic<unsigned> version{0};
  std::atomic<int> a{0}, b{0};

  void Write(int value) {
    version = (version + 1) % kVersions;
    a = value;
    b = value;
    version = (version + 1) % kVersions;
  }

  void Read() {
    unsigned before = version;
    if (before % 2 == 1) return;
    int seen_a = a, seen_b = b;
    if (version == before) assert(seen_a == seen_b);
  }
};

}  // namespace

int main() {
  Pair pair;
  std::thread writer([&] {
    pair.Write(1);
    pair.Write(2);
  });
  std::thread reader([&] { pair.Read(); });
  writer.join();
  reader.join();
  return 0;
}
